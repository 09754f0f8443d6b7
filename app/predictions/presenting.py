"""The ledger in a marketer's words: a card per kind, its last predictions beside what happened, and the model that runs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.predictions.models import ModelVersion, Prediction, PredictionScore
from app.predictions.schemas import TrackRecord
from app.predictions.wording import METHOD_WORDS, range_of, value_in_words
from kit.format import MISSING, ago, day, day_range, percent

_TONES = {"as_promised": "good", "too_narrow": "bad", "too_wide": "warn", "unclear": "warn", "too_few": "plain"}
_LABELS = {
    "as_promised": "As promised",
    "too_narrow": "Too sure of itself",
    "too_wide": "More careful than needed",
    "unclear": "Not clear yet",
    "too_few": "Too few to tell",
}


@dataclass(frozen=True)
class Offer:
    """The plan does not include predictions: what they would show, and what that costs."""

    plan_name: str
    price: str
    href: str


@dataclass(frozen=True)
class PredictionLine:
    """One prediction with what came of it; `reason` where nothing can be said."""

    about: str
    days: str
    made: str
    predicted: str
    range: str
    actual: str
    label: str
    tone: str
    reason: str


@dataclass(frozen=True)
class RecordCard:
    """A kind of prediction: its verdict, and its last predictions."""

    id: str
    title: str
    label: str
    tone: str
    sentence: str
    promised: str
    held: str
    off: str
    scored: str
    waiting: str
    lines: tuple[PredictionLine, ...]


@dataclass(frozen=True)
class ModelCard:
    """The model that predicts campaigns, in pairs of label and value."""

    facts: tuple[tuple[str, str], ...]
    drift: str
    drift_tone: str
    newer: str


@dataclass(frozen=True)
class TrackRecordPage:
    """The variables of predictions/list.html."""

    base: str
    here: str
    offer: Offer | None
    cards: tuple[RecordCard, ...]
    model: ModelCard | None
    may_train: bool


@dataclass(frozen=True)
class RecordLine:
    """The variables of predictions/record_line.html: one sentence below a prediction, wherever it is shown."""

    sentence: str
    label: str
    tone: str
    href: str


@dataclass(frozen=True)
class CampaignNumber:
    """A campaign's next days in one outcome. `value` is empty where there is a `reason` instead."""

    label: str
    explanation: str
    value: str
    range: str
    note: str
    record: str
    reason: str


@dataclass(frozen=True)
class CampaignPart:
    """The variables of predictions/campaign_part.html."""

    offer: Offer | None
    numbers: tuple[CampaignNumber, ...]
    rests_on: str
    calibration: tuple[tuple[str, str], ...]
    reason: str
    hint: str
    href: str


def record_card(
    found: TrackRecord, newest: list[tuple[Prediction, PredictionScore | None]], *, now: datetime
) -> RecordCard:
    """One kind's card."""
    return RecordCard(
        id=found.kind.replace("_", "-"),
        title=found.name,
        label=_LABELS[found.verdict],
        tone=_TONES[found.verdict],
        sentence=found.sentence,
        promised=percent(found.level, digits=0),
        held=MISSING if found.share_inside is None else percent(found.share_inside, digits=0),
        off=MISSING if found.median_error is None else percent(found.median_error, digits=0),
        scored=str(found.scored),
        waiting=str(found.waiting),
        lines=tuple(_line(prediction, score, now) for prediction, score in newest),
    )


def record_line(found: TrackRecord, *, href: str) -> RecordLine:
    """The record in a line."""
    return RecordLine(found.sentence, _LABELS[found.verdict], _TONES[found.verdict], href)


def _line(prediction: Prediction, score: PredictionScore | None, now: datetime) -> PredictionLine:
    label, tone = _outcome(score)
    return PredictionLine(
        about=prediction.subject or "All of your business",
        days=day_range(prediction.since, prediction.until),
        made=ago(prediction.made_at, now),
        predicted=value_in_words(prediction.point, prediction.unit, prediction.currency),
        range=range_of(prediction),
        actual=MISSING
        if score is None or score.actual is None
        else value_in_words(score.actual, prediction.unit, prediction.currency),
        label=label,
        tone=tone,
        reason=score.reason if score else f"Its last day is {day(prediction.until)}.",
    )


def _outcome(score: PredictionScore | None) -> tuple[str, str]:
    if score is None:
        return "Waits", "info"
    if score.inside is None:
        return "Cannot be told", "plain"
    return ("Within the range", "good") if score.inside else ("Outside", "bad")


def model_card(running: ModelVersion, newest: ModelVersion | None) -> ModelCard:
    """The running model: since when, from what, how far off on days that it had not seen, and whether it still fits."""
    drift = running.drift or {}
    facts = [
        ("Version", f"{running.version}, learnt from {day_range(running.trained_since, running.trained_until)}"),
        ("Why this one", running.reason),
    ]
    facts += [_metric(name, metrics) for name, metrics in sorted(running.metrics.items()) if name.endswith("as_it_was")]
    is_newer = newest is not None and newest.version > running.version
    return ModelCard(
        facts=tuple(facts),
        drift=drift.get("sentence", "It is looked at each Monday, before the next training."),
        drift_tone={"steady": "good", "watch": "warn", "drifted": "bad"}.get(drift.get("state", ""), "plain"),
        newer=newest.reason if newest is not None and is_newer else "",
    )


def _metric(name: str, metrics: dict[str, Any]) -> tuple[str, str]:
    outcome, horizon, _ = name.split(".")
    label = f"{'Conversions' if outcome == 'conversions' else 'ROAS'}, {horizon} days"
    return label, calibration_in_words(metrics)


def calibration_in_words(metrics: dict[str, Any]) -> str:
    """How a method did on days that it had not seen, beside the simplest way to predict."""
    error, baseline = metrics["errors"][metrics["method"]], metrics["errors"]["carried"]
    method = METHOD_WORDS.get(metrics["method"], metrics["method_name"])
    words = f"{method}: off by {percent(error, digits=0)}"
    if metrics["method"] != "carried":
        words += f" (last 28 days carried forward: {percent(baseline, digits=0)})"
    if metrics["held80"] is not None:
        words += f"; {percent(metrics['held80'], digits=0)} within the {percent(metrics['promised'], digits=0)} range"
    return words
