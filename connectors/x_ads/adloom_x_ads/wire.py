"""X's JSON as it comes: unknown fields are ignored, everything may be absent or null."""

from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")
Id = str | int | None
Number = int | float | str | None


class Wire(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what X sends."""


class Account(Wire, frozen=True, kw_only=True):
    """An ad account; its currency stands with the funding instruments."""

    id: Id = None
    name: str | None = None
    timezone: str | None = None
    approval_status: str | None = None
    deleted: bool | None = None


class FundingInstrument(Wire, frozen=True, kw_only=True):
    """How an account pays."""

    currency: str | None = None
    deleted: bool | None = None
    cancelled: bool | None = None


class Access(Wire, frozen=True, kw_only=True):
    """What the person who signed in may do in an account."""

    permissions: list[str] | None = None


class Campaign(Wire, frozen=True, kw_only=True):
    """A campaign with its budgets in micros."""

    id: Id = None
    name: str | None = None
    entity_status: str | None = None
    reasons_not_servable: list[str] | None = None
    daily_budget_amount_local_micro: Number = None
    total_budget_amount_local_micro: Number = None
    budget_optimization: str | None = None
    currency: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    updated_at: str | None = None
    deleted: bool | None = None


class LineItem(Wire, frozen=True, kw_only=True):
    """A line item: what lies between campaign and promoted post."""

    id: Id = None
    name: str | None = None
    campaign_id: Id = None
    entity_status: str | None = None
    reasons_not_servable: list[str] | None = None
    daily_budget_amount_local_micro: Number = None
    total_budget_amount_local_micro: Number = None
    objective: str | None = None
    currency: str | None = None
    updated_at: str | None = None
    deleted: bool | None = None


class PromotedTweet(Wire, frozen=True, kw_only=True):
    """A promoted post. It has no name and knows its line item only."""

    id: Id = None
    line_item_id: Id = None
    tweet_id: Id = None
    entity_status: str | None = None
    reasons_not_servable: list[str] | None = None
    updated_at: str | None = None
    deleted: bool | None = None


class Post(Wire, frozen=True, kw_only=True):
    """A post with its words; `id_str` is the id without the loss of large numbers."""

    id: Id = None
    id_str: str | None = None
    tweet_id: Id = None
    full_text: str | None = None
    text: str | None = None


class Job(Wire, frozen=True, kw_only=True):
    """An asynchronous job for numbers; `id_str` is the id without the loss of large numbers."""

    id: Id = None
    id_str: str | None = None
    status: str | None = None
    url: str | None = None
    placement: str | None = None


class Segment(Wire, frozen=True, kw_only=True):
    """Columns of numbers: a list with one value per day, null where there is nothing, an object of lists for conversions."""

    metrics: dict[str, Any] | None = None


class Stats(Wire, frozen=True, kw_only=True):
    """The numbers of one entity."""

    id: Id = None
    id_data: list[Segment] | None = None


class Asked(Wire, frozen=True, kw_only=True):
    """The parameters that an answer repeats."""

    placement: str | None = None


class Echo(Wire, frozen=True, kw_only=True):
    """The question, as an answer repeats it."""

    params: Asked | None = None


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A list with the cursor of the next one; null where there is nothing to list."""

    data: list[T] | None = None
    next_cursor: str | None = None
    request: Echo | None = None

    @property
    def items(self) -> list[T]:
        """What is listed."""
        return self.data or []

    @property
    def placement(self) -> str | None:
        """The placement that was asked for, as the answer repeats it."""
        asked = self.request.params if self.request else None
        return asked.placement if asked else None


class One(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One entity."""

    data: T


class Problem(Wire, frozen=True, kw_only=True):
    """Why a call was refused; old parts of X give numbers as codes."""

    code: str | int | None = None
    message: str | None = None
    parameter: str | None = None


class Refusal(Wire, frozen=True, kw_only=True):
    """A refused call."""

    errors: list[Problem] | None = None
