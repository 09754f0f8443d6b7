"""What training hands out: per outcome and horizon what was learnt, which method is used, how far it is off, how its ranges held."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias, get_args

from ml.errors import BadFrame
from ml.predict.campaigns.bands import Bands
from ml.predict.campaigns.features import FEATURES
from ml.predict.campaigns.methods import METHODS, NAMES, Learnt, Method
from ml.predict.campaigns.shrinkage import Spreads
from ml.predict.drift import Reference

FORMAT = 1
ENGINE = "1"
HORIZONS = (7, 30)
Outcome: TypeAlias = Literal["conversions", "value"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
Mode: TypeAlias = Literal["planned", "as_it_was"]
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True)
class Calibration:
    """On days that the model had not seen: `errors` of each method, Σ|actual − predicted| ÷ Σ actual; the one that is used; and
    the share of outcomes that lay within the 80 % range when it was learnt from the earlier part of those days (`held80`; None
    where that part was too short). `examples` of which `apart` do not overlap."""

    method: Method
    errors: dict[str, float]
    held80: float | None
    examples: int
    apart: float

    @property
    def error(self) -> float:
        """Of the method that is used."""
        return self.errors[self.method]

    @property
    def baseline_error(self) -> float:
        """Of the last 28 days carried forward."""
        return self.errors["carried"]

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        """Plain numbers."""
        return {
            "method": self.method,
            "method_name": NAMES[self.method],
            "errors": self.errors,
            "held80": self.held80,
            "promised": 0.8,
            "examples": self.examples,
            "apart": self.apart,
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "Calibration":  # a JSON document
        """The figures that `to_dict` wrote. Raises `BadFrame` for a method that this version does not know."""
        if stored["method"] not in METHODS:
            raise BadFrame("This stored model uses an unknown method.", "Train it again.")
        errors = {name: float(value) for name, value in stored["errors"].items()}
        held = None if stored["held80"] is None else float(stored["held80"])
        return cls(stored["method"], errors, held, int(stored["examples"]), float(stored["apart"]))


@dataclass(frozen=True, eq=False)
class Predictor:
    """One outcome over one horizon, with and without a plan of spend."""

    learnt: Learnt
    calibrations: dict[Mode, Calibration]
    bands: dict[Mode, Bands]


@dataclass(frozen=True, eq=False)
class CampaignModel:
    """Everything that predicts a workspace's campaigns. `spreads` per outcome; `predictors` by (outcome, horizon): what is not
    there could not be learnt, and `refusals` says why. `reference` is what the features looked like, for the check of drift."""

    trained_since: date
    trained_until: date
    campaigns: int
    spreads: dict[str, Spreads]
    predictors: dict[tuple[str, int], Predictor]
    refusals: dict[str, str]
    reference: Reference
    seed: int
    cpu_s: float

    @property
    def features(self) -> tuple[str, ...]:
        return FEATURES

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        """The model as plain JSON: numbers and lists, no code. `from_dict` takes it back."""
        return {
            "format": FORMAT,
            "engine": ENGINE,
            "features": list(FEATURES),
            "trained_since": self.trained_since.isoformat(),
            "trained_until": self.trained_until.isoformat(),
            "campaigns": self.campaigns,
            "spreads": {
                name: {
                    "dispersion": one.dispersion,
                    "spread": list(one.spread),
                    "half_life_days": one.half_life_days,
                }
                for name, one in self.spreads.items()
            },
            "predictors": [
                {
                    "outcome": outcome,
                    "learnt": one.learnt.to_dict(),
                    "calibrations": {mode: found.to_dict() for mode, found in one.calibrations.items()},
                    "bands": {mode: found.to_dict() for mode, found in one.bands.items()},
                }
                for (outcome, _), one in self.predictors.items()
            ],
            "refusals": self.refusals,
            "reference": self.reference.to_dict(),
            "seed": self.seed,
            "cpu_s": self.cpu_s,
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "CampaignModel":  # a JSON document
        """The model that `to_dict` wrote. Raises `BadFrame` for another format, other features or a damaged document."""
        if stored.get("format") != FORMAT or tuple(stored.get("features", ())) != FEATURES:
            raise BadFrame("This model was stored in another format.", "Train it again.")
        try:
            return cls(
                trained_since=date.fromisoformat(stored["trained_since"]),
                trained_until=date.fromisoformat(stored["trained_until"]),
                campaigns=int(stored["campaigns"]),
                spreads={
                    name: Spreads(
                        float(one["dispersion"]), tuple(map(float, one["spread"])), float(one["half_life_days"])
                    )
                    for name, one in stored["spreads"].items()
                },
                predictors=dict(_predictor(one) for one in stored["predictors"]),
                refusals=dict(stored["refusals"]),
                reference=Reference.from_dict(stored["reference"]),
                seed=int(stored["seed"]),
                cpu_s=float(stored["cpu_s"]),
            )
        except (KeyError, TypeError, ValueError, IndexError) as problem:
            raise BadFrame("This stored model is damaged.", "Train it again.") from problem

    def metrics(self) -> dict[str, Any]:
        """The calibration of each predictor, by `outcome.horizon.mode`."""
        return {
            f"{outcome}.{horizon}.{mode}": found.to_dict()
            for (outcome, horizon), one in self.predictors.items()
            for mode, found in one.calibrations.items()
        }


def _predictor(stored: dict[str, Any]) -> tuple[tuple[str, int], Predictor]:
    learnt = Learnt.from_dict(stored["learnt"])
    calibrations = {mode: Calibration.from_dict(stored["calibrations"][mode]) for mode in MODES}
    bands = {mode: Bands.from_dict(stored["bands"][mode]) for mode in MODES}
    return (stored["outcome"], learnt.horizon_days), Predictor(learnt, calibrations, bands)
