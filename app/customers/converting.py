"""Amounts in another currency, converted at the rates that the workspace keeps; a day without one takes the last before it."""

from bisect import bisect_right
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.campaigns.platform_models import ExchangeRate
from app.campaigns.rates import OWN


class Converter:
    """Into the workspace's currency. Rates are read once per currency."""

    def __init__(self, session: Session, *, currency: str) -> None:
        self.currency = currency
        self._session = session
        self._rates: dict[str, tuple[list[date], list[Decimal]]] = {}
        self._leads_here: bool | None = None

    def converted(self, value_micros: int, currency: str, on: date) -> int | None:
        """The amount in the workspace's currency on a day; None where nobody told what the currency was worth."""
        if currency == self.currency:
            return value_micros
        days, rates = self._of(currency)
        place = bisect_right(days, on)
        if not place:
            return None
        return int((value_micros * rates[place - 1]).to_integral_value(ROUND_HALF_EVEN))

    def _of(self, currency: str) -> tuple[list[date], list[Decimal]]:
        if currency not in self._rates:
            known = self._read(currency) if self._lead_here() else []
            self._rates[currency] = ([day for day, _ in known], [rate for _, rate in known])
        return self._rates[currency]

    def _lead_here(self) -> bool:
        """Whether the stored rates lead into this currency: right after the workspace has changed its own they do not."""
        if self._leads_here is None:
            own = self._session.scalar(select(ExchangeRate.currency).where(ExchangeRate.source == OWN))
            self._leads_here = own == self.currency
        return self._leads_here

    def _read(self, currency: str) -> list[tuple[date, Decimal]]:
        rows = self._session.execute(
            select(ExchangeRate.day, ExchangeRate.rate)
            .where(ExchangeRate.currency == currency)
            .order_by(ExchangeRate.day)
        )
        return [(day, rate) for day, rate in rows]
