"""Replies as platforms send them on odd days: with new fields and words, and without fields that were there yesterday."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import msgspec

NEW_WORD, NEW_NUMBER = "ZZ_BRAND_NEW", 9797

Bend = Callable[[Any], Any]


def bent(bend: Bend) -> Callable[[httpx.Request, httpx.Response], httpx.Response]:
    """The fake's JSON replies, bent; whatever is no JSON passes."""

    def after(_request: httpx.Request, response: httpx.Response) -> httpx.Response:
        try:
            plain = msgspec.json.decode(response.read())
        except msgspec.DecodeError:
            return response
        headers = {name: value for name, value in response.headers.items() if name != "content-length"}
        return httpx.Response(response.status_code, headers=headers, content=msgspec.json.encode(bend(plain)))

    return after


def with_new_fields(value: Any) -> Any:
    """Every object with a field that nobody knows."""
    if isinstance(value, list):
        return [with_new_fields(item) for item in value]
    if isinstance(value, dict):
        return {key: with_new_fields(item) for key, item in value.items()} | {
            "zz_brand_new": {"nested": [1, "two", None]}
        }
    return value


def with_new_statuses(value: Any) -> Any:
    """Every status of an entity a word that nobody knows; the status of the request itself stays."""
    if isinstance(value, list):
        return [with_new_statuses(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _new_status(key, item, value) for key, item in value.items()}


def _new_status(key: str, item: Any, owner: dict[str, Any]) -> Any:
    name = key.lower()
    if "request" in name:
        return item
    if name.endswith(("status", "state")) and isinstance(item, str):
        return NEW_WORD
    if name == "status" and isinstance(item, int) and "id" in owner:
        return NEW_NUMBER
    return with_new_statuses(item)


def noted(value: Any, into: set[str]) -> Any:
    """The same, with the names of its fields written down."""
    for name in _names(value):
        into.add(name)
    return value


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value[:3]:
            yield from _names(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _names(item)


def _everywhere(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(value, list):
        return [_everywhere(item, change) for item in value]
    if isinstance(value, dict):
        return change({key: _everywhere(item, change) for key, item in value.items()})
    return value


def nulled(value: Any, name: str) -> Any:
    """null"""
    return _everywhere(value, lambda found: found | {name: None} if name in found else found)


def dashed(value: Any, name: str) -> Any:
    """“-”"""
    return _everywhere(value, lambda found: found | {name: "-"} if name in found else found)


def dropped(value: Any, name: str) -> Any:
    """missing"""
    return _everywhere(value, lambda found: {key: item for key, item in found.items() if key != name})
