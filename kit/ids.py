"""Identifiers: UUIDv7 keys (time-ordered, no sequences) and opaque names."""

import base64
import os
import time
from uuid import UUID


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562 § 5.7): 48 bits of Unix milliseconds, then random bits; sorts by creation."""
    stamp = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    value = (
        (stamp & (1 << 48) - 1) << 80 | 0x7 << 76 | (random >> 68 & 0xFFF) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    )
    return UUID(int=value)


def opaque_name(prefix: str, *, random_bytes: int = 10) -> str:
    """A lower-case name that tells nothing about its owner and is safe as a PostgreSQL identifier, such as `t_k3j…`."""
    return prefix + base64.b32encode(os.urandom(random_bytes)).decode().rstrip("=").lower()


def parse_id(text: str) -> UUID | None:
    """The UUID that `text` spells, or None: an unreadable id is just an id that nobody has."""
    try:
        return UUID(text)
    except ValueError:
        return None
