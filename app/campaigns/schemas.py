"""The channel map as programs read and change it."""

import msgspec


class NameReply(msgspec.Struct, frozen=True):
    """What one name in a source means. `is_custom`: the workspace decided it; else it is the standard meaning."""

    source_name: str
    channel: str
    channel_name: str
    is_custom: bool
    rows: int


class MappingReply(msgspec.Struct, frozen=True):
    """All known names and channels; after a change also how many rows moved."""

    names: list[NameReply]
    channels: dict[str, str]
    rows_moved: int = 0


class MappingRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Source name → channel: the key or the name of one there is, or the name of a new one. Other names stay as they are."""

    names: dict[str, str]
