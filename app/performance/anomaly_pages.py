"""The page of unusual days, with a button to look anew and one to mark what was seen."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromQuery, URLEncodedBody

from app.deps import AnyRequest
from app.performance.anomaly_asking import ASKED_ANOMALIES
from app.performance.anomaly_list import Asked, last_look, list_anomalies, mark_seen
from app.performance.anomaly_presenting import (
    PER_PAGE,
    AnomaliesPage,
    Place,
    Work,
    channel_options,
    events_of,
    grouped,
    look_card,
    metric_options,
    page_base,
    tabs_of,
)
from app.performance.jobs import FIND_KEY, FindAnomalies
from app.performance.queries import last_day
from billing.plans import Plan
from kit.clock import utc_now
from kit.db import ScopedSession
from kit.errors import FieldError, InvalidInput
from kit.jobs import enqueue
from kit.jobs.models import ACTIVE
from kit.jobs.queries import list_jobs
from kit.web.access import access
from kit.web.pages import redirect, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

Tenant = NamedDependency[ScopedSession]
Control = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
_PAGE = "/w/{workspace_id:uuid}/anomalies"
_HIDDEN: dict[str, Any] = {"sync_to_thread": True, "include_in_schema": False}
# Events are put together from all rows; nobody reads further back than this.
_MOST_ROWS = 1000


@get(_PAGE, dependencies=ASKED_ANOMALIES, **_HIDDEN, **access(Permission.READ_DATA))
def show_anomalies(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    workspace: Here,
    plan: NamedDependency[Plan],
    wanted: NamedDependency[Asked],
    page: FromQuery[int] = 1,
) -> Response[str]:
    """Unusual days, the newest first; what began together is one card."""
    place = _place(workspace)
    found = list_anomalies(session, asked=wanted, plan=plan, limit=_MOST_ROWS)
    look, groups = last_look(session), grouped(found.rows)
    pages = max(1, -(-len(groups) // PER_PAGE))
    number = min(max(page, 1), pages)
    shown = groups[(number - 1) * PER_PAGE : number * PER_PAGE]
    context = AnomaliesPage(
        here=place.here,
        import_href=f"{place.base}/imports" if place.may_import else "",
        upgrade_href=f"{place.base}/billing",
        has_data=last_day(session) is not None,
        may_mark=place.may_mark,
        notice=found.notice,
        work=_work(control, workspace),
        look=look_card(look, found, place.now) if look else None,
        tabs=tabs_of(wanted, place.here),
        state=wanted.state or "",
        metrics=metric_options(),
        channels=channel_options(found),
        metric=wanted.metric or "",
        channel=wanted.channel or "",
        is_filtered=wanted.metric is not None or wanted.channel is not None,
        events=tuple(events_of(shown, found, look, place)),
        found=len(groups),
        page=number,
        pages=pages,
        page_base=page_base(wanted, place.here),
    )
    return render(request, "performance/anomalies.html", context)


@post(_PAGE + "/look", **_HIDDEN, **access(Permission.RUN_MODELS))
def look_now(request: AnyRequest, session: Tenant, workspace: Here) -> Response[str]:
    """Look now rather than tomorrow morning."""
    enqueue(session, FindAnomalies(timezone=workspace.timezone), dedupe_key=FIND_KEY)
    return redirect(request, _place(workspace).here, flash="Your days are being looked at.", kind="info")


@post(_PAGE + "/seen", **_HIDDEN, **access(Permission.RUN_MODELS))
def see_anomalies(
    request: AnyRequest,
    session: Tenant,
    workspace: Here,
    caller: NamedDependency[Principal],
    data: URLEncodedBody[dict[str, str]],
) -> Response[str]:
    """Mark all of an event as seen."""
    for anomaly_id in _ids(data.get("ids", "")):
        mark_seen(session, anomaly_id, user_id=caller.signed_in().id)
    return redirect(request, _place(workspace).here, flash="Marked as seen.")


def _ids(text: str) -> list[UUID]:
    try:
        return [UUID(part) for part in text.split()]
    except ValueError:
        raise InvalidInput(
            "One of these is no anomaly.", "Go back and choose from the list.", [FieldError("is unknown", "ids")]
        ) from None


def _place(workspace: WorkspaceRef) -> Place:
    return Place(
        base=f"/w/{workspace.id}",
        currency=workspace.currency,
        now=utc_now(),
        may_mark=workspace.allows(Permission.RUN_MODELS),
        may_import=workspace.allows(Permission.IMPORT_DATA),
    )


def _work(control: ScopedSession, workspace: WorkspaceRef) -> Work | None:
    active = list_jobs(control, workspace_id=workspace.id, state=ACTIVE, name=FIND_KEY, limit=1)
    if not active:
        return None
    job, href = active[0], f"/w/{workspace.id}/jobs/{active[0].id}"
    message = job.message or "Waiting for a free worker."
    return Work(round(job.progress * 100), message, f"{href}/events", f"{href}/state")


HANDLERS: list[BaseRouteHandler] = [show_anomalies, look_now, see_anomalies]
