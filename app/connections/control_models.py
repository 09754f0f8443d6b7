"""The connectors of this installation as the workers found them, for the web process, which runs no plugin code itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import ControlModel


class InstalledConnector(ControlModel):
    """One entry point: what it is, whether it could be loaded, and why not. `manifest` is empty where it could not."""

    __tablename__ = "connectors"
    __table_args__ = (CheckConstraint("state IN ('working', 'broken', 'slow', 'incompatible')", name="state"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    distribution: Mapped[str]
    version: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="")
    manifest: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
