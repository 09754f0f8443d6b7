"""What path attribution hands out: frozen results that survive a round trip through JSON."""

from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from ml.errors import BadFrame
from ml.frames import FloatArray

FORMAT = 1
ModelName: TypeAlias = Literal[
    "first", "last", "last_non_direct", "linear", "time_decay", "position", "markov", "shapley"
]


@dataclass(frozen=True, eq=False)
class ModelCredit:
    """What one model gives each channel, arrays (C,): sales and currency units, with bootstrap intervals.

    `sampling_error` (C,) is the standard error of `conversions` that comes from sampled orders; None where nothing was sampled.
    """

    model: ModelName
    conversions: FloatArray
    conversions_low: FloatArray
    conversions_high: FloatArray
    value: FloatArray
    value_low: FloatArray
    value_high: FloatArray
    sampling_error: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class PathAttribution:
    """Credit per model and channel. For every model, Σ conversions + `untouched_conversions` = `conversions`, and so for
    value. `untouched`: sales without a recorded touch. `level`: of the intervals, from `draws` re-drawn samples."""

    channels: tuple[str, ...]
    credits: tuple[ModelCredit, ...]
    currency: str
    people: int
    conversions: float
    value: float
    untouched_conversions: float
    untouched_value: float
    level: float
    draws: int
    seed: int
    notes: tuple[str, ...]

    @property
    def models(self) -> tuple[ModelName, ...]:
        """The models in the order of `credits`."""
        return tuple(credit.model for credit in self.credits)

    def credit(self, model: str) -> ModelCredit:
        """The credit of one model by its name; raises `KeyError`."""
        for credit in self.credits:
            if credit.model == model:
                return credit
        raise KeyError(model)

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        """Plain lists, numbers and strings at full precision, so that sums still hold; `from_dict` takes it back."""
        return {"format": FORMAT, **plain(self)}

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> "PathAttribution":  # a JSON document
        """The attribution that `to_dict` wrote. Raises `BadFrame` for a document of another format."""
        if document.get("format") != FORMAT:
            raise BadFrame("This path attribution was stored in another format.", "Run it again.")
        rest = {field.name: document[field.name] for field in fields(cls)}
        rest["channels"], rest["notes"] = tuple(rest["channels"]), tuple(rest["notes"])
        return cls(**{**rest, "credits": tuple(_credit(row) for row in rest["credits"])})


def plain(value: Any) -> Any:  # Any: walks frozen results, whose types are declared with them
    """Plain JSON of a frozen result: arrays and tuples as lists, numbers that are not finite as None."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return float(value) if np.isfinite(value) else None
    return value


def _credit(row: dict[str, Any]) -> ModelCredit:  # a JSON document
    arrays = {name: np.array(value, float) for name, value in row.items() if isinstance(value, list)}
    return ModelCredit(**{**row, **arrays})
