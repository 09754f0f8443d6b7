"""Reading imports and the mappings that were confirmed before."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import exists, select, text
from sqlalchemy.orm import Session

from app.campaigns.channels import WHOLE_DAY
from app.campaigns.models import MEASURES, DailyFact
from app.imports.models import Import, ImportMapping
from kit.errors import NotFound

PAGE = 30
_SHARED_DAYS = text(
    """
    SELECT channels.name, other.source_name, count(DISTINCT other.day) AS days
    FROM (SELECT DISTINCT day, source_name FROM import_staging WHERE import_id = :import_id) AS staged
    JOIN channel_names AS named ON named.source_name = staged.source_name
    JOIN channels ON channels.id = named.channel_id AND channels.takes_spend
    JOIN channel_names AS elsewhere ON elsewhere.channel_id = named.channel_id AND elsewhere.source_name <> ALL(:names)
    JOIN daily_facts AS other ON other.day = staged.day AND other.source_name = elsewhere.source_name
    GROUP BY channels.name, other.source_name ORDER BY days DESC, other.source_name LIMIT 5
    """
)

_OVERLAPS = text(
    f"""
    SELECT count(*) FROM (
      SELECT day, source_name, campaign, {", ".join(f"sum({m})::bigint AS {m}" for m in MEASURES)}
      FROM import_staging WHERE import_id = :import_id AND source_name <> :whole_day
      GROUP BY day, source_name, campaign) AS staged
    JOIN daily_facts AS fact USING (day, source_name, campaign)
    WHERE ({", ".join(f"fact.{m}" for m in MEASURES)}) IS DISTINCT FROM ({", ".join(f"staged.{m}" for m in MEASURES)})
    """  # noqa: S608 the names are constants of the models
)


class SharedName(NamedTuple):
    """A name from earlier files that feeds the same channel on the same days as the file at hand."""

    channel: str
    source_name: str
    days: int


def import_by_id(session: Session, import_id: UUID, *, for_update: bool = False) -> Import:
    """An import of the workspace."""
    statement = select(Import).where(Import.id == import_id)
    if for_update:
        # What somebody else has committed meanwhile must be seen, not the copy that the session holds.
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(statement)
    if found is None:
        raise NotFound("There is no such import.", "Choose one from the list of imports.")
    return found


def list_imports(session: Session, *, before: datetime | None = None, limit: int = PAGE) -> Sequence[Import]:
    """Imports, newest first."""
    statement = select(Import)
    if before is not None:
        statement = statement.where(Import.created_at < before)
    return session.scalars(statement.order_by(Import.created_at.desc(), Import.id.desc()).limit(limit)).all()


def finished_with_content(session: Session, *, content_hash: bytes, other_than: UUID) -> Import | None:
    """The newest finished import of a file with the same bytes."""
    return session.scalar(
        select(Import)
        .where(Import.content_hash == content_hash, Import.state == "done", Import.id != other_than)
        .order_by(Import.created_at.desc())
        .limit(1)
    )


def remembered_mapping(session: Session, header_hash: bytes) -> ImportMapping | None:
    """What was confirmed for files with this header."""
    return session.get(ImportMapping, header_hash)


def has_facts(session: Session) -> bool:
    """True where the workspace has any data."""
    return bool(session.scalar(select(exists().select_from(DailyFact))))


def names_on_the_same_days(session: Session, *, import_id: UUID, names: Sequence[str]) -> list[SharedName]:
    """Names of earlier files whose channel the staged rows feed on the same days: both will be added up."""
    rows = session.execute(_SHARED_DAYS, {"import_id": import_id, "names": list(names)})
    return [SharedName(*row) for row in rows]


def overlapping_facts(session: Session, *, import_id: UUID) -> int:
    """How many facts the staged rows would replace by other values."""
    found = session.execute(_OVERLAPS, {"import_id": import_id, "whole_day": WHOLE_DAY})
    return int(found.scalar_one())
