"""The channel that a connector's spend counts for: the standard one under its standard name, made where nobody has it yet."""

from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from adloom_sdk.manifest import Manifest
from app.campaigns.channels import WHOLE_DAY, WHOLE_DAY_NAME, create_channel
from app.campaigns.models import Channel
from app.imports.names import CHANNELS

# Two accounts that begin at the same moment must not make the same channel twice.
_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.channels'))")


def channel_of(session: Session, manifest: Manifest) -> UUID:
    """The channel's id. A shop or an analytics property belongs to no channel: what it counts is of the whole day."""
    key = manifest.channel or WHOLE_DAY
    named = select(Channel.id).where(Channel.key == key)
    if found := session.scalar(named):
        return found
    session.execute(_TAKE_TURNS)
    if found := session.scalar(named):
        return found
    name = WHOLE_DAY_NAME if key == WHOLE_DAY else CHANNELS[key][0] if key in CHANNELS else manifest.title
    return create_channel(session, key=key, name=name).id
