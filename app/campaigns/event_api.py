"""The calendar of events for programs. What customers did is told elsewhere: `app.imports.customer_api`."""

from uuid import UUID

from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody

from app.campaigns.event_calendar import (
    CalendarEvent,
    add_event,
    calendar_events,
    change_event,
    event_replies,
    remove_event,
)
from app.campaigns.event_schemas import CalendarEventList, CalendarEventReply, CalendarEventRequest
from kit.clock import today_in
from kit.db import ScopedSession
from kit.web.access import access
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

_EVENTS = "/api/v1/calendar/events"
_EVENT = _EVENTS + "/{event_id:uuid}"
Tenant = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
Caller = NamedDependency[Principal]


@get(_EVENTS, sync_to_thread=True, summary="Events", **access(Permission.READ_DATA))
def list_calendar_events(session: Tenant, workspace: Here) -> CalendarEventList:
    """What the business did or met with, past and planned: what models tell apart from the work of ads."""
    return CalendarEventList(event_replies(session, calendar_events(session), today=today_in(workspace.timezone)))


@post(_EVENTS, sync_to_thread=True, status_code=201, summary="Add an event", **access(Permission.IMPORT_DATA))
def add_calendar_event(
    session: Tenant, workspace: Here, caller: Caller, data: JSONBody[CalendarEventRequest]
) -> CalendarEventReply:
    """Put days into the calendar. Days next to an event of the same name make it longer; telling of one twice changes nothing."""
    return _shown(session, workspace, add_event(session, data, user=caller.signed_in()))


@put(_EVENT, sync_to_thread=True, summary="Change an event", **access(Permission.IMPORT_DATA))
def change_calendar_event(
    session: Tenant, workspace: Here, caller: Caller, event_id: FromPath[UUID], data: JSONBody[CalendarEventRequest]
) -> CalendarEventReply:
    """Give an event another name or other days; the id follows its first day."""
    return _shown(session, workspace, change_event(session, event_id, data, user=caller.signed_in()))


@delete(_EVENT, sync_to_thread=True, summary="Delete an event", **access(Permission.IMPORT_DATA))
def delete_calendar_event(session: Tenant, caller: Caller, event_id: FromPath[UUID]) -> None:
    """Take it out of the calendar with all its days."""
    remove_event(session, event_id, user=caller.signed_in())


def _shown(session: ScopedSession, workspace: WorkspaceRef, event: CalendarEvent) -> CalendarEventReply:
    return event_replies(session, [event], today=today_in(workspace.timezone))[0]


HANDLERS: list[BaseRouteHandler] = [
    list_calendar_events,
    add_calendar_event,
    change_calendar_event,
    delete_calendar_event,
]
