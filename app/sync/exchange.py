"""Keeping the workspace's exchange rates: fetched for the currencies that its accounts have, and followed by the roll-up."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.campaigns.days import Changed
from app.campaigns.facts import refresh_rollup
from app.campaigns.rates import keep_own_currency, needed_currencies, put_rates
from app.sync.ecb import SOURCE, into_currency, quotes_since

_SYNCED_DAYS = text(
    "SELECT min(day), max(day) FROM (SELECT day FROM campaign_days UNION ALL SELECT day FROM revenue_days) AS days"
)
_LACKS = text(
    """
    SELECT EXISTS (
      SELECT FROM ad_accounts AS accounts JOIN sync_states AS states ON states.account_id = accounts.id
      LEFT JOIN (SELECT currency, min(day) AS known_from FROM exchange_rates GROUP BY currency) AS rates
        ON rates.currency = accounts.currency
      WHERE accounts.is_selected AND (rates.known_from IS NULL OR states.covered_from < rates.known_from))
    """
)


def lacks_rates(session: Session) -> bool:
    """Whether an account has days, by its state, from before the first rate of its currency."""
    return bool(session.execute(_LACKS).scalar_one())


def keep_rates(session: Session, *, currency: str, today: date, base_url: str) -> Changed:
    """Fetch what is needed and convert anew what that changes. Raises Unavailable where the source is away."""
    was_relabelled = keep_own_currency(session, currency)
    needed = needed_currencies(session)
    changed = Changed()
    if needed:
        quotes = quotes_since(min(needed.values()), today=today, base_url=base_url)
        changed = put_rates(session, into_currency(quotes, needed, currency), source=SOURCE)
    if was_relabelled or changed.since is not None:
        # A rate holds until the next one, so everything from the first new one on may have another value now.
        first, last = session.execute(_SYNCED_DAYS).one()
        if first is not None:
            since = first if was_relabelled or changed.since is None else max(first, changed.since)
            refresh_rollup(session, since=min(since, last), until=last)
    return changed
