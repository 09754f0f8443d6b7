"""The pages of platforms beside each other and of the ranking."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromQuery

from app.performance.asking import ASKED
from app.performance.campaigns.asking import explanation_of, label_of
from app.performance.campaigns.comparing import RANKED_BY, Platforms, compare_platforms, rank_campaigns
from app.performance.campaigns.listing_page import Cell, Viewer, tab_items
from app.performance.campaigns.periods import address, period_choice, period_parameters
from app.performance.campaigns.places import LIST, Control, CurrentPlan, Here, Tenant, viewer_of
from app.performance.campaigns.service import CampaignRow
from app.performance.campaigns.wording import platform_title, value_text, why_missing
from app.performance.service import Notice, PeriodRequest
from kit.charts import BarChart, BarSeries, Format, Reference
from kit.clock import today_in
from kit.errors import FieldError, InvalidInput
from kit.format import count, day_range, multiple, percent
from kit.web.access import access
from kit.web.controls import PeriodChoice
from kit.web.pages import AnyRequest, render
from tenants.workspaces.permissions import Permission

Period = NamedDependency[PeriodRequest]
PLATFORM_COLUMNS = ("spend", "conversions", "cpa", "revenue", "roas")
DEFAULT_MIN_SPEND = "100"
_get = partial(get, dependencies=ASKED, sync_to_thread=True, include_in_schema=False)


@dataclass(frozen=True)
class Line:
    """A row of a table: a name that may lead somewhere, and its cells."""

    name: str
    href: str
    note: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class PlatformsPage:
    """The variables of campaigns/platforms.html."""

    subtitle: str
    tab_items: tuple[tuple[str, str, bool], ...]
    period: PeriodChoice
    notices: tuple[Notice, ...]
    upgrade_href: str
    has_any: bool
    headings: tuple[tuple[str, str], ...]
    rows: tuple[Line, ...]
    totals: tuple[str, ...]
    charts: tuple[tuple[str, BarChart], ...]
    base: str


@dataclass(frozen=True)
class RankingPage:
    """The variables of campaigns/ranking.html."""

    subtitle: str
    tab_items: tuple[tuple[str, str, bool], ...]
    period: PeriodChoice
    notices: tuple[Notice, ...]
    upgrade_href: str
    has_any: bool
    metric: str
    metrics: tuple[tuple[str, str], ...]
    min_spend: str
    keep: tuple[tuple[str, str], ...]
    headings: tuple[tuple[str, str], ...]
    best: tuple[Line, ...]
    worst: tuple[Line, ...]
    base: str


@_get(LIST + "/platforms", **access(Permission.READ_DATA))
def platforms_page(
    request: AnyRequest, session: Tenant, control: Control, workspace: Here, plan: CurrentPlan, asked: Period
) -> Response[str]:
    """What each platform cost and claims to have brought."""
    viewer = viewer_of(control, workspace, plan)
    today = today_in(workspace.timezone)
    shown = compare_platforms(session, period=asked, plan=plan, currency=workspace.currency, today=today)
    when, here = period_parameters(asked, shown.window), f"{viewer.here}/platforms"
    page = PlatformsPage(
        subtitle=f"{day_range(shown.window.since, shown.window.until)}. Amounts in {shown.currency}.",
        tab_items=tab_items(viewer.base, "/platforms", when),
        period=period_choice(shown.window, shown.known, here=here, keep={}),
        notices=shown.notices,
        upgrade_href=f"{viewer.base}/billing",
        has_any=shown.known.first_day is not None,
        headings=tuple((label_of(key), explanation_of(key)) for key in PLATFORM_COLUMNS),
        rows=_platform_lines(shown, viewer, when),
        totals=_platform_totals(shown),
        charts=_charts(shown, viewer.titles),
        base=viewer.base,
    )
    return render(request, "campaigns/platforms.html", page)


@_get(LIST + "/ranking", **access(Permission.READ_DATA))
def ranking_page(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    workspace: Here,
    plan: CurrentPlan,
    asked: Period,
    metric: FromQuery[str] = "roas",
    min_spend: FromQuery[str] = DEFAULT_MIN_SPEND,
) -> Response[str]:
    """The best and the worst by a metric, of those that spent enough to tell."""
    viewer = viewer_of(control, workspace, plan)
    shown = rank_campaigns(
        session,
        metric=metric,
        min_spend=_amount(min_spend),
        period=asked,
        plan=plan,
        currency=workspace.currency,
        today=today_in(workspace.timezone),
    )
    when, said = period_parameters(asked, shown.window), {"metric": metric, "min_spend": min_spend}
    columns = (metric, *(key for key in ("spend", "conversions", "revenue") if key != metric))
    page = RankingPage(
        subtitle=f"{day_range(shown.window.since, shown.window.until)}. Amounts in each account's currency.",
        tab_items=tab_items(viewer.base, "/ranking", when),
        period=period_choice(shown.window, shown.known, here=f"{viewer.here}/ranking", keep=said),
        notices=shown.notices,
        upgrade_href=f"{viewer.base}/billing",
        has_any=shown.known.first_day is not None,
        metric=metric,
        metrics=tuple((key, label_of(key)) for key in RANKED_BY),
        min_spend=min_spend,
        keep=tuple(when.items()),
        headings=tuple((label_of(key), explanation_of(key)) for key in columns),
        best=tuple(_ranked(row, columns, viewer, when) for row in shown.best),
        worst=tuple(_ranked(row, columns, viewer, when) for row in shown.worst),
        base=viewer.base,
    )
    return render(request, "campaigns/ranking.html", page)


def _platform_lines(shown: Platforms, viewer: Viewer, when: Mapping[str, str]) -> tuple[Line, ...]:
    lines = []
    for row in shown.rows:
        href = address(viewer.here, when, {"platform": row.platform})
        cells = [_cell(key, row.values, shown.currency) for key in PLATFORM_COLUMNS]
        shares = [Cell(percent(share), "number") for share in (row.spend_share, row.value_share)]
        cells = [Cell(count(row.campaigns), "number"), *cells, *shares]
        lines.append(Line(platform_title(row.platform, viewer.titles), href, "", tuple(cells)))
    return tuple(lines)


def _platform_totals(shown: Platforms) -> tuple[str, ...]:
    if not shown.rows:
        return ()
    values = (value_text(key, shown.totals, shown.currency) for key in PLATFORM_COLUMNS)
    shares = [percent(1.0) if shown.totals[key] else "" for key in ("spend", "revenue")]
    return ("All platforms", count(sum(row.campaigns for row in shown.rows)), *values, *shares)


def _charts(shown: Platforms, titles: Mapping[str, str]) -> tuple[tuple[str, BarChart], ...]:
    rows = [row for row in shown.rows if row.values["spend"]]
    if not rows:
        return ()
    labels = [platform_title(row.platform, titles) for row in rows]
    shares = BarChart(
        title="Share by platform",
        note="Of all spend, and of all value that platforms claim",
        finding=f"{labels[0]} takes {percent(rows[0].spend_share)} of spend.",
        labels=labels,
        series=[
            BarSeries(name="Share of spend", values=[row.spend_share for row in rows], slot=2),
            BarSeries(name="Share of value", values=[row.value_share for row in rows], slot=1),
        ],
        format=Format("share"),
    )
    known = sorted(
        ((label, value) for label, row in zip(labels, rows, strict=True) if (value := row.values["roas"]) is not None),
        key=lambda pair: -pair[1],
    )
    if not known:
        return (("share-by-platform", shares),)
    returns = BarChart(
        title="ROAS by platform",
        note="As each platform counts: they often claim the same sale",
        finding=f"{known[0][0]} claims most, {multiple(known[0][1])} what it costs.",
        labels=[label for label, _ in known],
        series=[BarSeries(name="ROAS", values=[value for _, value in known])],
        format=Format("multiple"),
        reference=Reference(1.0, "1×"),
    )
    return (("roas-by-platform", returns), ("share-by-platform", shares))


def _ranked(row: CampaignRow, columns: tuple[str, ...], viewer: Viewer, when: Mapping[str, str]) -> Line:
    note = platform_title(row.platform, viewer.titles)
    cells = tuple(_cell(key, row.values, row.currency) for key in columns)
    return Line(row.name, address(f"{viewer.here}/{row.id}", when), note, cells)


def _cell(key: str, values: Mapping[str, float | int | None], currency: str) -> Cell:
    return Cell(value_text(key, values, currency), "number", reason=why_missing(key, values))


def _amount(typed: str) -> float:
    try:
        amount = float(typed or 0)
    except ValueError:
        amount = -1.0
    if not 0 <= amount < 1e12:
        message = "Enter a number such as 100."
        raise InvalidInput("The minimum spend is no amount.", message, [FieldError(message, "min_spend", value=typed)])
    return amount


HANDLERS: list[BaseRouteHandler] = [platforms_page, ranking_page]
