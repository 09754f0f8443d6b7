"""What is told of an event of the business, and how it is shown to programs."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec

MAX_NAME = 80


class CalendarEventRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something out of the ordinary, from its first to its last day; without a last one it is a single day. What comes back, a yearly
    sale say, is recognised by its name."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME)]
    starts_on: date
    ends_on: date | None = None


class CalendarEventReply(msgspec.Struct, frozen=True, kw_only=True):
    """An event: days in a row under one name. `is_ahead`: its last day is not over yet. `days_known`: days of its kind within the
    history, from which models tell its effect; 0 for what they have never seen."""

    id: UUID
    name: str
    starts_on: date
    ends_on: date
    days: int
    is_ahead: bool
    days_known: int


class CalendarEventList(msgspec.Struct, frozen=True):
    """All events, the latest first."""

    items: list[CalendarEventReply]
