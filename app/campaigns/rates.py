"""Exchange rates into the workspace's currency, by day and with their source; a day without one takes the last before it.

The workspace's own currency has one row, worth 1 from the beginning, so every currency is looked up alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.campaigns.days import Changed

_BEGINNING = date(1970, 1, 1)
OWN = "own currency"
_OWN = text("SELECT currency FROM exchange_rates WHERE source = :own")
_CLEAR = text("DELETE FROM exchange_rates")
_PUT = text(
    """
    WITH given AS (
      SELECT currency, day, rate FROM unnest(cast(:currencies AS text[]), cast(:days AS date[]), cast(:rates AS numeric[]))
        AS given(currency, day, rate)),
    merged AS (
      INSERT INTO exchange_rates AS stored (currency, day, rate, source)
      SELECT currency, day, rate, :source FROM given
      ON CONFLICT (currency, day) DO UPDATE SET rate = excluded.rate, source = excluded.source
        WHERE (stored.rate, stored.source) IS DISTINCT FROM (excluded.rate, excluded.source)
      RETURNING day)
    SELECT count(*), min(day), max(day) FROM merged
    """
)
_NEEDED = text(
    """
    SELECT currency, min(day) FROM (
      SELECT campaigns.currency, days.day FROM campaign_days AS days
      JOIN campaigns ON campaigns.number = days.campaign_number
      UNION ALL
      SELECT accounts.currency, days.day FROM revenue_days AS days JOIN ad_accounts AS accounts ON accounts.id = days.account_id
    ) AS told WHERE currency NOT IN (SELECT currency FROM exchange_rates WHERE source = :own) GROUP BY currency
    """
)
# Counting is left to the few accounts that have such days; whether they do, the index on days tells.
_WITHOUT = text(
    """
    WITH known AS (
      SELECT accounts.id, accounts.name, accounts.currency, min(rates.day) AS known_from
      FROM ad_accounts AS accounts LEFT JOIN exchange_rates AS rates ON rates.currency = accounts.currency
      GROUP BY accounts.id, accounts.name, accounts.currency)
    SELECT known.id, known.name, known.currency, counted.days FROM known, LATERAL (
      SELECT count(DISTINCT told.day) AS days FROM (
        SELECT days.day FROM campaign_days AS days JOIN campaigns ON campaigns.number = days.campaign_number
        WHERE campaigns.account_id = known.id AND days.day < coalesce(known.known_from, 'infinity')
        UNION ALL SELECT day FROM revenue_days AS days
        WHERE days.account_id = known.id AND days.day < coalesce(known.known_from, 'infinity')) AS told) AS counted
    WHERE counted.days > 0 ORDER BY known.name
    """
)


@dataclass(frozen=True)
class WithoutRate:
    """An account some of whose days are not counted, because nobody told what its currency was worth."""

    account_id: UUID
    name: str
    currency: str
    days: int

    @property
    def sentence(self) -> str:
        """For a page."""
        days = "1 day" if self.days == 1 else f"{self.days:,} days"
        return f"{days} of {self.name} are not counted: there is no exchange rate for {self.currency} yet."


def keep_own_currency(session: Session, currency: str) -> bool:
    """See to it that rates lead into this currency; True where they led elsewhere before and are gone now."""
    own = session.scalar(_OWN, {"own": OWN})
    if own == currency:
        return False
    session.execute(_CLEAR)
    put_rates(session, {(currency, _BEGINNING): Decimal(1)}, source=OWN)
    return own is not None


def put_rates(session: Session, rates: Mapping[tuple[str, date], Decimal], *, source: str) -> Changed:
    """Write down what a unit of a currency was worth on a day; returns which days' rates are new or changed."""
    values = {
        "currencies": [currency for currency, _ in rates],
        "days": [day for _, day in rates],
        "rates": list(rates.values()),
        "source": source,
    }
    rows, since, until = session.execute(_PUT, values).one()
    return Changed(int(rows), since, until)


def needed_currencies(session: Session) -> dict[str, date]:
    """Currencies that platforms' days are in, beside the workspace's own, with the first day of each."""
    return {row[0]: row[1] for row in session.execute(_NEEDED, {"own": OWN})}


def without_rate(session: Session) -> list[WithoutRate]:
    """Accounts with days that cannot be converted."""
    return [WithoutRate(*row) for row in session.execute(_WITHOUT)]
