"""Channels and the names that sources use for them: learning new names, mapping one by hand, applying it backwards."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.campaigns.facts import WHOLE_DAY_KEY, refresh_rollup
from app.campaigns.models import Channel, ChannelName, DailyFact
from app.campaigns.platform_models import Campaign, CampaignDay
from billing.entitlements import require_room
from billing.plans import Entitlement, Plan
from kit.errors import InvalidInput, NotFound

WHOLE_DAY = WHOLE_DAY_KEY
WHOLE_DAY_NAME = "Not by channel"
# They take no budget as a rule, so where several channels come at once these leave the first colours to the others.
_SELDOM_PAID = {WHOLE_DAY, "direct", "referral", "organic_search", "organic_social"}


@dataclass(frozen=True)
class StandardName:
    """What a source's name normally means."""

    key: str
    name: str


def list_names(session: Session) -> Sequence[Row[str, bool, UUID, str, str]]:
    """Every known source name with its channel: (source_name, is_custom, channel_id, channel_key, channel_name)."""
    return session.execute(
        select(ChannelName.source_name, ChannelName.is_custom, Channel.id, Channel.key, Channel.name)
        .join(Channel, Channel.id == ChannelName.channel_id)
        .order_by(Channel.slot, ChannelName.source_name)
    ).all()


def learn_names(session: Session, *, names: Mapping[str, StandardName], plan: Plan) -> None:
    """Make every source name known: those seen before keep their channel, new ones get the standard one, made where missing.

    Refuses names beyond the plan's number of channels before anything is written.
    """
    known = set(session.scalars(select(ChannelName.source_name).where(ChannelName.source_name.in_(names))))
    new = {source: standard for source, standard in names.items() if source not in known}
    by_key = _channels_by_key(session, {standard.key for standard in new.values()})
    waiting = [channel for channel in by_key.values() if not channel.is_counted]
    missing = {standard.key: standard.name for standard in new.values() if standard.key not in by_key}
    _require_room(
        session, plan=plan, adding=[*(one.key for one in waiting), *(key for key in missing if key != WHOLE_DAY)]
    )
    for channel in waiting:
        count_channel(session, channel)
    for key, name in sorted(missing.items(), key=lambda item: (item[0] in _SELDOM_PAID, item)):
        by_key[key] = create_channel(session, key=key, name=name)
    if new:
        rows = [
            {"source_name": source, "channel_id": by_key[standard.key].id} for source, standard in sorted(new.items())
        ]
        session.execute(insert(ChannelName).values(rows).on_conflict_do_nothing())


def map_name(
    session: Session, *, source_name: str, channel_key: str, channel_name: str | None = None, plan: Plan
) -> Channel:
    """Say that a source name means a channel, from now on and for everything already stored under that name."""
    row = session.get(ChannelName, source_name, with_for_update=True)
    if row is None:
        raise NotFound(f"No file has named a channel “{source_name}” so far.", "Choose one of the names in the list.")
    channel = _channels_by_key(session, {channel_key}).get(channel_key)
    if channel is None:
        _require_room(session, plan=plan, adding=[channel_key])
        channel = create_channel(
            session, key=channel_key, name=channel_name or channel_key.replace("_", " ").capitalize()
        )
    elif not channel.is_counted:
        _require_room(session, plan=plan, adding=[channel_key])
        count_channel(session, channel)
    row.channel_id, row.is_custom = channel.id, True
    session.flush()
    _move_facts(session, source_name=source_name, channel_id=channel.id)
    return channel


def create_channel(session: Session, *, key: str, name: str, is_counted: bool = True) -> Channel:
    """A new channel in the next colour slot."""
    if not key.replace("_", "").isalnum() or len(key) > 60:
        raise InvalidInput(f"“{key}” cannot be a channel's key.", "Use letters, digits and underscores, 60 at most.")
    slot = session.scalar(select(func.coalesce(func.max(Channel.slot), -1) + 1)) or 0
    channel = Channel(key=key, name=name, slot=slot, takes_spend=key != WHOLE_DAY, is_counted=is_counted)
    session.add(channel)
    session.flush()
    return channel


def channel_count(session: Session) -> int:
    """How many channels count against the plan: neither the one for whole-day revenue nor those that wait for room."""
    counted = select(func.count()).select_from(Channel).where(Channel.key != WHOLE_DAY, Channel.is_counted)
    return session.scalar(counted) or 0


def count_channel(session: Session, channel: Channel) -> None:
    """From now on a channel that waited for room is part of every figure, with all that was stored of it."""
    channel.is_counted = True
    session.flush()
    since, until = session.execute(
        select(func.min(CampaignDay.day), func.max(CampaignDay.day))
        .join(Campaign, Campaign.number == CampaignDay.campaign_number)
        .where(Campaign.channel_id == channel.id)
    ).one()
    if since is not None:
        refresh_rollup(session, since=since, until=until)


def _channels_by_key(session: Session, keys: Iterable[str]) -> dict[str, Channel]:
    found = session.scalars(select(Channel).where(Channel.key.in_(list(keys))))
    return {channel.key: channel for channel in found}


def _require_room(session: Session, *, plan: Plan, adding: Sequence[str]) -> None:
    if adding:
        require_room(plan, Entitlement.CHANNELS, used=channel_count(session), adding=len(adding))


def _move_facts(session: Session, *, source_name: str, channel_id: UUID) -> None:
    extent = session.execute(
        select(func.min(DailyFact.day), func.max(DailyFact.day)).where(DailyFact.source_name == source_name)
    ).one()
    session.execute(update(DailyFact).where(DailyFact.source_name == source_name).values(channel_id=channel_id))
    if extent[0] is not None:
        refresh_rollup(session, since=extent[0], until=extent[1])


def drop_unused_channels(session: Session) -> int:
    """Remove channels that no name and no fact refers to, so that a corrected mapping leaves nothing behind."""
    result = session.execute(
        text(
            "DELETE FROM channels WHERE NOT EXISTS (SELECT 1 FROM channel_names WHERE channel_id = channels.id)"
            " AND NOT EXISTS (SELECT 1 FROM campaigns WHERE channel_id = channels.id)"
            " AND NOT EXISTS (SELECT 1 FROM daily_facts WHERE channel_id = channels.id)"
            " AND NOT EXISTS (SELECT 1 FROM channel_days WHERE channel_id = channels.id) RETURNING id"
        )
    )
    return len(result.all())
