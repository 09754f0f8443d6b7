"""Bringing a confirmed file into the facts: rows → staging → channels → facts → rejects, all within the job's transaction.

A refusal (a plan's limit, no row that could be taken over) is an outcome: nothing of the file is stored, the reason is. Only
defects and outages fail the job.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.campaigns.channels import WHOLE_DAY, WHOLE_DAY_NAME, StandardName, learn_names, list_names
from app.campaigns.facts import Merged, merge_staged
from app.imports.errors import AllRowsRejected
from app.imports.models import Import
from app.imports.names import normalise_channel
from app.imports.queries import import_by_id, names_on_the_same_days, overlapping_facts
from app.imports.reader import Batch, Reading, Reject, read_rows
from app.imports.recognising import with_revenue
from app.imports.refusals import CorrectionsOverlap, EmptyFile, FileReplaced
from app.imports.rejects import RejectsWriter
from app.imports.schemas import Setup
from app.imports.service import hash_of, setup_of, shape_of
from app.imports.shape import REJECT_ROW, FileShape, RevenueShape
from app.imports.staging import StagedValues, stage
from billing.entitlements import consume
from billing.plans import Entitlement, Plan
from kit.clock import utc_now
from kit.errors import AdloomError, Unavailable
from kit.jobs import JobCancelled, Transient
from kit.storage import Storage

SHOWN_REJECTS = 50
SHOWN_NAMES = 8
READING_ENDS = 0.8
_DROP_STAGED = text("DELETE FROM import_staging WHERE import_id = :import_id")
# A COPY lasts as long as its file takes to be read; the role's limit of a minute is for pages.
_TAKE_TIME = text("SET LOCAL statement_timeout = '15min'")
# One import after the other in a workspace: two that merge the same days in another order would wait for each other for ever.
_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.imports'))")


@dataclass(frozen=True)
class RunContext:
    """What a run needs beside its session, and whom to tell how far it is."""

    storage: Storage
    plan: Plan
    today: date
    progress: Callable[[float, str], None]


@dataclass
class Tally:
    """What a run has counted so far; survives a refusal, so that a person sees how far it came."""

    rows_read: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0
    covers_from: date | None = None
    covers_to: date | None = None
    names: dict[str, StandardName] = field(default_factory=dict)
    first_rejects: list[dict[str, Any]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def count(self, batch: Batch) -> None:
        """Add a batch."""
        self.rows_read += batch.rows_read
        self.rows_rejected += len(batch.rejects)
        self.rows_accepted = self.rows_read - self.rows_rejected
        days = [*batch.days, *(given.day for given in batch.day_revenue)]
        if days:
            self.covers_from = min(days) if self.covers_from is None else min(self.covers_from, *days)
            self.covers_to = max(days) if self.covers_to is None else max(self.covers_to, *days)
        for name in set(batch.channels).difference(self.names):
            self.names[name] = normalise_channel(name)
        if batch.day_revenue:
            self.names[WHOLE_DAY] = StandardName(WHOLE_DAY, WHOLE_DAY_NAME)
        for reject in batch.rejects[: max(0, SHOWN_REJECTS - len(self.first_rejects))]:
            self.first_rejects += _shown(reject)


def run_import(session: Session, *, import_id: UUID, context: RunContext) -> Import:
    """Import the file and store what came of it. An import that is over is left as it is."""
    item = import_by_id(session, import_id)
    if item.state != "queued":
        return item
    tally, changed, problem = Tally(), 0, None
    with TemporaryDirectory(prefix="adloom-rejects-") as directory:
        rejects = Path(directory) / "rejects.csv"
        try:
            with session.begin_nested():
                changed = _bring_in(session, item, context, tally, rejects).facts_changed
        except (Unavailable, Transient):
            raise
        except AdloomError as refusal:
            problem = refusal
        rejects_key = _keep_rejects(context.storage, item, tally, rejects)
    context.progress(1.0, "Done")
    return _close(session, import_id, tally, changed=changed, problem=problem, rejects_key=rejects_key)


def _bring_in(session: Session, item: Import, context: RunContext, tally: Tally, rejects: Path) -> Merged:
    shape, setup = shape_of(item), setup_of(item)
    session.execute(_TAKE_TIME)
    session.execute(_DROP_STAGED, {"import_id": item.id})
    with context.storage.local_copy(item.storage_key) as path:
        _require_same_file(item, path)
        if setup.revenue is None:
            setup = with_revenue(path, shape, setup.columns, today=context.today)
        reading = _open(path, shape, setup, context)
        with rejects.open("w", encoding="utf-8-sig", newline="") as target:
            rows = _staged(reading, RejectsWriter(target, shape), tally, context, shape.estimated_rows)
            stage(session, import_id=item.id, rows=rows)
    if not tally.rows_read:
        raise EmptyFile("There is no row below the header.", "Check that the export has data, and upload it again.")
    if not tally.rows_accepted:
        raise _all_rejected(tally)
    if setup.revenue is not RevenueShape.ROW:
        tally.notices.append(setup.revenue_note)
    tally.notices += reading.notices
    return _merge(session, item, context, tally)


def _open(path: Path, shape: FileShape, setup: Setup, context: RunContext) -> Reading:
    return read_rows(path, shape, setup.columns, revenue=setup.revenue or RevenueShape.ROW, today=context.today)


def _staged(
    reading: Reading, rejects: RejectsWriter, tally: Tally, context: RunContext, estimated_rows: int
) -> Iterator[StagedValues]:
    """Accepted rows one by one; revenue of whole days goes under a name of its own, with the row's number negated."""
    for batch in reading:
        tally.count(batch)
        rejects.write(batch.rejects)
        share = min(1.0, tally.rows_read / max(1, estimated_rows))
        context.progress(READING_ENDS * share, f"Reading rows: {tally.rows_read:,} so far")
        yield from map(StagedValues._make, batch.records())
        for given in batch.day_revenue:
            yield StagedValues(
                -given.row, given.day, WHOLE_DAY, "", 0, given.revenue_micros, None, None, None, None, None
            )


def _merge(session: Session, item: Import, context: RunContext, tally: Tally) -> Merged:
    context.progress(READING_ENDS, "Adding the rows to your data")
    session.execute(_TAKE_TURNS)
    known = {row.source_name for row in list_names(session)}
    learn_names(session, names=tally.names, plan=context.plan)
    tally.notices += _new_names(tally.names, known)
    names = [name for name in tally.names if name != WHOLE_DAY]
    for shared in names_on_the_same_days(session, import_id=item.id, names=names):
        tally.notices.append(
            f"{shared.channel} already has data under the name “{shared.source_name}” on {shared.days:,} of these days; "
            "both are added up. If they are the same numbers, give both files the same name."
        )
    if REJECT_ROW in shape_of(item).header:
        _require_no_overlap(session, item)
    merged = merge_staged(session, import_id=item.id)
    if merged.facts_changed:
        consume(session, context.plan, Entitlement.IMPORT_ROWS, amount=merged.facts_changed)
    else:
        tally.notices.append("Nothing changed: everything in the file was stored already.")
    return merged


def _require_no_overlap(session: Session, item: Import) -> None:
    """Rows of one day, channel and campaign are added up within a file, so corrected ones alone must not replace the others."""
    if replaced := overlapping_facts(session, import_id=item.id):
        raise CorrectionsOverlap(
            f"Corrected rows: {replaced:,} of them belong to a day, channel and campaign that has other numbers already, "
            "which they would replace.",
            "Correct these rows in the original file and import all of it.",
        )


def _new_names(names: dict[str, StandardName], known: set[str]) -> list[str]:
    """A sentence on the channel names that were met for the first time."""
    new = sorted(name for name in names if name not in known and name != WHOLE_DAY)
    if not new:
        return []
    shown = [name if name == names[name].name else f"{name} as {names[name].name}" for name in new[:SHOWN_NAMES]]
    more = f" and {len(new) - SHOWN_NAMES:,} more" if len(new) > SHOWN_NAMES else ""
    return [f"New channel names: {', '.join(shown)}{more}. You can change what they mean under Channels."]


def _require_same_file(item: Import, path: Path) -> None:
    """An upload address stays open for a while; what is read must be what was confirmed."""
    with path.open("rb") as stream:
        if hash_of(stream) != item.content_hash:
            raise FileReplaced("The stored file changed after it was confirmed.", "Upload it again.")


def _all_rejected(tally: Tally) -> AllRowsRejected:
    first = tally.first_rejects[0]
    return AllRowsRejected(
        f"None of the {tally.rows_read:,} rows could be taken over. The first problem is in row {first['row']}: "
        f"{first['message']}",
        "If all rows have the same problem, a column or format is probably chosen wrongly: check them and import again.",
    )


def _shown(reject: Reject) -> list[dict[str, Any]]:
    return [
        {"row": reject.row, "message": problem.message, "column": problem.field, "value": problem.value}
        for problem in reject.problems
    ]


def _keep_rejects(storage: Storage, item: Import, tally: Tally, rejects: Path) -> str | None:
    if not tally.rows_rejected:
        return None
    key = f"{item.storage_key}-rejects.csv"
    with rejects.open("rb") as stream:
        storage.put(key, stream)
    return key


def _close(
    session: Session,
    import_id: UUID,
    tally: Tally,
    *,
    changed: int,
    problem: AdloomError | None,
    rejects_key: str | None,
) -> Import:
    item = import_by_id(session, import_id, for_update=True)
    if item.state == "cancelled":
        raise JobCancelled
    item.state = "failed" if problem else "done"
    item.problem = _document(problem) if problem else None
    item.rows_read, item.rows_accepted, item.rows_rejected = tally.rows_read, tally.rows_accepted, tally.rows_rejected
    item.rows_changed = changed
    item.covers_from, item.covers_to = tally.covers_from, tally.covers_to
    item.first_rejects, item.rejects_key = tally.first_rejects, rejects_key
    item.notices, item.finished_at = tally.notices, utc_now()
    session.flush()
    return item


def _document(problem: AdloomError) -> dict[str, Any]:
    return {"code": problem.code, "title": problem.title, "detail": problem.detail, "hint": problem.hint}
