"""Files about customers from an upload to a queued job: taken in, recognised, confirmed where something is in doubt.

A file lies beside those of imports and goes the same way: what is no import's own is cleared away by the first purge after 24 hours.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import BinaryIO
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.service import record
from app.customers.models import CustomerUpload
from app.imports.columns import known_fields
from app.imports.content import Source
from app.imports.customer_columns import (
    Columns,
    CustomerField,
    chosen_columns,
    missing_columns,
    recognised_columns,
    require_columns,
)
from app.imports.customer_jobs import RunCustomerUpload
from app.imports.errors import ImportNotWaiting
from app.imports.refusals import ColumnsMissing, HeaderMissing, UploadMissing
from app.imports.shape import DayOrder, FileShape, Topic
from app.imports.sniff import LIMIT_BYTES, sniff
from kit.clock import today_in, utc_now
from kit.errors import InvalidInput, NotFound
from kit.ids import new_id
from kit.jobs import enqueue
from kit.jobs.service import cancel as cancel_job
from kit.storage import Storage
from tenants.workspaces.principal import UserRef, WorkspaceRef

PAGE = 20
_MAX_NAME = 200
_HEADER_HINT = "Put a header above the rows: customer, date, value, order. The example on the page shows how."


class CustomerAnswers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person confirms; what is left out stays as it was recognised. `columns` is field → column of the file."""

    columns: dict[str, str] | None = None
    day_order: DayOrder | None = None
    decimal: str | None = None


def receive_customers(
    session: Session, storage: Storage, *, workspace: WorkspaceRef, user: UserRef, filename: str, stream: BinaryIO
) -> CustomerUpload:
    """Take a file in that came with the request (a seekable stream). A file that is refused is not stored."""
    name = _tidy_name(filename)
    shape, columns = look_at(stream, name, workspace=workspace)
    upload_id = new_id()
    key = f"{workspace.id}/imports/customers-{upload_id}"
    stream.seek(0)
    item = CustomerUpload(
        id=upload_id,
        created_by=user.id,
        created_at=utc_now(),
        filename=name,
        storage_key=key,
        size_bytes=storage.put(key, stream, max_bytes=LIMIT_BYTES),
        state="awaiting_confirmation",
        shape=msgspec.to_builtins(shape),
        columns={field.value: column for field, column in columns.items()},
        first_errors=[],
        notices=[],
    )
    session.add(item)
    session.flush()
    return item


def look_at(source: Source, filename: str, *, workspace: WorkspaceRef) -> tuple[FileShape, Columns]:
    """What the file looks like and what its columns mean; refuses what is no table, or is about channels instead of customers."""
    today = today_in(workspace.timezone)
    try:
        shape = sniff(source, filename, today=today)
    except HeaderMissing as refusal:
        raise HeaderMissing(refusal.detail, _HEADER_HINT) from refusal
    columns = recognised_columns(shape.header)
    if CustomerField.CUSTOMER not in columns and known_fields(shape.header) >= 4:
        raise ColumnsMissing(
            "The file has no column for the customer; it looks like one of spend and revenue by channel.",
            "Upload such a file under Imports. A file about customers names one on each row.",
        )
    return sniff(source, filename, today=today, remembered=_for_sniffing(columns)), columns


def confirm_customers(
    session: Session,
    storage: Storage,
    *,
    workspace: WorkspaceRef,
    user: UserRef,
    upload_id: UUID,
    answers: CustomerAnswers | None = None,
) -> CustomerUpload:
    """Start reading as confirmed. The job leaves with the commit."""
    item, answers = upload_by_id(session, upload_id, for_update=True), answers or CustomerAnswers()
    shape = _waiting(item)
    if answers.decimal not in {None, ".", ","}:
        raise InvalidInput("The decimal mark is a point or a comma.", "Choose one of the two.")
    columns = columns_of(item) if answers.columns is None else chosen_columns(shape.header, answers.columns)
    require_columns(columns)
    if not storage.exists(item.storage_key):
        raise UploadMissing("The file is not kept any more, because nobody confirmed it in time.", "Upload it again.")
    if answers.columns is not None:
        with storage.local_copy(item.storage_key) as path:
            today = today_in(workspace.timezone)
            shape = sniff(path, item.filename, today=today, remembered=_for_sniffing(columns))
    shape = shape.confirmed(day_order=answers.day_order, decimal=answers.decimal)
    item.shape, item.columns = msgspec.to_builtins(shape), {field.value: name for field, name in columns.items()}
    item.state, item.problem = "queued", None
    job = RunCustomerUpload(
        upload_id=item.id, currency=workspace.currency, timezone=workspace.timezone, plan_code=workspace.plan_code
    )
    item.job_id = enqueue(session, job, title=f"Reading {item.filename}", dedupe_key=f"customers:{item.id}")
    record(
        session,
        actor_id=user.id,
        actor_name=user.name,
        action="customers.upload_confirmed",
        subject=str(item.id),
        details={"rows": shape.estimated_rows},
    )
    session.flush()
    return item


def confirm_if_clear(
    session: Session, storage: Storage, *, workspace: WorkspaceRef, user: UserRef, item: CustomerUpload
) -> CustomerUpload:
    """Start at once where nothing about the file needs a person's look; else it goes on waiting."""
    if questions_of(shape_of(item)) or missing_columns(columns_of(item)):
        return item
    return confirm_customers(session, storage, workspace=workspace, user=user, upload_id=item.id)


def cancel_upload(session: Session, control: Session, *, workspace: WorkspaceRef, upload_id: UUID) -> CustomerUpload:
    """Stop it; nothing of the file is stored."""
    item = upload_by_id(session, upload_id, for_update=True)
    if item.state not in {"awaiting_confirmation", "queued"}:
        raise ImportNotWaiting("This upload is over, so there is nothing to cancel.")
    if item.job_id is not None:
        # The ledger forgets old jobs; the upload is cancelled all the same.
        with suppress(NotFound):
            cancel_job(control, item.job_id, workspace_id=workspace.id)
    item.state, item.finished_at = "cancelled", utc_now()
    return item


def upload_by_id(session: Session, upload_id: UUID, *, for_update: bool = False) -> CustomerUpload:
    """An upload of the workspace."""
    statement = select(CustomerUpload).where(CustomerUpload.id == upload_id)
    if for_update:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(statement)
    if found is None:
        raise NotFound("There is no such upload.", "Choose one from the list of uploads.")
    return found


def newest_uploads(session: Session, *, limit: int = PAGE) -> list[CustomerUpload]:
    """Uploads, newest first."""
    newest = select(CustomerUpload).order_by(CustomerUpload.created_at.desc(), CustomerUpload.id.desc())
    return list(session.scalars(newest.limit(limit)))


def shape_of(item: CustomerUpload) -> FileShape:
    """What was recognised in a file."""
    return msgspec.convert(item.shape or {}, FileShape)


def columns_of(item: CustomerUpload) -> Columns:
    """Which column means what."""
    return {CustomerField(field): name for field, name in item.columns.items()}


def questions_of(shape: FileShape) -> tuple[Topic, ...]:
    """What the file leaves open and a person has to say. Its currency is none of it: each amount is read in its own."""
    return tuple(one.topic for one in shape.questions if one.topic is not Topic.CURRENCY)


def _waiting(item: CustomerUpload) -> FileShape:
    if item.state != "awaiting_confirmation":
        raise ImportNotWaiting("This upload is not waiting for a confirmation.", "Open it to see its state.")
    return shape_of(item)


def _for_sniffing(columns: Mapping[CustomerField, str]) -> dict[str, str]:
    """Days and amounts under the names that recognising their spelling goes by."""
    named = {"date": columns.get(CustomerField.HAPPENED_AT), "revenue": columns.get(CustomerField.VALUE)}
    return {name: column for name, column in named.items() if column}


def _tidy_name(filename: str) -> str:
    """The last part of a path, without letters that cannot be shown."""
    last = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable()).strip()[:_MAX_NAME] or "customers.csv"
