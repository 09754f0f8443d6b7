"""Changing what source names mean, for everything stored already as well as for what comes."""

import re
import unicodedata
from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.audit.service import record
from app.campaigns.channels import WHOLE_DAY, drop_unused_channels, map_name
from app.campaigns.queries import all_channels, known_names, rows_under
from billing.plans import Plan
from kit.errors import FieldError, InvalidInput
from tenants.workspaces.principal import UserRef

MAX_NAME = 60


def change_meanings(session: Session, *, changes: Mapping[str, str], plan: Plan, user: UserRef) -> int:
    """Apply source name → channel (key or name of one there is, or a new name); returns how many stored rows moved."""
    current = {known.source_name: known.channel_key for known in known_names(session)}
    moved = 0
    for source_name, wanted in sorted(changes.items()):
        key, name = _target(session, source_name, wanted)
        if current.get(source_name) == key:
            continue
        rows = rows_under(session, source_name)
        map_name(session, source_name=source_name, channel_key=key, channel_name=name, plan=plan)
        moved += rows
        details = {"channel": key, "rows": rows}
        record(
            session,
            actor_id=user.id,
            actor_name=user.name,
            action="channel.mapped",
            subject=source_name,
            details=details,
        )
    drop_unused_channels(session)
    return moved


def key_of(name: str) -> str:
    """A channel's key from its name: lower case, words joined by underscores."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    words = re.sub(r"[^0-9a-z]+", " ", "".join(letter for letter in plain if not unicodedata.combining(letter)))
    return "_".join(words.split())[:MAX_NAME].strip("_") or f"channel_{name.encode().hex()}"[:MAX_NAME]


def _target(session: Session, source_name: str, wanted: str) -> tuple[str, str]:
    """(key, name) of the channel that was asked for."""
    tidy = " ".join(wanted.split())
    if not tidy or len(tidy) > MAX_NAME or not tidy.isprintable():
        message = f"Give the channel a name of 1 to {MAX_NAME} letters."
        raise InvalidInput(f"“{source_name}” needs a channel.", message, [FieldError(message, source_name)])
    for channel in all_channels(session):
        if tidy in {channel.key, channel.name} or tidy.casefold() == channel.name.casefold():
            return channel.key, channel.name
    key = key_of(tidy)
    if WHOLE_DAY in {key, source_name}:
        raise InvalidInput("Revenue of whole days belongs to no channel.", "Choose another name for the channel.")
    return key, tidy
