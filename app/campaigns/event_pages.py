"""The page of events: what is ahead, what was, and a form to add one or to change one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody

from app.campaigns.event_calendar import (
    CalendarEvent,
    add_event,
    calendar_event,
    calendar_events,
    change_event,
    event_replies,
    remove_event,
)
from app.campaigns.event_schemas import MAX_NAME, CalendarEventReply, CalendarEventRequest
from kit.clock import today_in
from kit.db import ScopedSession
from kit.errors import FieldError, InvalidInput
from kit.format import day_range, plural
from kit.web.access import access
from kit.web.forms import Form, refused_form
from kit.web.pages import AnyRequest, redirect, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

_EVENTS = "/w/{workspace_id:uuid}/events"
_EVENT = _EVENTS + "/{event_id:uuid}"
_PAGE: dict[str, Any] = {"sync_to_thread": True, "include_in_schema": False}
_SINCE = "Forecasts and attributions made from now on know it."
Tenant = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
Caller = NamedDependency[Principal]
FormData = URLEncodedBody[dict[str, str]]


@dataclass(frozen=True)
class EventLine:
    """An event in a list; `is_known` and `known`: whether models can tell its effect, and from what."""

    id: str
    name: str
    days: str
    length: str
    is_known: bool
    known: str
    is_changed: bool


@dataclass(frozen=True)
class EventsPage:
    """`/w/{workspace}/events`; with `changed`, the id of an event, the form changes that one."""

    base: str
    may_change: bool
    ahead: tuple[EventLine, ...]
    past: tuple[EventLine, ...]
    names: tuple[str, ...]
    max_name: int
    changed: str
    form: Form


@get(_EVENTS, **_PAGE, **access(Permission.READ_DATA))
def show_events(
    request: AnyRequest, session: Tenant, workspace: Here, change: FromQuery[UUID | None] = None
) -> Response[str]:
    """All events with the form; `change` names the one whose name and days the form holds."""
    event = calendar_event(session, change) if change else None
    return render(request, "campaigns/events.html", _page(session, workspace, _filled(event), event))


@post(_EVENTS, **_PAGE, **access(Permission.IMPORT_DATA))
def save_event(request: AnyRequest, session: Tenant, workspace: Here, caller: Caller, data: FormData) -> Response[str]:
    """Put an event into the calendar."""
    user = caller.signed_in()
    return _kept(request, session, workspace, data, lambda asked: add_event(session, asked, user=user))


@post(_EVENT, **_PAGE, **access(Permission.IMPORT_DATA))
def save_changed_event(
    request: AnyRequest, session: Tenant, workspace: Here, caller: Caller, event_id: FromPath[UUID], data: FormData
) -> Response[str]:
    """Give an event another name or other days."""
    event, user = calendar_event(session, event_id), caller.signed_in()
    return _kept(
        request, session, workspace, data, lambda asked: change_event(session, event_id, asked, user=user), event
    )


@post(_EVENT + "/delete", **_PAGE, **access(Permission.IMPORT_DATA))
def delete_event(
    request: AnyRequest, session: Tenant, workspace: Here, caller: Caller, event_id: FromPath[UUID]
) -> Response[str]:
    """Take an event out of the calendar."""
    gone = remove_event(session, event_id, user=caller.signed_in())
    words = f"“{gone.name}”, {day_range(gone.starts_on, gone.ends_on)}, is deleted."
    return redirect(request, f"/w/{workspace.id}/events", flash=words, kind="info")


def _kept(
    request: AnyRequest,
    session: ScopedSession,
    workspace: WorkspaceRef,
    data: Mapping[str, str],
    keep: Callable[[CalendarEventRequest], CalendarEvent],
    changed: CalendarEvent | None = None,
) -> Response[str]:
    """Keep what was typed, or show it again with what is wrong."""
    try:
        with session.begin_nested():
            kept = keep(_typed(data))
    except InvalidInput as refusal:
        page = _page(session, workspace, refused_form(data, refusal), changed)
        return render(request, "campaigns/events.html", page, status=422)
    words = f"“{kept.name}” is in your calendar, {day_range(kept.starts_on, kept.ends_on)}. {_SINCE}"
    return redirect(request, f"/w/{workspace.id}/events", flash=words, kind="good")


def _page(session: ScopedSession, workspace: WorkspaceRef, form: Form, changed: CalendarEvent | None) -> EventsPage:
    today, events = today_in(workspace.timezone), calendar_events(session)
    shown = event_replies(session, events, today=today)
    changed_id = changed.id if changed else None
    ahead = [_line(one, changed_id) for one in reversed(shown) if one.is_ahead]
    return EventsPage(
        base=f"/w/{workspace.id}",
        may_change=workspace.allows(Permission.IMPORT_DATA),
        ahead=tuple(ahead),
        past=tuple(_line(one, changed_id) for one in shown if not one.is_ahead),
        names=tuple(dict.fromkeys(one.name for one in events)),
        max_name=MAX_NAME,
        changed=str(changed_id or ""),
        form=form,
    )


def _line(event: CalendarEventReply, changed: UUID | None) -> EventLine:
    return EventLine(
        id=str(event.id),
        name=event.name,
        days=day_range(event.starts_on, event.ends_on),
        length=plural(event.days, "day"),
        is_known=event.days_known > 0,
        known=f"Seen on {plural(event.days_known, 'day')}" if event.days_known else "Not seen yet",
        is_changed=event.id == changed,
    )


def _filled(event: CalendarEvent | None) -> Form:
    """The form of an event that is changed; an empty one without."""
    if event is None:
        return Form()
    ends_on = str(event.ends_on) if event.days > 1 else ""
    return Form({"name": event.name, "starts_on": str(event.starts_on), "ends_on": ends_on})


def _typed(data: Mapping[str, str]) -> CalendarEventRequest:
    """What the form asks for. Raises InvalidInput that names every field that cannot be read."""
    problems: list[FieldError] = []
    starts_on, ends_on = _day(data, "starts_on", problems), _day(data, "ends_on", problems)
    if starts_on is None and not problems:
        problems.append(FieldError("Enter the first day.", "starts_on"))
    if starts_on is None or problems:
        raise InvalidInput("The days cannot be read.", "Enter days such as 2026-11-21.", problems)
    return CalendarEventRequest(name=data.get("name", ""), starts_on=starts_on, ends_on=ends_on)


def _day(data: Mapping[str, str], field: str, problems: list[FieldError]) -> date | None:
    typed = data.get(field, "").strip()
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        problems.append(FieldError("Enter a day such as 2026-11-21.", field))
        return None


HANDLERS: list[BaseRouteHandler] = [show_events, save_event, save_changed_event, delete_event]
