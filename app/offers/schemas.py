"""Offers as they are told and shown. Money is in micros of the workspace's currency."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

_Amount = Annotated[int, msgspec.Meta(ge=-(10**17), le=10**17)]


class State(StrEnum):
    """Whether an offer is advised."""

    ACTIVE = "active"
    RETIRED = "retired"


class OfferRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An offer by the name under which it is shown and taken. `margin_micros` is what a sale with it leaves, after the discount;
    `usual_margin_micros` what a sale without it leaves, where that differs; `cost_micros` what showing it to one customer costs."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    margin_micros: _Amount
    usual_margin_micros: _Amount | None = None
    cost_micros: Annotated[int, msgspec.Meta(ge=0, le=10**17)] = 0
    description: Annotated[str, msgspec.Meta(max_length=500)] = ""


class OfferReply(msgspec.Struct, frozen=True, kw_only=True):
    """An offer with what came of it. `acceptance` is taken ÷ shown within its 80 % range, null before anybody saw it;
    `advised` customers should see it now, and `tried` should be among whom it is tried on one in five."""

    id: UUID
    name: str
    description: str
    margin_micros: int
    usual_margin_micros: int | None
    cost_micros: int
    currency: str
    state: State
    shown: int
    taken: int
    acceptance: float | None
    acceptance_low: float | None
    acceptance_high: float | None
    advised: int
    tried: int
    created_at: datetime


class OfferList(msgspec.Struct, frozen=True, kw_only=True):
    """All offers, those that are made first."""

    items: list[OfferReply]
