"""The page that sets the business beside what others published."""

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromQuery

from app.deps import AnyRequest
from app.performance.norm_comparing import compare_with_others
from app.performance.norm_presenting import benchmarks_page
from kit.clock import today_in
from kit.db import ScopedSession
from kit.web.access import access
from kit.web.pages import render
from ml.norms import ALL_INDUSTRIES
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef


@get(
    "/w/{workspace_id:uuid}/benchmarks",
    sync_to_thread=True,
    include_in_schema=False,
    **access(Permission.READ_DATA),
)
def show_benchmarks(
    request: AnyRequest,
    session: NamedDependency[ScopedSession],
    workspace: NamedDependency[WorkspaceRef],
    platform: FromQuery[str] = "",
    industry: FromQuery[str] = "",
) -> Response[str]:
    """Own values of the last 90 days beside published ones of an industry; without one, of all industries."""
    chosen = industry or ALL_INDUSTRIES
    found = compare_with_others(
        session,
        currency=workspace.currency,
        today=today_in(workspace.timezone),
        platform=platform or None,
        industry=chosen,
    )
    base = f"/w/{workspace.id}"
    page = benchmarks_page(
        found,
        here=f"{base}/benchmarks",
        import_href=f"{base}/imports" if workspace.allows(Permission.IMPORT_DATA) else "",
        currency=workspace.currency,
        platform=platform,
        industry=chosen,
    )
    return render(request, "performance/benchmarks.html", page)


HANDLERS: list[BaseRouteHandler] = [show_benchmarks]
