"""From an upload to a queued job: taking a file in, by either way, confirming how it is read, cancelling.

`running.run_import` does the rest in a worker. Files lie under `{workspace_id}/imports/{import_id}`.
"""

import hashlib
from contextlib import suppress
from typing import BinaryIO, cast
from uuid import UUID

import msgspec
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.service import record
from app.imports.columns import ColumnMapping, mapping_from_headers
from app.imports.content import Source
from app.imports.currency import currency_problem, require_same_currency
from app.imports.errors import ImportNotWaiting
from app.imports.jobs import RunImport
from app.imports.models import Import, ImportMapping
from app.imports.queries import has_facts, import_by_id
from app.imports.recognising import Recognised, is_certain, recognise
from app.imports.refusals import UploadMissing
from app.imports.schemas import Choices, Formats, Setup
from app.imports.shape import FileShape
from app.imports.sniff import LIMIT_BYTES
from kit.clock import today_in, utc_now
from kit.errors import AdloomError, InvalidInput, NotFound
from kit.ids import new_id
from kit.jobs import enqueue
from kit.jobs.queries import job_of
from kit.jobs.service import cancel as cancel_job
from kit.storage import CHUNK_BYTES, Storage, UploadTicket, too_large
from tenants.workspaces.principal import UserRef, WorkspaceRef

MAX_NAME = 200
_ENCODINGS = {"utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16", "utf-16-le", "utf-16-be"}
_CONFIRMABLE = {"awaiting_confirmation", "failed", "cancelled"}


class HashingStream:
    """A stream that computes the SHA-256 of what is read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        block = self._stream.read(size)
        self._hash.update(block)
        return block

    def digest(self) -> bytes:
        """Of all that was read."""
        return self._hash.digest()


def receive(
    session: Session, storage: Storage, *, workspace: WorkspaceRef, user: UserRef, filename: str, stream: BinaryIO
) -> Import:
    """Take a file in that came with the request (a seekable stream). A file that is refused is not stored."""
    item = _new_import(workspace, user, filename)
    found = recognise(session, stream, item.filename, today=today_in(workspace.timezone))
    stream.seek(0)
    hashed = HashingStream(stream)
    item.size_bytes = storage.put(item.storage_key, cast("BinaryIO", hashed), max_bytes=LIMIT_BYTES)
    item.content_hash = hashed.digest()
    _await_confirmation(item, found)
    session.add(item)
    session.flush()
    return item


def presign(
    session: Session, storage: Storage, *, workspace: WorkspaceRef, user: UserRef, filename: str, size_bytes: int
) -> tuple[Import, UploadTicket]:
    """Leave to upload a file straight to the storage; `complete` goes on from there."""
    if size_bytes > LIMIT_BYTES:
        raise too_large(LIMIT_BYTES)
    item = _new_import(workspace, user, filename)
    item.state = "awaiting_upload"
    session.add(item)
    session.flush()
    return item, storage.presign_upload(item.storage_key, max_bytes=LIMIT_BYTES)


def complete(session: Session, storage: Storage, *, workspace: WorkspaceRef, import_id: UUID) -> Import:
    """Go on with a file that was uploaded to the storage. A refused file is removed; another can follow under the same leave."""
    item = import_by_id(session, import_id, for_update=True)
    if item.state != "awaiting_upload":
        raise ImportNotWaiting("This upload has been completed already.", "Open the import to see how it went on.")
    if not storage.exists(item.storage_key):
        raise UploadMissing("No file has arrived for this import yet.", "Upload it to the given address first.")
    try:
        found = _look_at_stored(session, storage, item, workspace)
    except AdloomError:
        storage.delete(item.storage_key)
        raise
    _await_confirmation(item, found)
    return item


def look_again(
    session: Session,
    storage: Storage,
    *,
    workspace: WorkspaceRef,
    import_id: UUID,
    sheet: str | None = None,
    encoding: str | None = None,
) -> Import:
    """Recognise the stored file once more, with another sheet or encoding."""
    item = _confirmable(session, import_id)
    if encoding is not None and encoding not in _ENCODINGS:
        raise InvalidInput("This encoding is not known.", "Choose UTF-8, Windows-1252, Latin-1 or UTF-16.")
    with storage.local_copy(item.storage_key) as path:
        found = recognise(
            session, path, item.filename, today=today_in(workspace.timezone), sheet=sheet, encoding=encoding
        )
    _await_confirmation(item, found)
    return item


def confirm(
    session: Session, *, workspace: WorkspaceRef, user: UserRef, import_id: UUID, choices: Choices | None = None
) -> Import:
    """Start the import as confirmed, remembering the answers for files with the same columns. The job leaves with the commit."""
    item = _confirmable(session, import_id)
    choices = choices or Choices()
    shape, before = shape_of(item), setup_of(item)
    columns = _chosen_columns(shape, before.columns, choices)
    columns.require_complete()
    currency = require_same_currency(
        shape, chosen=choices.currency, workspace_currency=workspace.currency, has_data=has_facts(session)
    )
    shape = shape.confirmed(day_order=choices.day_order, decimal=choices.decimal, currency=currency)
    setup = _confirmed_setup(before, columns, choices)
    item.shape, item.mapping, item.currency = msgspec.to_builtins(shape), msgspec.to_builtins(setup), currency
    item.state, item.problem, item.finished_at = "queued", None, None
    _remember(session, shape, setup)
    item.job_id = enqueue(
        session,
        RunImport(import_id=item.id, currency=currency, timezone=workspace.timezone, plan_code=workspace.plan_code),
        title=f"Importing {item.filename}",
        dedupe_key=f"import:{item.id}",
    )
    details = {"filename": item.filename}
    record(
        session,
        actor_id=user.id,
        actor_name=user.name,
        action="import.confirmed",
        subject=str(item.id),
        details=details,
    )
    session.flush()
    return item


def confirm_if_certain(session: Session, *, workspace: WorkspaceRef, user: UserRef, item: Import) -> Import:
    """Start the import at once where nothing about the file needs a person's look; else it goes on waiting."""
    found = Recognised(shape_of(item), setup_of(item))
    foreign = currency_problem(found.shape, workspace_currency=workspace.currency, has_data=has_facts(session))
    if item.state == "awaiting_confirmation" and is_certain(found) and foreign is None:
        return confirm(session, workspace=workspace, user=user, import_id=item.id)
    return item


def cancel(session: Session, control: Session, *, workspace: WorkspaceRef, import_id: UUID) -> Import:
    """Stop an import that is not over. One that runs takes back what it did; nothing of it is stored."""
    item = import_by_id(session, import_id, for_update=True)
    if item.state in {"done", "failed"}:
        raise ImportNotWaiting("This import is over, so there is nothing to cancel.")
    if item.state == "queued" and item.job_id is not None:
        # The ledger forgets old jobs; the import is cancelled all the same.
        with suppress(NotFound):
            cancel_job(control, item.job_id, workspace_id=workspace.id)
    item.state, item.finished_at = "cancelled", utc_now()
    return item


def reopen(session: Session, control: Session, *, workspace: WorkspaceRef, import_id: UUID) -> Import:
    """Let an import that failed or was stopped be confirmed anew, with other choices or on another plan."""
    item = import_by_id(session, import_id, for_update=True)
    is_stopped = item.state in {"failed", "cancelled"}
    if item.state == "queued" and item.job_id is not None:
        with suppress(NotFound):
            is_stopped = job_of(control, item.job_id, workspace_id=workspace.id).state in {"dead", "cancelled"}
    if not is_stopped or item.shape is None:
        raise ImportNotWaiting("This import cannot be started anew.", "Upload the file again.")
    item.state, item.problem, item.job_id = "awaiting_confirmation", None, None
    return item


def shape_of(item: Import) -> FileShape:
    """What was recognised in an import's file."""
    if item.shape is None:
        raise ImportNotWaiting("No file has been looked at for this import yet.", "Upload and complete it first.")
    return msgspec.convert(item.shape, FileShape)


def setup_of(item: Import) -> Setup:
    """How an import's file is to be read."""
    return msgspec.convert(item.mapping or {}, Setup)


def _new_import(workspace: WorkspaceRef, user: UserRef, filename: str) -> Import:
    import_id = new_id()
    return Import(
        id=import_id,
        created_by=user.id,
        filename=_tidy_name(filename),
        storage_key=f"{workspace.id}/imports/{import_id}",
        state="awaiting_confirmation",
        rows_read=0,
        rows_accepted=0,
        rows_changed=0,
        rows_rejected=0,
        created_at=utc_now(),
    )


def _tidy_name(filename: str) -> str:
    """The last part of a path, without letters that cannot be shown."""
    last = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable()).strip()[:MAX_NAME] or "upload.csv"


def _look_at_stored(session: Session, storage: Storage, item: Import, workspace: WorkspaceRef) -> Recognised:
    item.size_bytes = storage.size(item.storage_key)
    if item.size_bytes > LIMIT_BYTES:
        raise too_large(LIMIT_BYTES)
    with storage.local_copy(item.storage_key) as path:
        with path.open("rb") as stream:
            item.content_hash = hash_of(stream)
        source: Source = path
        return recognise(session, source, item.filename, today=today_in(workspace.timezone))


def hash_of(stream: BinaryIO) -> bytes:
    """SHA-256 of a stream."""
    hashed = HashingStream(stream)
    while hashed.read(CHUNK_BYTES):
        pass
    return hashed.digest()


def _await_confirmation(item: Import, found: Recognised) -> None:
    item.shape, item.mapping = msgspec.to_builtins(found.shape), msgspec.to_builtins(found.setup)
    item.state, item.problem = "awaiting_confirmation", None


def _confirmable(session: Session, import_id: UUID) -> Import:
    item = import_by_id(session, import_id, for_update=True)
    if item.state not in _CONFIRMABLE or item.shape is None:
        raise ImportNotWaiting(
            "This import is not waiting for a confirmation.", "Open it to see its state, or upload the file again."
        )
    return item


def _chosen_columns(shape: FileShape, before: ColumnMapping, choices: Choices) -> ColumnMapping:
    fixed_channel = choices.fixed_channel.strip() or (before.fixed_channel if choices.mapping is None else "")
    if choices.mapping is None:
        return msgspec.structs.replace(before, fixed_channel=fixed_channel)
    return mapping_from_headers(shape.header, choices.mapping, fixed_channel=fixed_channel)


def _confirmed_setup(before: Setup, columns: ColumnMapping, choices: Choices) -> Setup:
    """What revenue stands for is found out anew where the columns or formats it rests on have changed."""
    if choices.revenue is not None and choices.revenue is not before.revenue:
        return Setup(columns=columns, revenue=choices.revenue, revenue_note="You chose how revenue is read.")
    is_same = columns.positions == before.columns.positions and not (choices.day_order or choices.decimal)
    if is_same or choices.revenue is not None:
        return msgspec.structs.replace(before, columns=columns)
    return Setup(columns=columns)


def _remember(session: Session, shape: FileShape, setup: Setup) -> None:
    formats = Formats(
        day_order=shape.day_order,
        decimal=shape.decimal,
        revenue=setup.revenue,
        fixed_channel=setup.columns.fixed_channel,
    )
    values = {
        "header_hash": shape.header_hash,
        "mapping": setup.columns.headers,
        "formats": msgspec.to_builtins(formats),
        "used_at": utc_now(),
    }
    statement = insert(ImportMapping).values(values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["header_hash"],
            set_={name: statement.excluded[name] for name in ("mapping", "formats", "used_at")},
        )
    )
