"""The channel that a connector's spend counts for: the standard one under its standard name, made where nobody has it yet.

A sync loses nothing to the plan's limit: what it brings of a channel beyond it is stored, and counted once there is room.
"""

from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from adloom_sdk.manifest import Manifest
from app.campaigns.channels import (
    WHOLE_DAY,
    WHOLE_DAY_NAME,
    channel_count,
    count_channel,
    create_channel,
    drop_unused_channels,
)
from app.campaigns.models import Channel
from app.campaigns.queries import uncounted_channels
from app.imports.names import CHANNELS
from billing.entitlements import current_plan, has_room
from billing.plans import Entitlement

# Two accounts that begin at the same moment must not make the same channel twice.
_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.channels'))")


def channel_of(session: Session, manifest: Manifest) -> UUID:
    """The channel's id. A shop or an analytics property belongs to no channel: what it counts is of the whole day."""
    key = manifest.channel or WHOLE_DAY
    named = select(Channel).where(Channel.key == key)
    found = session.scalar(named)
    if found is not None and found.is_counted:
        return found.id
    session.execute(_TAKE_TURNS)
    found = session.scalar(named.execution_options(populate_existing=True))
    if found is None:
        name = WHOLE_DAY_NAME if key == WHOLE_DAY else CHANNELS[key][0] if key in CHANNELS else manifest.title
        is_counted = key == WHOLE_DAY or _has_room(session)
        return create_channel(session, key=key, name=name, is_counted=is_counted).id
    if not found.is_counted and _has_room(session):
        count_channel(session, found)
    return found.id


def settle_channels(session: Session) -> None:
    """After something has gone: channels that nothing refers to any more make room for those that wait for it."""
    session.execute(_TAKE_TURNS)
    drop_unused_channels(session)
    for waiting in uncounted_channels(session):
        if _has_room(session):
            count_channel(session, waiting)


def _has_room(session: Session) -> bool:
    return has_room(current_plan(session), Entitlement.CHANNELS, used=channel_count(session))
