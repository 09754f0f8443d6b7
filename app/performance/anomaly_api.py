"""Anomalies for programs: what was found, and marking it as seen."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter

from app.performance.anomaly_asking import ASKED_ANOMALIES
from app.performance.anomaly_list import Asked, last_look, list_anomalies, mark_seen
from app.performance.anomaly_schemas import AnomaliesReply, AnomalyReply, anomaly_reply, look_reply
from app.performance.campaigns.cursors import cursor_after, offset_of
from billing.plans import Plan
from kit.db import ScopedSession
from kit.web.access import access
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

Tenant = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
CurrentPlan = NamedDependency[Plan]
PageSize = Annotated[int, QueryParameter(ge=1, le=200)]
LIST = "/api/v1/analytics/anomalies"


@get(LIST, dependencies=ASKED_ANOMALIES, sync_to_thread=True, summary="Anomalies", **access(Permission.READ_DATA))
def read_anomalies(
    session: Tenant,
    workspace: Here,
    plan: CurrentPlan,
    wanted: NamedDependency[Asked],
    page_size: PageSize = 50,
    cursor: FromQuery[str | None] = None,
) -> AnomaliesReply:
    """Days that do not fit the others, of the whole business and of its largest channels, over the last 90 whole days. They are looked
    for each morning and after data came in. `channel` takes a channel's key, or `whole_business`."""
    offset = offset_of(cursor)
    found = list_anomalies(session, asked=wanted, plan=plan, limit=page_size, offset=offset)
    look, end = last_look(session), offset + len(found.rows)
    return AnomaliesReply(
        currency=workspace.currency,
        items=[anomaly_reply(row, found, workspace.currency) for row in found.rows],
        total=found.total,
        next_cursor=cursor_after(end) if found.rows and end < found.total else None,
        look=look_reply(look, found) if look else None,
        notices=[found.notice] if found.notice else [],
    )


@post(
    LIST + "/{anomaly_id:uuid}/seen",
    sync_to_thread=True,
    status_code=200,
    summary="Mark an anomaly as seen",
    **access(Permission.RUN_MODELS),
)
def see_anomaly(
    session: Tenant,
    workspace: Here,
    plan: CurrentPlan,
    caller: NamedDependency[Principal],
    anomaly_id: FromPath[UUID],
) -> AnomalyReply:
    """For everybody in the workspace. Doing it twice changes nothing; who did it first stays."""
    row = mark_seen(session, anomaly_id, user_id=caller.signed_in().id)
    return anomaly_reply(row, list_anomalies(session, asked=Asked(), plan=plan, limit=1), workspace.currency)


HANDLERS: list[BaseRouteHandler] = [read_anomalies, see_anomaly]
