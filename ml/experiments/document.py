"""Results as JSON documents: dataclasses, arrays and dates become plain values, and infinite ends of intervals null."""

from dataclasses import fields, is_dataclass
from typing import Any, TypeAlias

import numpy as np

Document: TypeAlias = dict[str, Any]  # JSON


def plain(result: object) -> Document:
    """The fields of a dataclass as a JSON document."""
    return {field.name: _value(getattr(result, field.name)) for field in fields(result)}  # type: ignore[arg-type]  # a dataclass


def _value(value: Any) -> Any:  # JSON
    if is_dataclass(value):
        return plain(value)
    if isinstance(value, tuple | list):
        return [_value(item) for item in value]
    if isinstance(value, np.ndarray):
        return [_value(item) for item in value]
    if isinstance(value, np.datetime64):
        return str(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
