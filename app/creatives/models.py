"""What was last found of each ad that runs."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import TenantModel


class CreativeReading(TenantModel):
    """One ad as it was last read: how far its click rate is from its own first days, with the 90 % interval, and the whole answer of
    `ml.fatigue` as `document`. `spend_micros` is what it cost in the last 28 days, in micros of its account's currency."""

    __tablename__ = "creative_readings"
    __table_args__ = (
        CheckConstraint("level IN ('fresh', 'tiring', 'fatigued', 'not_enough_data')", name="level"),
        CheckConstraint("since <= until", name="days"),
    )

    ad_number: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("ads.number", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    level: Mapped[str]
    ratio: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    spend_micros: Mapped[int] = mapped_column(BigInteger)
    since: Mapped[date]
    until: Mapped[date]
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    data_version: Mapped[int] = mapped_column(BigInteger)
    read_at: Mapped[datetime]
