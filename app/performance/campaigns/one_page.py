"""One campaign as its page shows it: tiles, chart, ads with creatives, history, and the forms that change it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.campaigns.platform_models import Campaign, Creative
from app.performance.campaigns.asking import explanation_of, label_of
from app.performance.campaigns.change_page import HistoryRow, seen_text
from app.performance.campaigns.insight_parts import Insight
from app.performance.campaigns.listing_page import Cell, Viewer
from app.performance.campaigns.one import AdRow, CoursePoint, OneCampaign
from app.performance.campaigns.periods import period_choice
from app.performance.campaigns.wording import (
    TONES,
    budget_text,
    platform_title,
    platform_words,
    status_label,
    value_text,
    why_missing,
)
from app.performance.catalogue import METRICS, relative_change
from app.performance.service import Notice
from app.performance.windows import Step
from app.performance.wording import change_text, direction_of, short_text, tone_of
from kit.charts import Format, Line, LineChart
from kit.format import MISSING, day, day_range, money, multiple, plain_number
from kit.money import MICROS
from kit.web.controls import PeriodChoice
from kit.web.forms import Form

TILES = ("spend", "conversions", "cpa", "revenue", "roas", "ctr")
AD_COLUMNS = ("spend", "impressions", "clicks", "ctr", "conversions", "cpa", "roas")
_STEPS = {Step.DAY: "Daily", Step.WEEK: "Mean of a day, by week", Step.MONTH: "Mean of a day, by month"}


@dataclass(frozen=True)
class Tile:
    """A headline figure with its change against the period before."""

    key: str
    label: str
    value: str
    explanation: str
    missing: str
    change: str
    tone: str
    direction: str


@dataclass(frozen=True)
class ShownCreative:
    """What people see. Links are those that a browser may follow; media may be gone by now."""

    kind: str
    title: str
    body: str
    link: str
    media: tuple[str, ...]


@dataclass(frozen=True)
class ShownAd:
    """An ad's line and its creative."""

    name: str
    ad_group: str
    status: str
    tone: str
    cells: tuple[Cell, ...]
    creative: ShownCreative | None


@dataclass(frozen=True)
class CampaignPage:
    """The variables of campaigns/campaign.html."""

    name: str
    subtitle: str
    status: str
    tone: str
    period: PeriodChoice
    notices: tuple[Notice, ...]
    facts: tuple[tuple[str, str], ...]
    notes: str
    tiles: tuple[Tile, ...]
    chart: LineChart | None
    insights: tuple[Insight, ...]
    ad_headings: tuple[tuple[str, str], ...]
    ads: tuple[ShownAd, ...]
    ads_note: str
    history: tuple[HistoryRow, ...]
    is_plan: bool
    can_pause: bool
    can_enable: bool
    can_set_budget: bool
    budget: str
    budget_hint: str
    seen: str
    form: Form
    may_change: bool
    upgrade: str
    upgrade_href: str
    base: str
    here: str


def campaign_page(
    shown: OneCampaign,
    *,
    viewer: Viewer,
    history: tuple[HistoryRow, ...],
    insights: tuple[Insight, ...],
    form: Form,
) -> CampaignPage:
    """Everything that the template needs."""
    campaign = shown.campaign
    here = f"{viewer.here}/{campaign.id}"
    is_plan = campaign.account_id is None
    return CampaignPage(
        name=campaign.name,
        subtitle=f"{day_range(shown.window.since, shown.window.until)}. Amounts in {campaign.currency}.",
        status=status_label(campaign.status),
        tone=TONES.get(campaign.status, "plain"),
        period=period_choice(shown.window, shown.known, here=here, keep={}),
        notices=shown.notices,
        facts=_facts(shown, viewer.titles),
        notes=campaign.notes,
        tiles=tuple(_tile(key, shown) for key in TILES),
        chart=course_chart(shown),
        insights=insights,
        ad_headings=tuple((label_of(key), explanation_of(key)) for key in AD_COLUMNS),
        ads=tuple(_ad(ad, campaign.currency) for ad in shown.ads),
        ads_note=f"The {len(shown.ads)} that cost most of {shown.ads_in_all}"
        if len(shown.ads) < shown.ads_in_all
        else "",
        history=history,
        is_plan=is_plan,
        can_pause=not is_plan and campaign.status == "active",
        can_enable=not is_plan and campaign.status == "paused",
        can_set_budget=not is_plan and _has_own_budget(campaign),
        budget=form.value("budget", plain_number((campaign.daily_budget_micros or 0) / MICROS)),
        budget_hint=_budget_hint(campaign),
        seen=seen_text(campaign),
        form=form,
        may_change=viewer.may_change,
        upgrade=viewer.upgrade,
        upgrade_href=f"{viewer.base}/billing",
        base=viewer.base,
        here=here,
    )


def course_chart(shown: OneCampaign) -> LineChart | None:
    """Spend and value over the period; None where nothing was told."""
    if shown.totals["spend"] is None:
        return None
    currency = shown.campaign.currency
    lines = [Line(name="Value", values=_line(shown.course, "revenue"), slot=1)]
    lines.append(Line(name="Spend", values=_line(shown.course, "spend"), slot=2))
    if shown.totals["revenue"] is None:
        lines = lines[1:]
    roas = shown.totals["roas"]
    finding = f"Spend was {money(_micros(shown.totals['spend']), currency)} in the period"
    finding += f", ROAS {multiple(roas)}." if roas is not None else "; its platform tells no value of conversions."
    return LineChart(
        title="Spend and value",
        note=f"{_STEPS[shown.step]}, {currency}",
        finding=finding,
        xs=[point.since.isoformat() for point in shown.course],
        lines=lines,
        format=Format("money", currency),
        height=260,
    )


def _line(course: Sequence[CoursePoint], key: str) -> list[float | None]:
    """Means of a day, so that a short first week does not look like a fall."""
    return [
        None if (value := point.values[key]) is None else round(value / MICROS / max(point.days, 1), 2)
        for point in course
    ]


def _micros(value: float | None) -> int | None:
    return None if value is None else round(value)


def _tile(key: str, shown: OneCampaign) -> Tile:
    metric, values = METRICS[key], shown.totals
    change = relative_change(values[key], shown.before[key])
    return Tile(
        key=key,
        label=label_of(key),
        value=short_text(metric, values[key], shown.campaign.currency),
        explanation=explanation_of(key),
        missing=why_missing(key, values),
        change=change_text(change),
        tone=tone_of(metric, change),
        direction=direction_of(change),
    )


def _facts(shown: OneCampaign, titles: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    campaign = shown.campaign
    budget = budget_text(
        campaign.daily_budget_micros, campaign.lifetime_budget_micros, campaign.budget_owner, campaign.currency
    )
    told = platform_words(campaign.raw_status)
    pairs = (
        ("Platform", platform_title(campaign.connector_key, titles)),
        ("Account", shown.account.name if shown.account else ""),
        ("Channel", shown.channel.name),
        ("Daily budget" if campaign.daily_budget_micros is not None else "Budget", budget),
        ("Objective", platform_words(campaign.objective)),
        ("Kind", platform_words(campaign.kind)),
        ("State on the platform", told if told != status_label(campaign.status) else ""),
        ("Runs", _runs(campaign)),
        ("Platform's id", campaign.platform_id or ""),
    )
    return tuple((label, value) for label, value in pairs if value)


def _runs(campaign: Campaign) -> str:
    if campaign.starts_on and campaign.ends_on:
        return day_range(campaign.starts_on, campaign.ends_on)
    if campaign.starts_on:
        return f"from {day(campaign.starts_on)}"
    return f"until {day(campaign.ends_on)}" if campaign.ends_on else ""


def _has_own_budget(campaign: Campaign) -> bool:
    return (
        campaign.status in {"active", "paused"}
        and campaign.daily_budget_micros is not None
        and campaign.budget_owner == "campaign"
    )


def _budget_hint(campaign: Campaign) -> str:
    if campaign.budget_owner == "shared":
        return "This budget also feeds other campaigns, so it is changed in the platform's own ads manager."
    if not _has_own_budget(campaign):
        return "It has no daily budget of its own that could be changed here."
    return f"In {campaign.currency} a day, now {money(campaign.daily_budget_micros, campaign.currency)}. Or +10 %, -5."


def _ad(ad: AdRow, currency: str) -> ShownAd:
    cells = tuple(
        Cell(value_text(key, ad.values, currency), "number", reason=why_missing(key, ad.values)) for key in AD_COLUMNS
    )
    return ShownAd(
        ad.name or MISSING,
        ad.ad_group,
        status_label(ad.status),
        TONES.get(ad.status, "plain"),
        cells,
        shown_creative(ad.creative) if ad.creative else None,
    )


def shown_creative(creative: Creative) -> ShownCreative:
    """The creative as pages show it."""
    return ShownCreative(
        creative.kind.capitalize(),
        creative.title or creative.name,
        creative.body,
        _web(creative.link_url),
        tuple(link for link in map(_web, creative.media_urls) if link),
    )


def _web(address: str) -> str:
    """The address where a browser may follow it: platforms pass on what advertisers typed."""
    return address if urlsplit(address).scheme in {"http", "https"} else ""
