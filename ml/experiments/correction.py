"""p-values corrected for how many questions were asked at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ml.errors import BadOption
from ml.frames import FloatArray


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's adjusted p-values, in the order given: the chance of *any* false alarm among k questions stays below alpha.

    Sorted ascending p₍₁₎ … p₍ₖ₎: adjusted₍ᵢ₎ = max over j ≤ i of min(1, (k − j + 1) p₍ⱼ₎) (Holm 1979). Valid for always-valid
    p-values at any time. Raises `BadOption` for values outside 0–1.

    >>> [round(value, 3) for value in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    values, order = _sorted(p_values)
    steps = np.maximum.accumulate(values * np.arange(len(values), 0, -1))
    return _back(np.minimum(steps, 1.0), order)


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values, in the order given, that bound the expected share of false ones among those called real.

    Sorted ascending: adjusted₍ᵢ₎ = min over j ≥ i of min(1, k p₍ⱼ₎ ÷ j) (Benjamini & Hochberg 1995).
    Raises `BadOption` for values outside 0–1.

    >>> [round(value, 3) for value in benjamini_hochberg([0.01, 0.04, 0.03])]
    [0.03, 0.04, 0.04]
    """
    values, order = _sorted(p_values)
    scaled = values * len(values) / np.arange(1, len(values) + 1)
    steps = np.minimum.accumulate(scaled[::-1])[::-1]
    return _back(np.minimum(steps, 1.0), order)


def _sorted(p_values: Sequence[float]) -> tuple[FloatArray, NDArray[np.intp]]:
    values = np.asarray(p_values, float)
    if not ((values >= 0) & (values <= 1)).all():
        raise BadOption("A p-value lies outside 0–1.", "Leave out questions that have no p-value yet.")
    order = np.argsort(values, kind="stable")
    return values[order], order


def _back(adjusted: FloatArray, order: NDArray[np.intp]) -> tuple[float, ...]:
    result = np.empty_like(adjusted)
    result[order] = adjusted
    return tuple(float(value) for value in result)
