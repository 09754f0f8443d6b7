"""Published figures in plain words."""

from app.performance.norm_comparing import Beside
from app.performance.wording import Tone
from kit.format import amount, multiple, percent
from ml.norms import NormMetric, NormUnit

LABELS: dict[NormMetric, tuple[str, str]] = {
    "ctr": ("CTR", "Click-through rate: clicks divided by impressions."),
    "cpc": ("CPC", "Cost per click: spend divided by clicks."),
    "cvr": ("Conversion rate", "Conversions divided by clicks."),
    "cost_per_lead": (
        "Cost per lead",
        "Spend divided by conversions. Those who published it count leads; if your conversions are orders, compare with care.",
    ),
    "roas": ("ROAS", "Return on ad spend: revenue divided by spend, as each platform counts it."),
    "open_rate": ("Open rate", "Opened emails divided by delivered ones."),
    "click_rate": ("Click rate of emails", "Emails with a click divided by delivered ones."),
}
_GOOD_UP: tuple[NormMetric, ...] = ("ctr", "cvr", "roas", "open_rate", "click_rate")
_POSITIONS = {"below": "Below", "near": "About the same", "above": "Above"}


def norm_text(value: float | None, unit: NormUnit) -> str:
    """A value in a norm's unit."""
    if unit == "share":
        return percent(value, digits=2)
    return amount(value, unit) if unit == "USD" else multiple(value)


def position_text(beside: Beside) -> str:
    """Where the own value stands; empty where it cannot be compared."""
    return _POSITIONS[beside.comparison.position] if beside.comparison else ""


def position_tone(beside: Beside) -> Tone:
    """Whether that is good news."""
    if beside.comparison is None or beside.comparison.position == "near":
        return "plain"
    is_good = (beside.comparison.position == "above") == (beside.norm.metric in _GOOD_UP)
    return "good" if is_good else "bad"


def beside_sentence(beside: Beside) -> str:
    """The comparison in a sentence that names the source, or why there is none."""
    label = LABELS[beside.norm.metric][0]
    if beside.comparison is None:
        return f"Your {label} cannot be compared. {beside.own.reason}"
    return f"Your {label} of the last 90 days: {beside.comparison.sentence}"
