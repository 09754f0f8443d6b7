"""Uploads that were begun and never completed: their rows, their files, and the parts of a broken upload."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.imports.models import Import
from kit.storage import Storage

# Leave to upload lasts an hour; a day gives a person the time to come back to what was uploaded within it.
UNFINISHED_FOR = timedelta(hours=24)


def purge_unfinished(session: Session, storage: Storage, *, workspace_id: UUID, now: datetime) -> tuple[int, int]:
    """Remove what was begun a day ago and never completed; returns the numbers of rows and of files without one.

    A file that any other import names is kept, whatever state that import is in. A file that no row names is what a request left
    behind when it ended between storing the file and committing.
    """
    before = now - UNFINISHED_FOR
    # An upload that is being completed at this moment holds its row; once it is complete, the row is none of these any more.
    rows = session.scalars(
        delete(Import)
        .where(Import.state.in_(("awaiting_upload", "cancelled")), Import.shape.is_(None), Import.created_at < before)
        .returning(Import.storage_key)
    ).all()
    for key in rows:
        storage.delete(key)
    return len(rows), storage.delete_stale(f"{workspace_id}/imports", before=before, keep=_named_files(session))


def _named_files(session: Session) -> set[str]:
    """The keys that imports name."""
    rows = session.execute(select(Import.storage_key, Import.rejects_key))
    return {key for row in rows for key in row if key is not None}
