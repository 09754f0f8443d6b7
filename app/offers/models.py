"""Offers that a business can make to a customer, with what each earns and costs."""

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Keyed, TenantModel


class Offer(Keyed, TenantModel):
    """An offer by its name. Money is micros of the workspace's currency, per offer that is taken or shown.

    `margin_micros` is what remains of a sale with the offer, `usual_margin_micros` of one without (empty: the same),
    `cost_micros` what showing it costs. A retired offer is advised no more; what it taught stays.
    """

    __tablename__ = "offers"
    __table_args__ = (
        CheckConstraint("cost_micros >= 0", name="cost"),
        CheckConstraint("state IN ('active', 'retired')", name="state"),
        Index("uq_offers_name_active", "name", unique=True, postgresql_where=text("state = 'active'")),
    )

    name: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="", default="")
    margin_micros: Mapped[int] = mapped_column(BigInteger)
    usual_margin_micros: Mapped[int | None] = mapped_column(BigInteger)
    cost_micros: Mapped[int] = mapped_column(BigInteger, server_default="0", default=0)
    state: Mapped[str] = mapped_column(server_default="active", default="active")
