"""Customers' future in a marketer's words: totals, tries on the past, a line per customer."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.predictions.customer_charts import calibration_chart, cohort_chart
from app.predictions.customer_queries import OutlookRow
from app.predictions.models import ModelVersion
from app.predictions.presenting import Offer
from kit.charts import BarChart, ScatterChart
from kit.format import MISSING, ago, amount, count, day, day_range, money_range, percent, range_in_words

Tone = str
ACTS = {"offer": ("Make it", "good"), "test": ("Try it", "warn"), "none": ("None", "plain")}
_HORIZONS = {"30": "Next 30 days", "90": "Next 90 days", "180": "Next half year", "365": "Next year"}
_METHODS = {
    "lifetime": (
        "BG/NBD and Gamma-Gamma read from each customer's own orders how often they buy, how much, and whether they have stopped. "
        "Gradient boosting (many small decision trees) takes their place where it did better on your past."
    ),
    "churn": (
        "How often each customer bought before tells how unusual the silence since is (BG/NBD). Decision trees join in where they did "
        "better on earlier windows."
    ),
}
_DRIFT_TONES = {"steady": "good", "watch": "warn", "drifted": "bad"}


@dataclass(frozen=True)
class Stat:
    """A number with the word that explains it, its range and a note."""

    id: str
    label: str
    explanation: str
    value: str
    range: str = ""
    note: str = ""


@dataclass(frozen=True)
class HorizonLine:
    """What all customers bring over one horizon."""

    name: str
    value: str
    range: str
    grade: str
    reason: str


@dataclass(frozen=True)
class Fit:
    """Which version says it, since when, and whether it still fits."""

    version: str
    method: str
    explanation: str
    drift: str
    tone: Tone
    waits: str


@dataclass(frozen=True)
class ValueCard:
    """What customers will bring."""

    grade: str
    headline: str
    reason: str
    horizons: tuple[HorizonLine, ...]
    stats: tuple[Stat, ...]
    chart: BarChart | None
    warnings: tuple[str, ...]
    fit: Fit


@dataclass(frozen=True)
class LeavingCard:
    """Who stops buying."""

    grade: str
    headline: str
    reason: str
    stats: tuple[Stat, ...]
    chart: ScatterChart
    fit: Fit


@dataclass(frozen=True)
class Refusal:
    """Why there is no number, and what would help."""

    reason: str
    hint: str = ""


@dataclass(frozen=True)
class CustomerLine:
    """One customer in the list."""

    name: str
    id: str
    href: str
    orders: str
    last_order: str
    value: str
    value_range: str
    risk: str
    risk_tone: Tone
    offer: str
    act: str
    act_tone: Tone
    gain: str
    gain_range: str


@dataclass(frozen=True)
class Work:
    """The training that is under way, or the one that stopped."""

    is_running: bool
    label: str
    percent: int = 0
    message: str = ""
    events_url: str = ""
    poll_url: str = ""
    cancel_href: str = ""
    problem: str = ""
    hint: str = ""


@dataclass(frozen=True)
class ListForm:
    """What the list is narrowed to."""

    sort: str
    act: str
    offer: str
    q: str
    is_filtered: bool


@dataclass(frozen=True)
class CustomersPage:
    """The variables of predictions/customers.html."""

    base: str
    here: str
    offer: Offer | None
    may_train: bool
    customers: int
    work: Work | None
    value: ValueCard | None
    value_refusal: Refusal | None
    leaving: LeavingCard | None
    leaving_refusal: Refusal | None
    offers_note: str
    lines: tuple[CustomerLine, ...]
    form: ListForm
    found: str
    page: int
    pages: int
    pages_base: str
    export_href: str


def value_card(
    running: ModelVersion, newest: ModelVersion | None, *, currency: str, today: date, now: datetime
) -> ValueCard:
    """All customers over four horizons, and how the same method did on the past."""
    metrics, held = running.metrics, running.metrics["holdout"]
    told = metrics["horizons"]["90"]
    since = running.trained_until + timedelta(days=1)
    total = money_range(
        None if told["grade"] == "cannot_tell" else told["total"], told["low"], told["high"], currency, level=80
    )
    days = day_range(since, since + timedelta(days=89))
    return ValueCard(
        grade=told["grade"],
        headline=f"Your {count(metrics['customers'])} customers will bring {total} from {days}.",
        reason=told["grade_reason"],
        horizons=tuple(_horizon(name, metrics["horizons"][key], currency) for key, name in _HORIZONS.items()),
        stats=_value_stats(held, currency),
        chart=None if held is None else cohort_chart(held, currency),
        warnings=(*_stale(running.trained_until, today), *metrics["warnings"]),
        fit=_fit(running, newest, now),
    )


def _horizon(name: str, told: dict[str, Any], currency: str) -> HorizonLine:
    is_told = told["grade"] != "cannot_tell"
    return HorizonLine(
        name=name,
        value=amount(told["total"], currency) if is_told else MISSING,
        range=f"{amount(told['low'], currency)} to {amount(told['high'], currency)}",
        grade=told["grade"],
        reason=told["grade_reason"],
    )


def _value_stats(held: dict[str, Any] | None, currency: str) -> tuple[Stat, ...]:
    if held is None:
        return ()
    off = held["value_error"]
    return (
        Stat(
            "total-off",
            "The total was off by",
            "What would have been said of all customers then, against what they brought. A plus means that too much would have been said.",
            MISSING if off is None else _signed_percent(off),
            note=f"{amount(held['predicted_value'], currency)} said, {amount(held['actual_value'], currency)} came",
        ),
        Stat(
            "coverage",
            "Customers within their range",
            "Each customer has a range that should hold in 8 of 10 cases. Where most buy nothing, it holds more often.",
            percent(held["coverage80"], digits=0),
            note="80 % promised",
        ),
        Stat(
            "correlation",
            "Order of customers",
            "How well the order from few to many purchases was foreseen: 1 is perfect, 0 is chance (correlation).",
            MISSING if held["correlation"] is None else f"{held['correlation']:.2f}",
            note=f"{count(held['customers'])} customers were known then",
        ),
    )


def _stale(until: date, today: date) -> tuple[str, ...]:
    age = (today - until).days
    if age <= 14:
        return ()
    return (
        f"The newest order is of {day(until)}, {age} days ago. Everything here counts from the day after; import newer orders to look ahead.",
    )


def _signed_percent(share: float) -> str:
    return f"{'+' if share > 0 else ''}{percent(share, digits=0)}"


def leaving_card(running: ModelVersion, newest: ModelVersion | None, *, now: datetime) -> LeavingCard:
    """How many customers will buy nothing, and whether such risks came true."""
    metrics, tested = running.metrics, running.metrics["tested"]
    since = running.trained_until + timedelta(days=1)
    number = range_in_words(
        None if running.metrics["grade"] == "cannot_tell" else metrics["expected"],
        metrics["low"],
        metrics["high"],
        show=count,
        level=80,
    )
    days = day_range(since, since + timedelta(days=89))
    return LeavingCard(
        grade=metrics["grade"],
        headline=f"Of {count(metrics['customers'])} customers, {number} will buy nothing from {days}.",
        reason=metrics["grade_reason"],
        stats=(
            Stat(
                "ece",
                "Said and happened differ by",
                "Customers are grouped by the risk that was said of them. This is how far the said and the real share of customers who "
                "bought nothing lay apart, on average over the groups (expected calibration error). Below 3 % is good.",
                percent(tested["ece"]),
                note=f"{count(metrics['tested_customers'])} customers, latest 90 days",
            ),
            Stat(
                "auc",
                "Leavers picked out",
                "Of one customer who stopped and one who did not, how often the first had the higher risk: 50 % is chance, 100 % is "
                "perfect (area under the curve).",
                MISSING if tested["auc"] is None else percent(tested["auc"], digits=0),
            ),
        ),
        chart=calibration_chart(tested),
        fit=_fit(running, newest, now),
    )


def _fit(running: ModelVersion, newest: ModelVersion | None, now: datetime) -> Fit:
    drift = running.drift or {}
    waits = newest.reason if newest is not None and newest.version > running.version else ""
    return Fit(
        version=f"Version {running.version}, learnt {ago(running.created_at, now)} from {day_range(running.trained_since, running.trained_until)}. {running.reason}",
        method=running.metrics["method"],
        explanation=_METHODS[running.kind],
        drift=drift.get("sentence", "Whether it still fits is looked at before the next training, on Monday."),
        tone=_DRIFT_TONES.get(drift.get("state", ""), "plain"),
        waits=f"The newest version waits. {waits}" if waits else "",
    )


def customer_line(
    row: OutlookRow, *, currency: str, with_value: bool, with_risk: bool, href: str, now: datetime
) -> CustomerLine:
    """One customer; numbers that cannot be told are left out, their range stays."""
    act, tone = ACTS.get(row.act or "", (MISSING, "plain"))
    has_offer = bool(row.offer)
    return CustomerLine(
        name=row.name or row.external_id,
        id=row.external_id if row.name else "",
        href=href,
        orders=count(row.orders),
        last_order=MISSING if row.last_order_at is None else ago(row.last_order_at, now),
        value=amount(row.value, currency) if with_value else MISSING,
        value_range=_between(row.value_low, row.value_high, currency),
        risk=percent(row.risk, digits=0) if with_risk else MISSING,
        risk_tone=_risk_tone(row.risk if with_risk else None),
        offer=row.offer or "",
        act=act,
        act_tone=tone,
        gain=amount(row.gain, currency) if has_offer else MISSING,
        gain_range=_between(row.gain_low, row.gain_high, currency) if has_offer else "",
    )


def _between(low: float | None, high: float | None, currency: str) -> str:
    return "" if low is None or high is None else f"{amount(low, currency)} to {amount(high, currency)}"


def _risk_tone(risk: float | None) -> Tone:
    if risk is None:
        return "plain"
    return "bad" if risk >= 0.8 else "warn" if risk >= 0.5 else "good"
