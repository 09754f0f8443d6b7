"""Results as documents and sentences: the JSON of `adloom mix fit` and `adloom mix optimize`, and what a person reads."""

from typing import Any

from ml.mix.optimise import BudgetPlan
from ml.mix.results import ChannelResult, Check, MixFit, ResponseCurve, rounded

CHANNEL_FIELDS = (
    "channel",
    "spend",
    "contribution",
    "contribution_low",
    "contribution_high",
    "roi_mean",
    "roi_low",
    "roi_high",
    "mroi_mean",
    "mroi_low",
    "mroi_high",
    "grade",
    "grade_reason",
    "share",
    "mean_lag_days",
    "saturation",
    "current_per_day",
)
SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def mix_fit_document(fit: MixFit) -> dict[str, Any]:  # a JSON document
    """What `adloom mix fit --json` prints; every field is described in the CLI's reference."""
    return {
        "channels": [_channel_document(channel) for channel in fit.channels],
        "baseline": fit.baseline,
        "fit": {"r2": fit.fit.r2, "holdout_mape": fit.fit.holdout_mape, "rhat": fit.fit.rhat},
        "warnings": list(fit.warnings),
        "checks": [check_document(check) for check in fit.checks],
        "preview": fit.preview,
        "currency": fit.currency,
        "cadence_days": fit.cadence_days,
        "cpu_s": round(fit.cpu_s, 3),
    }


def budget_document(plan: BudgetPlan) -> dict[str, Any]:  # a JSON document
    """What `adloom mix optimize --json` prints; every field is described in the CLI's reference."""
    document = plan.to_dict()
    document["allocation"] = list(document["allocation"])
    document["binding"] = list(document["binding"])
    return document


def check_document(check: Check) -> dict[str, Any]:  # a JSON document
    """One light with its sentence, as `adloom mix diagnose --json` and the API give it."""
    return {
        "name": check.name,
        "channel": check.channel,
        "light": check.light,
        "sentence": check.sentence,
        "explanation": check.explanation,
        "figure": check.figure,
    }


def channel_sentence(channel: ChannelResult, currency: str = "USD") -> str:
    """One channel's answer in plain words; no number where the grade says that there is none to give."""
    if channel.grade == "cannot_tell":
        return f"{channel.channel}: cannot tell yet. {channel.grade_reason}"
    sign = SIGNS.get(currency, f"{currency} ")
    mean, low, high = (f"{sign}{value:,.2f}" for value in (channel.roi_mean, channel.roi_low, channel.roi_high))
    certainty = "" if channel.grade == "reliable" else " Not precise yet."
    return f"{channel.channel}: about {mean} back per {sign}1, likely between {low} and {high}.{certainty}"


def summary_sentences(fit: MixFit) -> tuple[str, ...]:
    """One sentence per channel, the surest first."""
    order = {"reliable": 0, "uncertain": 1, "cannot_tell": 2}
    ranked = sorted(fit.channels, key=lambda channel: (order[channel.grade], -channel.contribution))
    return tuple(channel_sentence(channel, fit.currency) for channel in ranked)


def quality_sentence(fit: MixFit) -> str:
    """How well the model describes the data, for someone who does not know what R² is."""
    explained = f"The model explains {max(fit.fit.r2, 0.0):.0%} of the ups and downs of revenue"
    if fit.fit.holdout_mape is None:
        return f"{explained}."
    return (
        f"{explained}. On the last weeks, which it had not seen, it was off by {fit.fit.holdout_mape:.0%} on average."
    )


def _channel_document(channel: ChannelResult) -> dict[str, Any]:
    document: dict[str, Any] = {name: getattr(channel, name) for name in CHANNEL_FIELDS}
    return {**document, "curve": _curve_document(channel.curve)}


def _curve_document(curve: ResponseCurve) -> list[dict[str, float]]:
    columns = (curve.spend_per_day, curve.revenue_per_day, curve.low, curve.high)
    names = ("spend_per_day", "revenue_per_day", "low", "high")
    rows = zip(*(rounded(column).tolist() for column in columns), strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows]
