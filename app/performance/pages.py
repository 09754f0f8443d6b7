"""The overview page and its files. Both edges of a period's numbers, page and API, call the same service."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter
from markupsafe import Markup

from app.deps import AnyRequest
from app.performance.channel_table import DEFAULT_SORT
from app.performance.export import ExportFile, Table, csv_export, pdf_export, xlsx_export
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
From = Annotated[date | None, QueryParameter(name="from")]
To = Annotated[date | None, QueryParameter(name="to")]


@get(_HERE, sync_to_thread=True, include_in_schema=False, **access(Permission.READ_DATA))
def show_overview(
    request: AnyRequest,
    session: NamedDependency[ScopedSession],
    workspace: NamedDependency[WorkspaceRef],
    plan: NamedDependency[Plan],
    workspace_id: FromPath[UUID],
    period: FromQuery[str | None] = None,
    since: From = None,
    until: To = None,
    sort: FromQuery[str] = DEFAULT_SORT,
) -> Response[str]:
    """The numbers of a period: a preset, or two dates."""
    asked = PeriodRequest(period, since, until)
    viewer = Viewer(
        base=f"/w/{workspace_id}",
        timezone=workspace.timezone,
        may_import=workspace.allows(Permission.IMPORT_DATA),
        may_export=workspace.allows(Permission.EXPORT_DATA),
        has_pdf=plan.includes(Entitlement.PDF_EXPORT),
    )
    now, today = utc_now(), today_in(workspace.timezone)
    # The page is a function of these; its texts speak of minutes, so it is as old as a minute at most.
    version = (workspace.id, extent(session).version, today, now.replace(second=0, microsecond=0))

    def make() -> tuple[OverviewPage, Markup]:
        shown = _numbers(session, workspace, plan, asked)
        page = overview_page(shown, viewer=viewer, period=asked, sort=sort, now=now)
        return page, draw(request, "performance/numbers.html", page)

    page, numbers = _PAGES.get_or_make((*version, plan.code, workspace.currency, viewer, asked, sort), make)
    return render(request, "performance/overview.html", as_variables(page) | {"numbers": numbers})


@get(_HERE + "/export.csv", sync_to_thread=True, include_in_schema=False, **access(Permission.EXPORT_DATA))
def export_csv(
    session: NamedDependency[ScopedSession],
    workspace: NamedDependency[WorkspaceRef],
    plan: NamedDependency[Plan],
    period: FromQuery[str | None] = None,
    since: From = None,
    until: To = None,
    table: FromQuery[Table] = "channels",
) -> Response[bytes]:
    """Channels, or days, of the period as CSV."""
    shown = _numbers(session, workspace, plan, PeriodRequest(period, since, until), step=Step.DAY)
    return _download(csv_export(shown, workspace=workspace.name, table=table))


@get(_HERE + "/export.xlsx", sync_to_thread=True, include_in_schema=False, **access(Permission.EXPORT_DATA))
def export_xlsx(
    session: NamedDependency[ScopedSession],
    workspace: NamedDependency[WorkspaceRef],
    plan: NamedDependency[Plan],
    period: FromQuery[str | None] = None,
    since: From = None,
    until: To = None,
) -> Response[bytes]:
    """Everything of the period as a workbook."""
    shown = _numbers(session, workspace, plan, PeriodRequest(period, since, until), step=Step.DAY)
    return _download(xlsx_export(shown, workspace=workspace.name, timezone=workspace.timezone))


@get(
    _HERE + "/export.pdf",
    sync_to_thread=True,
    include_in_schema=False,
    **access(Permission.EXPORT_DATA, entitlement=Entitlement.PDF_EXPORT),
)
def export_pdf(
    session: NamedDependency[ScopedSession],
    workspace: NamedDependency[WorkspaceRef],
    plan: NamedDependency[Plan],
    period: FromQuery[str | None] = None,
    since: From = None,
    until: To = None,
) -> Response[bytes]:
    """The period as a report to read and to print."""
    shown = _numbers(session, workspace, plan, PeriodRequest(period, since, until))
    return _download(pdf_export(shown, workspace=workspace.name, timezone=workspace.timezone))


def _numbers(
    session: ScopedSession, workspace: WorkspaceRef, plan: Plan, period: PeriodRequest, step: Step | None = None
) -> Overview:
    today = today_in(workspace.timezone)
    return overview(session, period=period, plan=plan, currency=workspace.currency, today=today, step=step)


def _download(file: ExportFile) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{file.name}"', "cache-control": "no-store"}
    return Response(file.content, media_type=file.media_type, headers=headers)


HANDLERS: list[BaseRouteHandler] = [show_overview, export_csv, export_xlsx, export_pdf]
