"""What was found of ads in a marketer's words: tiles, one ad's page, and the chart of its days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.creatives.queries import AdHistory, Listed
from app.creatives.reading import Together, own_days
from app.performance.campaigns.one_page import ShownCreative, shown_creative
from kit.charts import Format, Line, LineChart, Mark
from kit.format import MISSING, amount, day_range, money, percent, percent_change, plural
from ml.frames import FloatArray

LABELS = {
    "fatigued": ("Worn out", "bad"),
    "tiring": ("Tiring", "warn"),
    "fresh": ("Holds up", "good"),
    "not_enough_data": ("Not enough data", "plain"),
}
STATUSES = {"active": "runs", "paused": "paused", "ended": "ended", "removed": "removed"}
WINDOW_DAYS = 7
_PER = 1000
_WORTH_TELLING = 0.05
_LINKED = 0.4  # a rank correlation from which two things are said to move together


@dataclass(frozen=True)
class ShownDriver:
    """What may wear an ad out: in the first days, lately, and how the click rate moved with it."""

    name: str
    first: str
    lately: str
    link: str


@dataclass(frozen=True)
class Tile:
    """One ad. `left` (of the first days' click rate) is empty where nothing can be compared."""

    name: str
    place: str
    status: str
    href: str
    campaign_href: str
    label: str
    tone: str
    sentence: str
    first: str
    lately: str
    left: str
    left_range: str
    others: str
    spend: str
    days: str
    drivers: tuple[ShownDriver, ...]
    creative: ShownCreative | None


@dataclass(frozen=True)
class AdView:
    """The variables of creatives/ad.html."""

    here: str
    tile: Tile
    weekly: str
    weekly_range: str
    sales: str
    sales_range: str
    chart: LineChart


def tile(one: Listed, *, base: str) -> Tile:
    """One ad as a tile."""
    told, label = one.reading.document, LABELS[one.reading.level]
    clicks = told["ctr"]
    return Tile(
        name=one.ad.name or one.ad.platform_id,
        place=f"{one.campaign.name} · {one.channel.name}",
        status=STATUSES.get(one.ad.status, ""),
        href=f"{base}/creatives/{one.ad.number}",
        campaign_href=f"{base}/campaigns/{one.campaign.id}",
        label=label[0],
        tone=label[1],
        sentence=told["reason"].replace("%", "\u00a0%"),
        first=percent(clicks["first"], digits=2) if clicks else "",
        lately=percent(clicks["lately"], digits=2) if clicks else "",
        left=percent(clicks["ratio"], digits=0) if clicks else "",
        left_range=_range(clicks) if clicks else "",
        others=_others(clicks) if clicks else "",
        spend=money(one.reading.spend_micros, one.account.currency),
        days=day_range(one.reading.since, one.reading.until),
        drivers=tuple(_driver(driver, one.account.currency) for driver in told["drivers"]),
        creative=shown_creative(one.creative) if one.creative else None,
    )


def ad_view(one: Listed, ad: AdHistory, all_ads: Together, *, base: str) -> AdView:
    """One ad with its days."""
    told = one.reading.document
    weekly, sales = told["weekly_change"], told["cvr"]
    ends = f"{percent_change(told['weekly_low'])} to {percent_change(told['weekly_high'])}"
    return AdView(
        here=f"{base}/creatives",
        tile=tile(one, base=base),
        weekly=MISSING if weekly is None else percent_change(weekly),
        weekly_range="" if weekly is None else f"90 % range {ends}",
        sales=percent(sales["ratio"], digits=0) if sales else MISSING,
        sales_range=_range(sales) if sales else "",
        chart=_chart(ad, all_ads, told["reason"]),
    )


def _range(told: dict[str, Any]) -> str:
    return f"90 % range {percent(told['low'], digits=0)} to {percent(told['high'], digits=0)}"


def _others(told: dict[str, Any]) -> str:
    """What the account's other ads did over the same days, where it matters: it is the rest between the ad's own change and what is
    left of it."""
    change = told["lately"] / told["first"] / told["ratio"] - 1 if told["first"] and told["ratio"] else 0.0
    return f"All other ads: {percent_change(change)}, taken off" if abs(change) >= _WORTH_TELLING else ""


def _driver(told: dict[str, Any], currency: str) -> ShownDriver:
    first, lately = (_driver_value(told["name"], told[part], currency) for part in ("first", "lately"))
    names = {"frequency": "Times shown to a person a day", "spend": "Spend a day", "impressions": "Times shown a day"}
    return ShownDriver(names[told["name"]], first, lately, _link(told["correlation"]))


def _driver_value(name: str, value: float, currency: str) -> str:
    if name == "spend":
        return amount(value, currency)
    return f"{value:.1f}" if name == "frequency" else f"{value:,.0f}"


def _link(correlation: float | None) -> str:
    if correlation is None:
        return "It never changed"
    if correlation <= -_LINKED:
        return "The click rate fell as it rose"
    return "The click rate rose with it" if correlation >= _LINKED else "No clear link with the click rate"


def _chart(ad: AdHistory, all_ads: Together, finding: str) -> LineChart:
    """Clicks per thousand times shown, by day, beside all other ads of the account."""
    days, shown, clicked = own_days(ad)
    start = (days[0] - all_ads.since).days
    others_shown = all_ads.impressions[start : start + len(days)] - shown
    others_clicked = all_ads.clicks[start : start + len(days)] - clicked
    return LineChart(
        title="Clicks per 1,000 times shown",
        note="Each day; the first and the last seven days with delivery are compared",
        finding=finding,
        xs=[str(day) for day in days],
        lines=[
            Line(name="This ad", values=_rates(clicked, shown), slot=1),
            Line(name="All other ads", values=_rates(others_clicked, others_shown), slot=0, is_comparison=True),
        ],
        format=Format("count"),
        marks=_marks(days, shown),
        height=280,
    )


def _rates(clicked: FloatArray, shown: FloatArray) -> list[float | None]:
    return [
        round(_PER * float(click / view), 2) if view > 0 else None for click, view in zip(clicked, shown, strict=True)
    ]


def _marks(days: Sequence[date], shown: FloatArray) -> list[Mark]:
    served = [at for at, views in enumerate(shown) if views > 0]
    if len(served) < 2 * WINDOW_DAYS or len(days) < 3 * WINDOW_DAYS:
        return []
    return [Mark(served[WINDOW_DAYS - 1], "First days"), Mark(served[-WINDOW_DAYS], "Lately")]


def summary(counts: dict[str, int]) -> str:
    """How many ads stand where, in a sentence."""
    told = [
        f"{plural(counts[level], 'ad')} {words}"
        for level, words in (("fatigued", "worn out"), ("tiring", "tiring"), ("fresh", "holding up"))
        if counts.get(level)
    ]
    unknown = counts.get("not_enough_data", 0)
    if unknown:
        told.append(f"{plural(unknown, 'ad')} without enough data")
    return ", ".join(told) + "." if told else ""
