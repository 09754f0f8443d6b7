"""Frozen results as plain JSON: the `to_dict` of every prediction."""

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

SIGNIFICANT_DIGITS = 7


def plain_json(value: Any) -> Any:  # a result, or a part of one
    """Dataclasses become objects, arrays lists; numbers keep seven significant digits, what is not finite becomes null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray):
        return _listed(value)
    if isinstance(value, tuple | list):
        return [plain_json(item) for item in value]
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, float):
        return float(f"{plain:.{SIGNIFICANT_DIGITS}g}") if np.isfinite(plain) else None
    return plain


def _listed(values: np.ndarray[Any, np.dtype[Any]]) -> list[Any]:
    if values.dtype.kind in "MUb":
        return list(values.astype(str).tolist()) if values.dtype.kind != "b" else list(values.tolist())
    return [plain_json(item) for item in values.tolist()]
