"""Uploads, what was recognised in them, what came out, and the mappings that a workspace has confirmed before."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.campaigns.models import Measures
from kit.db import Keyed, TenantModel


class Import(Keyed, TenantModel):
    """One uploaded file on its way into the facts."""

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint(
            "state IN ('awaiting_upload', 'awaiting_confirmation', 'queued', 'running', 'done', 'failed', 'cancelled')",
            name="state",
        ),
        Index("ix_imports_created_at", "created_at"),
    )

    created_by: Mapped[UUID]
    filename: Mapped[str]
    storage_key: Mapped[str]
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    content_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str]
    job_id: Mapped[UUID | None]
    shape: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    mapping: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    currency: Mapped[str | None]
    rows_read: Mapped[int] = mapped_column(server_default="0")
    rows_accepted: Mapped[int] = mapped_column(server_default="0")
    rows_changed: Mapped[int] = mapped_column(server_default="0")
    rows_rejected: Mapped[int] = mapped_column(server_default="0")
    rejects_key: Mapped[str | None]
    first_rejects: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    notices: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    covers_from: Mapped[date | None]
    covers_to: Mapped[date | None]
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    finished_at: Mapped[datetime | None]


class ImportMapping(TenantModel):
    """The columns and formats that were confirmed for files with this header."""

    __tablename__ = "import_mappings"

    header_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB)
    formats: Mapped[dict[str, Any]] = mapped_column(JSONB)
    used_at: Mapped[datetime] = mapped_column(server_default=func.now())


class StagedRow(Measures, TenantModel):
    """Rows of a running import before they are merged; unlogged, for they can always be read again from the file."""

    __tablename__ = "import_staging"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    import_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    row: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    source_name: Mapped[str]
    campaign: Mapped[str]
