"""Asking a trained model: what a campaign will bring over its next days, for the spend planned or as it was."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.errors import BadOption, CampaignUnknown, NothingLearnt
from ml.frames import FloatArray
from ml.predict.campaigns.features import LEAST_DAYS, RECENT, Examples, examples_at
from ml.predict.campaigns.history import CampaignHistory
from ml.predict.campaigns.methods import NAMES
from ml.predict.campaigns.model import OUTCOMES, Calibration, CampaignModel, Mode, Outcome
from ml.predict.campaigns.train import known_outcome

FAR_BEYOND = 1.5


@dataclass(frozen=True)
class Estimate:
    """One number with its 80 % range, and a 95 % range where the past is long enough for one. `own_share` is how much of it rests
    on the campaign's own days; `method` names how it was made, `calibration` how that has done."""

    point: float
    low80: float
    high80: float
    low95: float | None
    high95: float | None
    own_share: float
    method: str
    calibration: Calibration

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        """Plain numbers."""
        return {
            "point": self.point,
            "low80": self.low80,
            "high80": self.high80,
            "low95": self.low95,
            "high95": self.high95,
            "own_share": self.own_share,
            "method": self.method,
            "calibration": self.calibration.to_dict(),
        }


@dataclass(frozen=True)
class CampaignPrediction:
    """What a campaign brings over the next `horizon_days` days. `spend` in currency over all of them, planned or assumed;
    `conversions` a count, `roas` value ÷ spend; None where the model could not learn it, and `refusals` says why."""

    key: str
    horizon_days: int
    spend: float
    is_planned: bool
    conversions: Estimate | None
    roas: Estimate | None
    refusals: dict[str, str]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        """Plain numbers, lists and strings."""
        return {
            "key": self.key,
            "horizon_days": self.horizon_days,
            "spend": self.spend,
            "is_planned": self.is_planned,
            "conversions": self.conversions and self.conversions.to_dict(),
            "roas": self.roas and self.roas.to_dict(),
            "refusals": self.refusals,
            "warnings": list(self.warnings),
        }


def predict_campaign(
    model: CampaignModel,
    history: CampaignHistory,
    key: str,
    *,
    horizon_days: int,
    planned_spend: float | None = None,
) -> CampaignPrediction:
    """What the campaign brings over the `horizon_days` days after the history's last.

    Args: `planned_spend` in currency over the whole horizon, > 0; None: it goes on as in its last two weeks.
    Raises `CampaignUnknown` for a campaign that is not in the history, younger than two weeks or without spend in the last two;
    `NothingLearnt` where the model knows neither outcome over this horizon; `BadOption` for a plan that is no positive number.
    """
    if planned_spend is not None and not (np.isfinite(planned_spend) and planned_spend > 0):
        raise BadOption("The planned spend must be a number above 0.", "Leave it out to assume the spend of late.")
    _require_known(history, key)
    plans = None if planned_spend is None else {key: planned_spend}
    found = predict_campaigns(model, history, horizon_days=horizon_days, planned_spend=plans, only=(key,))
    if not found:
        raise CampaignUnknown(
            "The platform tells nothing for this campaign that could be predicted.",
            "Set up conversion tracking on its platform.",
        )
    return found[0]


def predict_campaigns(
    model: CampaignModel,
    history: CampaignHistory,
    *,
    horizon_days: int,
    planned_spend: dict[str, float] | None = None,
    only: tuple[str, ...] | None = None,
) -> list[CampaignPrediction]:
    """The same for every campaign that has run for two weeks and spent in the last two, by key; others are left out.

    Campaigns with a plan in `planned_spend` are predicted for it, all others as they were. Raises `NothingLearnt`.
    """
    if not any(horizon == horizon_days for _, horizon in model.predictors):
        raise NothingLearnt(
            f"There is too little to predict {horizon_days} days ahead.",
            next(iter(model.refusals.values()), "Wait for more days of data."),
        )
    planned = {key: value for key, value in (planned_spend or {}).items() if only is None or key in only}
    estimates: dict[str, dict[str, tuple[Estimate, float]]] = {}
    for outcome in OUTCOMES:
        for key, found in _estimates(model, history, outcome, horizon_days, planned).items():
            if only is None or key in only:
                estimates.setdefault(key, {})[outcome] = found
    return [_joined(model, history, key, horizon_days, planned.get(key), estimates[key]) for key in sorted(estimates)]


def _estimates(
    model: CampaignModel, history: CampaignHistory, outcome: Outcome, horizon: int, planned: dict[str, float]
) -> dict[str, tuple[Estimate, float]]:
    """Per key the estimate and the spend over the horizon that it is for."""
    if (outcome, horizon) not in model.predictors:
        return {}
    known = known_outcome(history, outcome, model.spreads[outcome])
    now = examples_at(known, np.array([history.days]), horizon_days=horizon)
    keys = np.array(history.keys)[now.campaign]
    is_planned = np.isin(keys, list(planned))
    found: dict[str, tuple[Estimate, float]] = {}
    for mode, chosen in (("planned", is_planned), ("as_it_was", ~is_planned)):
        if chosen.any():
            some = now.taken(chosen)
            spend = np.array([planned[key] for key in keys[chosen]]) if mode == "planned" else None
            found |= _of_mode(model, outcome, horizon, mode, some, keys[chosen], spend)  # type: ignore[arg-type]  # a mode
    return found


def _of_mode(
    model: CampaignModel,
    outcome: Outcome,
    horizon: int,
    mode: Mode,
    now: Examples,
    keys: np.ndarray,
    planned: FloatArray | None,
) -> dict[str, tuple[Estimate, float]]:
    predictor = model.predictors[outcome, horizon]
    calibration, bands = predictor.calibrations[mode], predictor.bands[mode]
    spend = predictor.learnt.assumed_spend(now) if planned is None else planned
    method = calibration.method
    if outcome == "value" and method == "carried":
        method = "carried_rate"
    point = predictor.learnt.expected(now, method, spend=spend, planned=planned)
    ranges = [bands.around(point, level) for level in (0, 1)]
    divisor = np.ones_like(spend) if outcome == "conversions" else np.maximum(spend, 1e-300)
    own = np.ones_like(spend) if method in {"carried", "carried_rate"} else now.own_share

    def at(level: int, side: int, row: int) -> float | None:
        around = ranges[level]
        return None if around is None else float(around[side][row] / divisor[row])

    return {
        str(key): (
            Estimate(
                point=float(point[row] / divisor[row]),
                low80=at(0, 0, row) or 0.0,
                high80=at(0, 1, row) or 0.0,
                low95=at(1, 0, row),
                high95=at(1, 1, row),
                own_share=float(own[row]),
                method=NAMES[method],
                calibration=calibration,
            ),
            float(spend[row]),
        )
        for row, key in enumerate(keys)
    }


def _joined(
    model: CampaignModel,
    history: CampaignHistory,
    key: str,
    horizon: int,
    planned: float | None,
    found: dict[str, tuple[Estimate, float]],
) -> CampaignPrediction:
    spend = planned if planned is not None else next(iter(found.values()))[1]
    ending = f".{horizon}"
    return CampaignPrediction(
        key=key,
        horizon_days=horizon,
        spend=spend,
        is_planned=planned is not None,
        conversions=found["conversions"][0] if "conversions" in found else None,
        roas=found["value"][0] if "value" in found else None,
        refusals={name.split(".")[0]: why for name, why in model.refusals.items() if name.endswith(ending)},
        warnings=_warnings(history, key, spend / horizon, is_planned=planned is not None),
    )


def _warnings(history: CampaignHistory, key: str, per_day: float, *, is_planned: bool) -> tuple[str, ...]:
    own = history.spend[:, history.index(key)]
    weeks = np.convolve(own, np.ones(7) / 7, mode="valid") if len(own) >= 7 else own
    if is_planned and per_day > FAR_BEYOND * weeks.max():
        return ("It has never spent nearly as much as planned, so the range may be too narrow.",)
    return ()


def _require_known(history: CampaignHistory, key: str) -> None:
    if key not in history.keys:
        raise CampaignUnknown("Nothing is known of this campaign yet.", "Wait for its first days to be read.")
    column = history.index(key)
    age = history.days - int(history.first[column])
    if age < LEAST_DAYS:
        raise CampaignUnknown(
            f"This campaign has run for {age} days; at least {LEAST_DAYS} are needed.",
            f"Come back in {LEAST_DAYS - age} days.",
        )
    if history.spend[-RECENT:, column].sum() <= 0:
        raise CampaignUnknown(
            f"It has spent nothing in the last {RECENT} days, so its next days cannot be told.",
            "Enable it, and ask again two weeks later.",
        )
