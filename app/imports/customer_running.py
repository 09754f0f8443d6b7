"""Bringing a confirmed file to the customers: rows → checked → stored set-wise, all within the job's transaction.

A refusal (a plan's limit, no row that could be taken) is an outcome: nothing of the file is stored, the reason is. Only defects
and outages fail the job.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.campaigns.channels import learn_names
from app.customers.converting import Converter
from app.customers.models import CustomerUpload
from app.customers.taking import Taken, keep_customers, take_events, take_turns
from app.customers.telling import Rules, Told
from app.imports.customer_errors import ErrorsWriter
from app.imports.customer_files import columns_of, shape_of, upload_by_id
from app.imports.customer_reader import SOURCE, CustomerBatch, CustomerReading
from app.imports.errors import AllRowsRejected
from app.imports.names import normalise_channel
from app.imports.refusals import EmptyFile
from billing.entitlements import consume
from billing.plans import Entitlement, Plan
from kit.clock import utc_now
from kit.errors import AdloomError, FieldError, Unavailable
from kit.format import plural
from kit.jobs import JobCancelled, Transient
from kit.storage import FileMissing, Storage

SHOWN_ERRORS = 50
# Waiting for another file's turn may take longer than a page may.
_TAKE_TIME = text("SET LOCAL statement_timeout = '15min'")


@dataclass(frozen=True)
class CustomerRun:
    """What a run needs beside its session, and whom to tell how far it is."""

    storage: Storage
    plan: Plan
    currency: str
    timezone: str
    now: datetime
    progress: Callable[[float, str], None]


@dataclass
class Tally:
    """What a run has counted so far; survives a refusal, so that a person sees how far it came."""

    zone: ZoneInfo
    rows_read: int = 0
    rows_rejected: int = 0
    repeated: int = 0
    covers_from: date | None = None
    covers_to: date | None = None
    taken: Taken = field(default_factory=Taken)
    channels: set[str] = field(default_factory=set)
    first_errors: list[dict[str, Any]] = field(default_factory=list)

    def count(self, batch: CustomerBatch) -> None:
        """Add a batch."""
        self.rows_read += batch.rows_read
        self.rows_rejected += batch.rows_rejected
        self.repeated += batch.repeated
        self.first_errors += [_shown(one) for one in batch.errors[: max(0, SHOWN_ERRORS - len(self.first_errors))]]
        if batch.told:
            moments = [one.happened_at for one in batch.told]
            since, until = (moment.astimezone(self.zone).date() for moment in (min(moments), max(moments)))
            self.covers_from = since if self.covers_from is None else min(self.covers_from, since)
            self.covers_to = until if self.covers_to is None else max(self.covers_to, until)

    @property
    def rows_changed(self) -> int:
        """What of the file was not known before: events, or customers of a file without events."""
        taken = self.taken
        return taken.events_new + taken.events_changed or taken.customers_new + taken.customers_changed

    @property
    def notices(self) -> list[str]:
        """What a person should know about rows that were accepted."""
        said = []
        if self.repeated:
            said.append(f"{plural(self.repeated, 'row')} said what an earlier row had said, and counted once.")
        if self.rows_read > self.rows_rejected and not self.rows_changed:
            said.append("Nothing changed: everything in the file was known already.")
        return said


def run_upload(session: Session, *, upload_id: UUID, run: CustomerRun) -> CustomerUpload:
    """Read the file and store what it tells. An upload that is over is left as it is."""
    item = upload_by_id(session, upload_id)
    if item.state != "queued":
        return item
    tally, problem = Tally(ZoneInfo(run.timezone)), None
    with TemporaryDirectory(prefix="adloom-customers-") as directory:
        errors = Path(directory) / "errors.csv"
        try:
            with session.begin_nested():
                _bring_in(session, item, run, tally, errors)
        except (Unavailable, Transient):
            raise
        except AdloomError as refusal:
            problem = refusal
        errors_key = _keep_errors(run.storage, upload_id, item.storage_key, tally, errors)
    run.progress(1.0, "Done")
    return _close(session, upload_id, tally, problem=problem, errors_key=errors_key)


def _bring_in(session: Session, item: CustomerUpload, run: CustomerRun, tally: Tally, errors: Path) -> None:
    shape, columns = shape_of(item), columns_of(item)
    session.execute(_TAKE_TIME)
    rules = Rules.at(run.now, run.timezone, Converter(session, currency=run.currency))
    take_turns(session)
    try:
        with run.storage.local_copy(item.storage_key) as path, ErrorsWriter(errors) as writer:
            for batch in CustomerReading(path, shape, columns, rules):
                tally.count(batch)
                writer.write(batch.errors)
                _store(session, batch, run, tally)
                share = min(0.99, tally.rows_read / max(1, shape.estimated_rows))
                run.progress(share, f"Reading rows: {tally.rows_read:,} so far")
    except FileMissing as refusal:
        raise EmptyFile("The file is not kept any more.", "Upload it again.") from refusal
    if not tally.rows_read:
        raise EmptyFile("There is no row below the header.", "Check that the export has data, and upload it again.")
    if tally.rows_read == tally.rows_rejected:
        raise _all_rejected(tally)
    if tally.rows_changed:
        consume(session, run.plan, Entitlement.IMPORT_ROWS, amount=tally.rows_changed)


def _store(session: Session, batch: CustomerBatch, run: CustomerRun, tally: Tally) -> None:
    learn_channels(session, batch.told, plan=run.plan, known=tally.channels)
    if batch.told:
        tally.taken += take_events(session, batch.told, source=SOURCE)
    if batch.contacts:
        tally.taken += keep_customers(session, batch.contacts)


def learn_channels(session: Session, told: Sequence[Told], *, plan: Plan, known: set[str]) -> None:
    """Make the channels known that touches name; refuses what is beyond the plan's number of channels."""
    new = {one.channel for one in told if one.channel} - known
    if new:
        learn_names(session, names={name: normalise_channel(name) for name in new}, plan=plan)
        known |= new


def _all_rejected(tally: Tally) -> AllRowsRejected:
    first = tally.first_errors[0]
    return AllRowsRejected(
        f"None of the {plural(tally.rows_read, 'row')} could be taken. The first problem is in row {first['row']}: "
        f"{first['message']}",
        "If all rows have the same problem, a column or format is probably chosen wrongly: upload the file again and check them.",
    )


def _shown(error: FieldError) -> dict[str, Any]:
    return {"row": error.row, "message": error.message, "column": error.field}


def _keep_errors(storage: Storage, upload_id: UUID, storage_key: str, tally: Tally, errors: Path) -> str | None:
    if not tally.rows_rejected or not errors.exists():
        return None
    key = f"{storage_key.split('/', 1)[0]}/customer-uploads/{upload_id}-errors.csv"
    with errors.open("rb") as stream:
        storage.put(key, stream)
    return key


def _close(
    session: Session, upload_id: UUID, tally: Tally, *, problem: AdloomError | None, errors_key: str | None
) -> CustomerUpload:
    item = upload_by_id(session, upload_id, for_update=True)
    if item.state == "cancelled":
        raise JobCancelled
    item.state = "failed" if problem else "done"
    item.problem = None
    if problem:
        item.problem = {
            "code": problem.code,
            "title": problem.title,
            "detail": problem.detail,
            "hint": problem.hint,
        }
    else:
        item.rows_changed, item.customers_new = tally.rows_changed, tally.taken.customers_new
        item.notices = tally.notices
    item.rows_read, item.rows_rejected = tally.rows_read, tally.rows_rejected
    item.rows_accepted = tally.rows_read - tally.rows_rejected
    item.covers_from, item.covers_to = tally.covers_from, tally.covers_to
    item.first_errors, item.errors_key, item.finished_at = tally.first_errors, errors_key, utc_now()
    session.flush()
    return item
