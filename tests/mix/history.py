"""A shop's history for tests: the demo's business, cut to so many days, written into a workspace as an import would."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

from sqlalchemy import insert, select

from app.campaigns.facts import refresh_rollup
from app.campaigns.models import Channel, ChannelName, DailyFact
from app.mix.running import RunContext
from kit.clock import today_in
from kit.db import ScopedSession
from ml.synth import ImportRow, demo_shop, import_rows

MICROS = 1_000_000
ZONE = "UTC"


def yesterday() -> date:
    return today_in(ZONE) - timedelta(days=1)


def shop_rows(days: int = 150, *, end_on: date | None = None) -> list[ImportRow]:
    return import_rows(demo_shop(seed=3, end_on=end_on or yesterday(), days=days))


def store(session: ScopedSession, rows: Sequence[ImportRow]) -> None:
    """Write the rows, and what the roll-up makes of them; channels keep the order of their first appearance."""
    ids = _channels(session, list(dict.fromkeys(row.channel for row in rows)))
    session.execute(insert(DailyFact), [_fact(row, ids[row.channel]) for row in rows])
    refresh_rollup(session, since=min(row.date for row in rows), until=max(row.date for row in rows))


def _channels(session: ScopedSession, names: Sequence[str]) -> dict[str, UUID]:
    known = dict(session.execute(select(Channel.name, Channel.id)).all())
    for name in names:
        if name not in known:
            known[name] = uuid4()
            key = name.lower().replace(" ", "_")
            session.execute(
                insert(Channel).values(id=known[name], key=key, name=name, slot=len(known) - 1, takes_spend=True)
            )
            session.execute(insert(ChannelName).values(source_name=name, channel_id=known[name]))
    return known


def _fact(row: ImportRow, channel_id: UUID) -> dict[str, object]:
    return {
        "day": row.date,
        "source_name": row.channel,
        "campaign": row.campaign,
        "channel_id": channel_id,
        "import_id": uuid4(),
        "spend_micros": round(row.spend * MICROS),
        "revenue_micros": round(row.revenue * MICROS),
        "conversions": row.conversions,
    }


def quiet_context(progress: list[float] | None = None) -> RunContext:
    told = progress if progress is not None else []
    return RunContext(currency="USD", today=today_in(ZONE), progress=lambda share, _sentence: told.append(share))
