"""What is demanded of the connector classes that a plugin hands over, and how its failures are put into words."""

import inspect
import re
import traceback
from pathlib import Path
from typing import Any, Literal

import msgspec

from adloom_sdk.connector import Connector
from adloom_sdk.manifest import API_VERSION, Manifest

State = Literal["working", "broken", "slow", "incompatible"]
MAX_MANIFEST_BYTES = 65_536
_MAX_REASON_LETTERS = 300
_KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")


class Refused(Exception):
    """The plugin is left out; `reason` is a sentence for whoever runs the installation."""

    def __init__(self, state: State, reason: str) -> None:
        super().__init__(state, reason)
        self.state, self.reason = state, reason


def one_line(text: str) -> str:
    """A plugin's words as one short line that can be printed and stored, whatever they hold."""
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return plain if len(plain) <= _MAX_REASON_LETTERS else plain[: _MAX_REASON_LETTERS - 1] + "…"


def in_words(problem: BaseException) -> str:
    """An exception's class and message, also where the message itself cannot be had."""
    try:
        words = str(problem)
    except Exception as second:
        words = f"a message that fails with {type(second).__name__}"
    return f"{type(problem).__name__}: {words or 'no message'}"


def where(problem: BaseException, package: str) -> str:
    """The line of the package at which it happened, for its author; empty where it happened elsewhere."""
    if isinstance(problem, SyntaxError):
        return ""  # its message says where
    frames = traceback.extract_tb(problem.__traceback__)
    own = [one for one in frames if package in (*Path(one.filename).parts, Path(one.filename).stem)]
    return f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""


def checked(listed: Any) -> dict[str, type[Connector]]:
    """The classes by key. Raises Refused where one of them cannot be worked with."""
    if not isinstance(listed, list) or not listed:
        raise Refused("broken", "adloom_connectors() gives no list of connectors.")
    found: dict[str, type[Connector]] = {}
    for one in listed:
        if not (isinstance(one, type) and issubclass(one, Connector)):
            raise Refused("broken", f"adloom_connectors() lists {one!r}, which is no connector class.")
        if missing := sorted(getattr(one, "__abstractmethods__", ())) if inspect.isabstract(one) else []:
            raise Refused("broken", f"{one.__name__} lacks {' and '.join(missing)}.")
        found[_manifest_of(one).key] = one
    return found


def _manifest_of(connector_class: type[Connector]) -> Manifest:
    """Its manifest, whose fields are what they should be: it is stored, shown to people, and read by other processes."""
    manifest = getattr(connector_class, "manifest", None)
    if not isinstance(manifest, Manifest):
        raise Refused("broken", f"{connector_class.__name__} has no manifest.")
    try:
        plain = msgspec.json.encode(manifest)
        if len(plain) > MAX_MANIFEST_BYTES:
            raise Refused("broken", f"Its manifest has {len(plain):,} bytes; {MAX_MANIFEST_BYTES:,} are allowed.")
        msgspec.json.decode(plain, type=Manifest)
    except (msgspec.MsgspecError, TypeError, ValueError) as problem:
        raise Refused("broken", f"Its manifest does not hold together: {in_words(problem)}") from problem
    if b"\\u0000" in plain:
        raise Refused("broken", "Its manifest holds a NUL character, which cannot be stored.")
    if not _KEY.fullmatch(manifest.key):
        raise Refused("broken", f"The key “{manifest.key}” is none: use small letters, digits and underscores.")
    if manifest.sdk_api.partition(".")[0] != API_VERSION.partition(".")[0]:
        raise Refused(
            "incompatible", f"It speaks version {manifest.sdk_api} of the SDK, and {API_VERSION} is spoken here."
        )
    return manifest
