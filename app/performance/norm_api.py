"""Published figures for programs."""

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromQuery

from app.performance.norm_comparing import compare_with_others
from app.performance.norm_presenting import CAVEATS
from app.performance.norm_schemas import BenchmarksReply, benchmarks_reply
from kit.clock import today_in
from kit.db import ScopedSession
from kit.web.access import access
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef


@get("/api/v1/analytics/benchmarks", sync_to_thread=True, summary="Benchmarks", **access(Permission.READ_DATA))
def read_benchmarks(
    session: NamedDependency[ScopedSession],
    workspace: NamedDependency[WorkspaceRef],
    platform: FromQuery[str | None] = None,
    industry: FromQuery[str | None] = None,
) -> BenchmarksReply:
    """What others published, with source, days, region and sample, beside your own last 90 days. With an industry, its figures and
    those of all industries."""
    found = compare_with_others(
        session,
        currency=workspace.currency,
        today=today_in(workspace.timezone),
        platform=platform or None,
        industry=industry or None,
    )
    return benchmarks_reply(found, currency=workspace.currency, notices=list(CAVEATS))


HANDLERS: list[BaseRouteHandler] = [read_benchmarks]
