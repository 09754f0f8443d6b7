"""Reading channels and the names that sources use for them."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.campaigns.models import Channel, ChannelName, DailyFact


class KnownName(NamedTuple):
    """A source's name, the channel it means, and how many rows carry it."""

    source_name: str
    is_custom: bool
    channel_key: str
    channel_name: str
    rows: int


def known_names(session: Session) -> list[KnownName]:
    """Every known source name, in the order of the channels."""
    counted = (
        select(DailyFact.source_name, func.count().label("rows")).group_by(DailyFact.source_name).subquery("counted")
    )
    rows = session.execute(
        select(
            ChannelName.source_name,
            ChannelName.is_custom,
            Channel.key,
            Channel.name,
            func.coalesce(counted.c.rows, 0),
        )
        .join(Channel, Channel.id == ChannelName.channel_id)
        .outerjoin(counted, counted.c.source_name == ChannelName.source_name)
        .order_by(Channel.slot, ChannelName.source_name)
    )
    return [KnownName(*row) for row in rows]


def all_channels(session: Session) -> Sequence[Channel]:
    """Every channel, in the order of their colours."""
    return session.scalars(select(Channel).order_by(Channel.slot)).all()


def uncounted_channels(session: Session) -> Sequence[Channel]:
    """Channels whose numbers are stored and in no figure, because the plan has no room for them; the oldest first."""
    return session.scalars(select(Channel).where(Channel.is_counted.is_(False)).order_by(Channel.slot)).all()


def uncounted_notice(session: Session) -> str:
    """What people are told of them; nothing where there are none."""
    names = [channel.name for channel in uncounted_channels(session)]
    if not names:
        return ""
    which = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    is_, its = ("is", "it") if len(names) == 1 else ("are", "them")
    return (
        f"{which} {is_} read and kept, but counted in no figure: your plan has no room for more channels. With a larger plan, or "
        f"after another channel has gone, the next sync counts {its}."
    )


def rows_under(session: Session, source_name: str) -> int:
    """How many rows carry a source name."""
    return session.scalar(select(func.count()).select_from(DailyFact).where(DailyFact.source_name == source_name)) or 0
