"""Domains that arguments of read-outs share, checked once."""

import numpy as np

from ml.errors import BadOption


def check_alpha(alpha: float) -> None:
    """Raise `BadOption` unless 0 < alpha ≤ 0.5."""
    if not 0 < alpha <= 0.5:
        raise BadOption(
            f"The share of false alarms (alpha) is {alpha}.", "Choose one above 0 and up to 0.5, usually 0.05."
        )


def check_share(name: str, value: float) -> None:
    """Raise `BadOption` unless 0 < value < 1."""
    if not 0 < value < 1:
        raise BadOption(f"{name} is {value}.", "Choose a number between 0 and 1.")


def check_positive(name: str, value: float) -> None:
    """Raise `BadOption` unless the value is finite and above 0."""
    if not (np.isfinite(value) and value > 0):
        raise BadOption(f"{name} is {value}.", "Choose a number above 0.")
