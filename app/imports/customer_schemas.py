"""What programs tell of customers, and the replies to it. Money is micros."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from app.customers.models import CustomerUpload

Property = str | int | float | bool | None
UPLOADS = "/api/v1/customers/uploads/"


class Happened(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that a customer did. `kind` is order, refund, touch, offer_shown, offer_taken or event.

    An order and a refund have `value_micros`, a refund the number of its `order`, a touch its `channel`, an offer and an event a
    `name`. `happened_at` is ISO 8601; without a zone it is the workspace's. Told again with the same `source` and `external_id`
    it replaces what was told; without an `external_id` an order counts by its number, anything else by all that is said of it.
    """

    kind: str
    happened_at: str
    value_micros: int | None = None
    currency: str = ""
    order: str = ""
    channel: str = ""
    campaign: str = ""
    name: str = ""
    properties: dict[str, Property] = {}
    external_id: str = ""


class HappenedToCustomer(Happened, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same with whom it is about: the number or name under which you know the customer, who is made known where they are new."""

    customer: str
    customer_name: str = ""
    email: str = ""
    country: str = ""


class OneEvent(Happened, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that a known customer did."""

    source: str = "api"


class EventBatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Up to 1,000 things that happened, told by one source."""

    events: list[HappenedToCustomer]
    source: str = "api"


class EventError(msgspec.Struct, frozen=True):
    """Why something was not taken; `row` is its place in the batch, from 1."""

    row: int
    field: str | None
    message: str


class EventsReply(msgspec.Struct, frozen=True, kw_only=True):
    """What became of what was told. What is valid is stored even where other rows are not."""

    new: int
    changed: int
    unchanged: int
    rejected: int
    customers_new: int
    errors: list[EventError]


class CustomerUploadReply(msgspec.Struct, frozen=True, kw_only=True):
    """A file about customers: its state, and what came out once it is done."""

    id: UUID
    filename: str
    state: str
    created_at: datetime
    finished_at: datetime | None
    job_id: UUID | None
    columns: dict[str, str]
    missing: list[str]
    questions: list[str]
    rows_read: int
    rows_accepted: int
    rows_changed: int
    rows_rejected: int
    customers_new: int
    covers_from: date | None
    covers_to: date | None
    notices: list[str]
    errors: list[dict[str, Any]]
    problem: dict[str, Any] | None
    href: str
    errors_href: str | None


def upload_reply(item: CustomerUpload, *, missing: list[str], questions: list[str]) -> CustomerUploadReply:
    """The whole upload."""
    return CustomerUploadReply(
        id=item.id,
        filename=item.filename,
        state=item.state,
        created_at=item.created_at,
        finished_at=item.finished_at,
        job_id=item.job_id,
        columns=item.columns,
        missing=missing,
        questions=questions,
        rows_read=item.rows_read,
        rows_accepted=item.rows_accepted,
        rows_changed=item.rows_changed,
        rows_rejected=item.rows_rejected,
        customers_new=item.customers_new,
        covers_from=item.covers_from,
        covers_to=item.covers_to,
        notices=item.notices,
        errors=item.first_errors,
        problem=item.problem,
        href=f"{UPLOADS}{item.id}",
        errors_href=f"{UPLOADS}{item.id}/errors.csv" if item.errors_key else None,
    )
