"""The overview page and its files. Both edges of a period's numbers, page and API, call the same service."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery
from markupsafe import Markup

from app.deps import AnyRequest
from app.performance.anomaly_news import newest_events
from app.performance.asking import ASKED
from app.performance.channel_table import DEFAULT_SORT
from app.performance.export import ExportFile, Table, csv_export, pdf_export, xlsx_export
from app.performance.freshness import LAST_DAY
from app.performance.presenting import OverviewPage, Viewer, overview_page
from app.performance.queries import extent
from app.performance.service import Overview, PeriodRequest, overview
from app.performance.windows import Step
from billing.plans import Entitlement, Plan
from kit.cache import VersionedCache
from kit.clock import today_in, utc_now
from kit.db import ScopedSession
from kit.web.access import access
from kit.web.pages import as_variables, draw, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef

_PAGES: VersionedCache[tuple[OverviewPage, Markup]] = VersionedCache(size=256)
_HERE = "/w/{workspace_id:uuid}/overview"
Numbers = Callable[[Step | None], Overview]


def asked_numbers(
    session: NamedDependency[ScopedSession],
    workspace: NamedDependency[WorkspaceRef],
    plan: NamedDependency[Plan],
    asked: NamedDependency[PeriodRequest],
) -> Numbers:
    """What the address asks for, computed when a handler calls it, in steps of its choice."""
    today = today_in(workspace.timezone)
    return lambda step: overview(session, period=asked, plan=plan, currency=workspace.currency, today=today, step=step)


_get = partial(
    get,
    dependencies=ASKED | {"numbers": Provide(asked_numbers, sync_to_thread=False)},
    sync_to_thread=True,
    include_in_schema=False,
)


@_get(_HERE, **access(Permission.READ_DATA))
def show_overview(
    request: AnyRequest,
    session: NamedDependency[ScopedSession],
    workspace: NamedDependency[WorkspaceRef],
    plan: NamedDependency[Plan],
    workspace_id: FromPath[UUID],
    asked: NamedDependency[PeriodRequest],
    numbers: NamedDependency[Numbers],
    sort: FromQuery[str] = DEFAULT_SORT,
) -> Response[str]:
    """The numbers of a period: a preset, or two dates."""
    viewer = Viewer(
        base=f"/w/{workspace_id}",
        timezone=workspace.timezone,
        may_import=workspace.allows(Permission.IMPORT_DATA),
        may_export=workspace.allows(Permission.EXPORT_DATA),
        has_pdf=plan.includes(Entitlement.PDF_EXPORT),
    )
    now, today = utc_now(), today_in(workspace.timezone)
    # The page is a function of these; its texts speak of minutes, so it is as old as a minute at most.
    known = extent(session)
    request.scope["state"][LAST_DAY] = known.last_day
    version = (workspace.id, known.version, today, now.replace(second=0, microsecond=0))

    def make() -> tuple[OverviewPage, Markup]:
        shown = numbers(None)
        page = overview_page(shown, viewer=viewer, period=asked, sort=sort, now=now)
        return page, draw(request, "performance/numbers.html", page)

    page, drawn = _PAGES.get_or_make((*version, plan.code, workspace.currency, viewer, asked, sort), make)
    news = newest_events(session, workspace=workspace, plan=plan)
    return render(request, "performance/overview.html", as_variables(page) | {"numbers": drawn, "news": news})


@_get(_HERE + "/export.csv", **access(Permission.EXPORT_DATA))
def export_csv(
    numbers: NamedDependency[Numbers],
    workspace: NamedDependency[WorkspaceRef],
    table: FromQuery[Table] = "channels",
) -> Response[bytes]:
    """Channels, or days, of the period as CSV."""
    shown = numbers(Step.DAY)
    return _download(csv_export(shown, workspace=workspace.name, table=table))


@_get(_HERE + "/export.xlsx", **access(Permission.EXPORT_DATA))
def export_xlsx(
    numbers: NamedDependency[Numbers],
    workspace: NamedDependency[WorkspaceRef],
) -> Response[bytes]:
    """Everything of the period as a workbook."""
    shown = numbers(Step.DAY)
    return _download(xlsx_export(shown, workspace=workspace.name, timezone=workspace.timezone))


@_get(_HERE + "/export.pdf", **access(Permission.EXPORT_DATA, entitlement=Entitlement.PDF_EXPORT))
def export_pdf(
    numbers: NamedDependency[Numbers],
    workspace: NamedDependency[WorkspaceRef],
) -> Response[bytes]:
    """The period as a report to read and to print."""
    shown = numbers(None)
    return _download(pdf_export(shown, workspace=workspace.name, timezone=workspace.timezone))


def _download(file: ExportFile) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{file.name}"', "cache-control": "no-store"}
    return Response(file.content, media_type=file.media_type, headers=headers)


HANDLERS: list[BaseRouteHandler] = [show_overview, export_csv, export_xlsx, export_pdf]
