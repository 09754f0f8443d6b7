"""Cursors: opaque to callers; they hold where the next page starts."""

import base64
import binascii

from kit.errors import FieldError, InvalidInput


def cursor_after(offset: int) -> str:
    """The cursor of the page that starts there."""
    return base64.urlsafe_b64encode(f"o{offset}".encode()).decode().rstrip("=")


def offset_of(cursor: str | None) -> int:
    """Where the page of a cursor starts; without one, at the beginning. Raises InvalidInput."""
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    if not text.startswith("o") or not text[1:].isdigit() or len(text) > 12:
        raise InvalidInput(
            "This cursor is none of ours.",
            "Take `next_cursor` from the page before, or leave it out.",
            [FieldError("is unknown", "cursor", value=cursor)],
        )
    return int(text[1:])
