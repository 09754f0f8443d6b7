"""The list of campaigns as its page shows it: table, filters, columns, saved views, period and addresses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from app.campaigns.platform_models import SavedView
from app.campaigns.saved_views import ViewEditor
from app.performance.campaigns.asking import (
    COLUMNS,
    METRIC_COLUMNS,
    PLANS,
    STATUSES,
    Asked,
    explanation_of,
    label_of,
)
from app.performance.campaigns.periods import address, period_choice, period_parameters
from app.performance.campaigns.service import CampaignList, CampaignRow, found_text
from app.performance.campaigns.wording import (
    HERE_ONLY,
    TONES,
    budget_text,
    platform_title,
    platform_words,
    status_label,
    value_text,
    why_missing,
)
from app.performance.channel_table import Heading, SortLink
from app.performance.charts import chart_slot
from app.performance.service import Notice, PeriodRequest
from kit.format import count, day_range
from kit.web.controls import PeriodChoice

Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Cell:
    """A value as text; `tone` makes a badge of it, `reason` says why it is missing."""

    text: str
    kind: str = "text"
    tone: str = ""
    reason: str = ""


@dataclass(frozen=True)
class ListedRow:
    """A campaign; `may_change` where it can be chosen for a change."""

    id: UUID
    name: str
    href: str
    slot: int
    may_change: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class ViewLink:
    """A saved view; `may_change`: whether who looks may rename and delete it."""

    id: UUID
    name: str
    href: str
    is_current: bool
    may_change: bool


@dataclass(frozen=True)
class FilterOptions:
    """What can be chosen, with the empty choice first."""

    statuses: Options
    platforms: Options
    channels: Options
    accounts: Options


@dataclass(frozen=True)
class CampaignsPage:
    """The variables of campaigns/list.html."""

    subtitle: str
    tab_items: tuple[tuple[str, str, bool], ...]
    period: PeriodChoice
    notices: tuple[Notice, ...]
    asked: Asked
    min_spend: str
    max_spend: str
    options: FilterOptions
    keep: tuple[tuple[str, str], ...]
    clear_href: str
    is_filtered: bool
    headings: tuple[Heading, ...]
    rows: tuple[ListedRow, ...]
    totals: tuple[str, ...]
    found: str
    page: int
    pages: int
    pages_base: str
    columns: tuple[tuple[str, str, bool], ...]
    columns_keep: tuple[tuple[str, str], ...]
    views: tuple[ViewLink, ...]
    view_query: str
    view_error: str
    view_name: str
    csv_href: str
    xlsx_href: str
    has_any: bool
    may_change: bool
    upgrade: str
    upgrade_href: str
    base: str


@dataclass(frozen=True)
class Viewer:
    """Where the page lies, and what the person may do. `upgrade` is the sentence of a plan without write-back."""

    base: str
    may_change: bool
    may_export: bool
    upgrade: str
    titles: Mapping[str, str]

    @property
    def here(self) -> str:
        """The list's address."""
        return f"{self.base}/campaigns"


@dataclass(frozen=True)
class Known:
    """What the filters offer, and the saved views."""

    accounts: Sequence[tuple[UUID, str, str]]
    channels: Sequence[tuple[str, str]]
    views: Sequence[SavedView]
    editor: ViewEditor


def tab_items(base: str, current: str, *parameters: Mapping[str, str]) -> tuple[tuple[str, str, bool], ...]:
    """The pages of campaigns."""
    tabs = (("All campaigns", ""), ("Platforms", "/platforms"), ("Ranking", "/ranking"), ("Changes", "/changes"))
    return tuple(
        (label, address(f"{base}/campaigns{path}", *(parameters if path != "/changes" else ())), path == current)
        for label, path in tabs
    )


def campaigns_page(
    listed: CampaignList, *, asked: Asked, period: PeriodRequest, viewer: Viewer, known: Known, refused: tuple[str, str]
) -> CampaignsPage:
    """Everything that the template needs. `refused` is a view's name that was not taken, and why."""
    here, said, when = viewer.here, asked.parameters(), period_parameters(period, listed.window)
    with_columns: dict[str, str] = {name: said[name] for name in ("sort", "columns") if name in said}
    without_columns = {name: value for name, value in said.items() if name != "columns"}
    amounts = {name: said.get(name, "") for name in ("min_spend", "max_spend")}
    return CampaignsPage(
        subtitle=f"{day_range(listed.window.since, listed.window.until)}. Totals in {listed.currency}.",
        tab_items=tab_items(viewer.base, "", when),
        period=period_choice(listed.window, listed.known, here=here, keep=said),
        notices=listed.notices,
        asked=asked,
        **amounts,
        options=_options(known, viewer.titles),
        keep=tuple((when | with_columns).items()),
        clear_href=address(here, when, with_columns),
        is_filtered=asked.is_filtered,
        headings=tuple(_heading(key, asked, here, when) for key in ("name", *asked.columns)),
        rows=tuple(_row(row, asked, viewer, when) for row in listed.rows),
        totals=_totals(listed, asked, has_box=viewer.may_change and not viewer.upgrade),
        found=found_text(listed),
        page=listed.page,
        pages=listed.pages,
        pages_base=_page_base(address(here, when, said)),
        columns=tuple((key, label_of(key), key in asked.columns) for key in COLUMNS),
        columns_keep=tuple((when | without_columns).items()),
        views=tuple(_view(view, here, when | said, known.editor) for view in known.views),
        view_query=address("", when, said).removeprefix("?"),
        view_name=refused[0],
        view_error=refused[1],
        csv_href=address(f"{here}/export.csv", when, said) if viewer.may_export else "",
        xlsx_href=address(f"{here}/export.xlsx", when, said) if viewer.may_export else "",
        has_any=bool(listed.found or known.accounts or asked.is_filtered),
        may_change=viewer.may_change,
        upgrade=viewer.upgrade,
        upgrade_href=f"{viewer.base}/billing",
        base=viewer.base,
    )


def _options(known: Known, titles: Mapping[str, str]) -> FilterOptions:
    platforms = sorted({platform for _, _, platform in known.accounts})
    return FilterOptions(
        statuses=(("", "Any status"), *STATUSES.items()),
        platforms=(
            ("", "Any platform"),
            *((key, platform_title(key, titles)) for key in platforms),
            (PLANS, HERE_ONLY),
        ),
        channels=(("", "Any channel"), *known.channels),
        accounts=(
            ("", "Any account"),
            *((str(id_), f"{name} ({platform_title(platform, titles)})") for id_, name, platform in known.accounts),
        ),
    )


def _heading(key: str, asked: Asked, here: str, when: Mapping[str, str]) -> Heading:
    is_current = key == asked.sort_key
    is_number = key in METRIC_COLUMNS or key == "budget"
    # A number is first wanted from the top down, a name from A to Z; the second click turns round.
    turned = not asked.descending if is_current else is_number
    said = replace(asked, sort=("-" if turned else "") + key).parameters()
    direction = ("descending" if asked.descending else "ascending") if is_current else ""
    label = "Campaign" if key == "name" else label_of(key)
    sort = SortLink(address(here, when, said), direction)
    return Heading(label, "number" if is_number else "text", explanation_of(key), sort)


def _row(row: CampaignRow, asked: Asked, viewer: Viewer, when: Mapping[str, str]) -> ListedRow:
    href = address(f"{viewer.here}/{row.id}", when)
    may_change = not row.is_plan and row.status in {"active", "paused"}
    cells = tuple(_cell(key, row, viewer.titles) for key in asked.columns)
    return ListedRow(row.id, row.name, href, chart_slot(row.slot), may_change, cells)


def _cell(key: str, row: CampaignRow, titles: Mapping[str, str]) -> Cell:
    if key == "status":
        told = platform_words(row.raw_status)
        label = status_label(row.status)
        return Cell(label, tone=TONES.get(row.status, "plain"), reason=told if told != label else "")
    if key == "platform":
        return Cell(platform_title(row.platform, titles))
    if key == "channel":
        return Cell(row.channel)
    if key == "account":
        return Cell(row.account or "–")
    if key == "budget":
        text = budget_text(row.daily_budget_micros, row.lifetime_budget_micros, row.budget_owner, row.currency)
        return Cell(text, "number")
    return Cell(value_text(key, row.values, row.currency), "number", reason=why_missing(key, row.values))


def _totals(listed: CampaignList, asked: Asked, *, has_box: bool) -> tuple[str, ...]:
    if listed.found == 0:
        return ()
    cells = (value_text(key, listed.totals, listed.currency) if key in METRIC_COLUMNS else "" for key in asked.columns)
    return (*(("",) if has_box else ()), f"All {count(listed.found)}", *cells)


def _view(view: SavedView, here: str, said: Mapping[str, str], editor: ViewEditor) -> ViewLink:
    is_current = address("", said).removeprefix("?") == view.query
    return ViewLink(view.id, view.name, f"{here}?{view.query}", is_current, editor.may_change(view))


def _page_base(href: str) -> str:
    return f"{href}{'&' if '?' in href else '?'}page="
