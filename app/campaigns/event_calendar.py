"""The business's calendar: promotions, newsletters, stock-outs, past and planned, that models and forecasts count with.

The table has a row per day and name; days in a row under one name are one event to people, known by the id of any of its rows.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.service import record
from app.campaigns.event_schemas import MAX_NAME, CalendarEventReply, CalendarEventRequest
from app.campaigns.facts import count_up
from app.campaigns.models import ChannelDay, Event
from kit.errors import FieldError, InvalidInput, NotFound
from kit.ids import new_id
from ml.forecast.calendar_columns import event_kind
from tenants.workspaces.principal import UserRef

FIRST_ON, LAST_ON = date(1990, 1, 1), date(2099, 12, 31)
LONGEST_DAYS = 366
# Every name is a column of the mix model, and a model with more columns than weeks explains nothing.
MOST_DAYS, MOST_NAMES = 5_000, 80


@dataclass(frozen=True)
class CalendarEvent:
    """Days in a row under one name, with the rows that hold them in the order of days."""

    name: str
    starts_on: date
    row_ids: tuple[UUID, ...]

    @property
    def id(self) -> UUID:
        """The event's id: that of its first day."""
        return self.row_ids[0]

    @property
    def days(self) -> int:
        """How many days it lasts."""
        return len(self.row_ids)

    @property
    def ends_on(self) -> date:
        """Its last day."""
        return self.starts_on + timedelta(days=self.days - 1)

    @property
    def all_days(self) -> list[date]:
        """Each of its days."""
        return _days(self.starts_on, self.ends_on)


def calendar_events(session: Session) -> list[CalendarEvent]:
    """All events, the latest first."""
    rows = session.execute(select(Event.name, Event.day, Event.id).order_by(Event.name, Event.day))
    found = [
        CalendarEvent(name, part[0][0], tuple(row_id for _, row_id in part))
        for name, named in groupby(rows, key=lambda row: row[0])
        for part in _in_a_row((day, row_id) for _, day, row_id in named)
    ]
    return sorted(found, key=lambda one: (one.starts_on, one.name), reverse=True)


def _in_a_row(dated: Iterable[tuple[date, UUID]]) -> list[list[tuple[date, UUID]]]:
    parts: list[list[tuple[date, UUID]]] = []
    for day, row_id in dated:
        if parts and (day - parts[-1][-1][0]).days == 1:
            parts[-1].append((day, row_id))
        else:
            parts.append([(day, row_id)])
    return parts


def calendar_event(session: Session, event_id: UUID) -> CalendarEvent:
    """The event that has this id. Raises NotFound."""
    for one in calendar_events(session):
        if event_id in one.row_ids:
            return one
    raise NotFound("There is no such event.", "Choose one from the list.")


def add_event(session: Session, request: CalendarEventRequest, *, user: UserRef) -> CalendarEvent:
    """Put an event into the calendar; answers that rest on it are no longer the newest then. Days that touch an event of the same
    name make it longer."""
    name, days = _checked(request)
    kept, is_new = _keep(session, name, days)
    if is_new:
        count_up(session)
        _write_down(session, "event.added", kept, user)
    return kept


def change_event(session: Session, event_id: UUID, request: CalendarEventRequest, *, user: UserRef) -> CalendarEvent:
    """Give an event another name or other days. Raises NotFound."""
    name, days = _checked(request)
    before = calendar_event(session, event_id)
    if (before.name, before.all_days) == (name, days):
        return before
    _drop(session, before)
    kept, _ = _keep(session, name, days)
    count_up(session)
    _write_down(session, "event.changed", kept, user, before={"name": before.name, "days": _span(before)})
    return kept


def remove_event(session: Session, event_id: UUID, *, user: UserRef) -> CalendarEvent:
    """Take an event with all its days out of the calendar. Raises NotFound."""
    gone = calendar_event(session, event_id)
    _drop(session, gone)
    count_up(session)
    _write_down(session, "event.removed", gone, user)
    return gone


def event_replies(session: Session, events: Sequence[CalendarEvent], *, today: date) -> list[CalendarEventReply]:
    """Events as programs and pages see them, with what the history knows of each kind."""
    first, last = session.execute(
        select(func.min(ChannelDay.day), func.max(ChannelDay.day)).where(ChannelDay.day < today)
    ).one()
    known: Counter[str] = Counter()
    if first is not None:
        seen = session.execute(select(Event.name, Event.day).where(Event.day.between(first, last)))
        days_of = {(event_kind(name), day) for name, day in seen}
        known.update(kind for kind, _ in days_of)
    return [
        CalendarEventReply(
            id=one.id,
            name=one.name,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            days=one.days,
            is_ahead=one.ends_on >= today,
            days_known=known[event_kind(one.name)],
        )
        for one in events
    ]


def _checked(request: CalendarEventRequest) -> tuple[str, list[date]]:
    """The tidy name and the days. Raises InvalidInput that names every field that is wrong."""
    name = " ".join(request.name.split())
    ends_on = request.ends_on or request.starts_on
    problems = []
    if not name or len(name) > MAX_NAME or not name.isprintable():
        problems.append(FieldError(f"Give it a name of 1 to {MAX_NAME} letters, such as Summer sale.", "name"))
    if not FIRST_ON <= request.starts_on <= LAST_ON:
        problems.append(FieldError(f"Enter a day from {FIRST_ON.year} to {LAST_ON.year}.", "starts_on"))
    if not FIRST_ON <= ends_on <= LAST_ON and ends_on != request.starts_on:
        problems.append(FieldError(f"Enter a day from {FIRST_ON.year} to {LAST_ON.year}.", "ends_on"))
    elif ends_on < request.starts_on:
        problems.append(FieldError("It ends before it starts.", "ends_on"))
    elif (ends_on - request.starts_on).days >= LONGEST_DAYS:
        problems.append(FieldError("An event lasts a year at most. Add what lasts longer year by year.", "ends_on"))
    if problems:
        hint = " ".join(one.message for one in problems)
        raise InvalidInput("The event cannot be taken like this.", hint, problems)
    return name, _days(request.starts_on, ends_on)


def _keep(session: Session, name: str, days: list[date]) -> tuple[CalendarEvent, bool]:
    """The event that holds these days from now on, and whether any of them is new."""
    names = list(session.scalars(select(Event.name).distinct()))
    name = next((one for one in names if one.casefold() == name.casefold()), name)
    used = session.scalar(select(func.count()).select_from(Event)) or 0
    if used + len(days) > MOST_DAYS or (name not in names and len(names) >= MOST_NAMES):
        raise InvalidInput(
            f"A calendar holds {MOST_DAYS:,} days and {MOST_NAMES} different names.",
            "Give events of one kind the same name, and delete what has long passed.",
            [FieldError("Give events of one kind the same name.", "name")],
        )
    rows = [{"id": new_id(), "day": day, "name": name} for day in days]
    added = session.scalars(insert(Event).values(rows).on_conflict_do_nothing().returning(Event.id)).all()
    row_id = session.scalars(select(Event.id).where(Event.name == name, Event.day == days[0])).one()
    return calendar_event(session, row_id), bool(added)


def _drop(session: Session, event: CalendarEvent) -> None:
    session.execute(delete(Event).where(Event.id.in_(event.row_ids)))


def _days(starts_on: date, ends_on: date) -> list[date]:
    return [starts_on + timedelta(days=offset) for offset in range((ends_on - starts_on).days + 1)]


def _span(event: CalendarEvent) -> list[str]:
    return [str(event.starts_on), str(event.ends_on)]


def _write_down(session: Session, action: str, event: CalendarEvent, user: UserRef, **details: Any) -> None:
    record(
        session,
        actor_id=user.id,
        actor_name=user.name,
        action=action,
        subject=event.name,
        details={"days": _span(event), **details},
    )
