"""What is told of a lift test, and how it is shown to programs."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

Finite = Annotated[float, msgspec.Meta(ge=-1e12, le=1e12)]


class Act(StrEnum):
    """What was done to the channel; a study was run and evaluated by somebody else."""

    PAUSED = "paused"
    LOWERED = "lowered"
    RAISED = "raised"
    STUDY = "study"


class LiftTestRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An experiment and its result: either revenue that was missing or gained over the days (`revenue`), or revenue per unit of
    spend (`roi`), each with its 95 % range where it is known. Money in units of the workspace's currency."""

    channel: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    act: Act
    starts_on: date
    ends_on: date
    roi: Finite | None = None
    revenue: Finite | None = None
    low: Finite | None = None
    high: Finite | None = None
    note: Annotated[str, msgspec.Meta(max_length=300)] = ""


class LiftTestReply(msgspec.Struct, frozen=True, kw_only=True):
    """A lift test: revenue per unit of spend that it found, with its 95 % range."""

    id: UUID
    channel: str
    act: Act
    starts_on: date
    ends_on: date
    roi: float
    roi_low: float
    roi_high: float
    note: str
    created_at: datetime


class LiftTestList(msgspec.Struct, frozen=True):
    """All lift tests, the newest days first."""

    items: list[LiftTestReply]
