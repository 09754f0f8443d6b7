"""The one metric catalogue: formula over additive bases, unit, direction of good, and what a missing base means.

Dashboard, API, exports, rules, alerts, reports and the assistant all read it; nobody computes a metric by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """How a value is to be read."""

    MONEY = "money"  # micros of the workspace's currency
    COUNT = "count"
    MULTIPLE = "multiple"  # 3.21×
    SHARE = "share"  # 0…1, shown in per cent


class Good(StrEnum):
    """Which direction is good news."""

    UP = "up"
    DOWN = "down"
    NEITHER = "neither"


@dataclass(frozen=True)
class Metric:
    """A metric is a sum of one base, or a quotient of two summed bases times a scale.

    Missing policy: a sum is unknown (None) only where every row of its base is unknown; a quotient is unknown where either
    sum is, or where its denominator is zero. None is shown as – with the reason, never as 0.
    """

    key: str
    label: str
    unit: Unit
    good: Good
    explanation: str
    base: str
    per: str | None = None
    scale: float = 1.0

    @property
    def is_additive(self) -> bool:
        """True where values of parts add up to the value of the whole."""
        return self.per is None

    @property
    def bases(self) -> tuple[str, ...]:
        """The columns that it needs."""
        return (self.base,) if self.per is None else (self.base, self.per)

    def value(self, sums: Mapping[str, int | float | None]) -> float | int | None:
        """The metric of summed bases."""
        above = sums[self.base]
        if above is None or self.per is None:
            return above
        below = sums[self.per]
        return above / below * self.scale if below else None


_SPEND, _REVENUE = "spend_micros", "revenue_micros"

METRICS: dict[str, Metric] = {
    metric.key: metric
    for metric in (
        Metric("spend", "Spend", Unit.MONEY, Good.NEITHER, "What the channels cost.", _SPEND),
        Metric(
            "revenue", "Revenue", Unit.MONEY, Good.UP, "What customers paid, from all channels and from none.", _REVENUE
        ),
        Metric(
            "roas", "ROAS", Unit.MULTIPLE, Good.UP, "Return on ad spend: revenue divided by spend.", _REVENUE, _SPEND
        ),
        Metric(
            "conversions",
            "Conversions",
            Unit.COUNT,
            Good.UP,
            "Orders, or what your files count as a conversion.",
            "conversions",
        ),
        Metric(
            "cpa",
            "CPA",
            Unit.MONEY,
            Good.DOWN,
            "Cost per acquisition: spend divided by conversions.",
            _SPEND,
            "conversions",
        ),
        Metric(
            "new_customers",
            "New customers",
            Unit.COUNT,
            Good.UP,
            "People who bought for the first time.",
            "new_customers",
        ),
        Metric(
            "returning_customers",
            "Returning customers",
            Unit.COUNT,
            Good.UP,
            "People who bought again.",
            "returning_customers",
        ),
        Metric(
            "cac",
            "CAC",
            Unit.MONEY,
            Good.DOWN,
            "Customer acquisition cost: spend divided by new customers.",
            _SPEND,
            "new_customers",
        ),
        Metric("impressions", "Impressions", Unit.COUNT, Good.NEITHER, "How often ads were shown.", "impressions"),
        Metric("clicks", "Clicks", Unit.COUNT, Good.UP, "How often ads were clicked.", "clicks"),
        Metric(
            "ctr",
            "CTR",
            Unit.SHARE,
            Good.UP,
            "Click-through rate: clicks divided by impressions.",
            "clicks",
            "impressions",
        ),
        Metric("cpc", "CPC", Unit.MONEY, Good.DOWN, "Cost per click: spend divided by clicks.", _SPEND, "clicks"),
        Metric("cpm", "CPM", Unit.MONEY, Good.DOWN, "Cost of a thousand impressions.", _SPEND, "impressions", 1000.0),
        Metric(
            "conversion_rate",
            "Conversion rate",
            Unit.SHARE,
            Good.UP,
            "Conversions divided by clicks.",
            "conversions",
            "clicks",
        ),
        Metric(
            "average_order",
            "Average order",
            Unit.MONEY,
            Good.UP,
            "Revenue divided by conversions.",
            _REVENUE,
            "conversions",
        ),
    )
}

BASES: tuple[str, ...] = (
    _SPEND,
    _REVENUE,
    "impressions",
    "clicks",
    "conversions",
    "new_customers",
    "returning_customers",
)

HEADLINE = ("spend", "revenue", "roas", "conversions", "cpa", "cac")


def relative_change(current: float | None, before: float | None) -> float | None:
    """Change as a fraction of the earlier value; unknown without one, or where it was zero."""
    if current is None or not before:
        return None
    return current / before - 1
