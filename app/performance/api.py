"""The dashboard's numbers for programs: the same service as the page, and free queries over the metric catalogue."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody

from app.performance.asking import ASKED
from app.performance.catalogue import METRICS
from app.performance.queries import extent
from app.performance.query import Query, run_query
from app.performance.schemas import DashboardReply, QueryReply, QueryRequest, dashboard_reply, period_reply
from app.performance.service import PeriodRequest, choose_window, overview
from app.performance.windows import Step
from billing.plans import Plan
from kit.clock import today_in
from kit.db import ScopedSession
from kit.web.access import access
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef


@get(
    "/api/v1/analytics/dashboard",
    dependencies=ASKED,
    sync_to_thread=True,
    summary="Dashboard",
    **access(Permission.READ_DATA),
)
def dashboard(
    session: NamedDependency[ScopedSession],
    workspace: NamedDependency[WorkspaceRef],
    plan: NamedDependency[Plan],
    asked: NamedDependency[PeriodRequest],
) -> DashboardReply:
    """Headline metrics with changes, channels and days of a period: a preset, or `from` and `to`; of one `channel` if asked."""
    shown = overview(
        session,
        period=asked,
        plan=plan,
        currency=workspace.currency,
        today=today_in(workspace.timezone),
        step=Step.DAY,
    )
    return dashboard_reply(shown, timezone=workspace.timezone)


@post(
    "/api/v1/analytics/query",
    sync_to_thread=True,
    status_code=200,
    summary="Query metrics",
    **access(Permission.READ_DATA),
)
def query(
    session: NamedDependency[ScopedSession],
    workspace: NamedDependency[WorkspaceRef],
    plan: NamedDependency[Plan],
    data: JSONBody[QueryRequest],
) -> QueryReply:
    """Any metrics of the catalogue by day, week, month, channel or campaign, with filters in the condition language."""
    window, notices = choose_window(
        extent(session),
        period=PeriodRequest(data.period, data.since, data.until),
        plan=plan,
        today=today_in(workspace.timezone),
    )
    rows = run_query(
        session,
        Query(
            metrics=data.metrics,
            window=window,
            dimensions=data.dimensions,
            filters=data.filters,
            order_by=data.order_by,
            descending=data.descending,
            limit=data.limit,
        ),
    )
    units = {key: METRICS[key].unit.value for key in data.metrics}
    return QueryReply(workspace.currency, period_reply(window), units, rows, [notice.text for notice in notices])


HANDLERS: list[BaseRouteHandler] = [dashboard, query]
