"""Recorded bodies of platforms, which lie outside the project, and how far a played body differs from one in its shape."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adloom_sdk import Reply

SHARED = Path(os.environ.get("ADLOOM_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data")) / "connectors"
needs_recordings = pytest.mark.skipif(
    not SHARED.exists(), reason="the yardstick data (ADLOOM_SHARED_DATA) are not here"
)


def body(platform: str, name: str) -> Any:
    """The body of a recorded response."""
    return json.loads((SHARED / platform / f"{name}.json").read_text())["response"]["body"]


def reply(platform: str, name: str) -> Reply:
    """A recorded response as the client hands it over."""
    found = json.loads((SHARED / platform / f"{name}.json").read_text())["response"]
    return Reply(
        method="GET",
        path="/recorded",
        status=found["status"],
        headers=found["headers"],
        content=json.dumps(found["body"]).encode(),
        received_at=datetime(2026, 11, 20, tzinfo=UTC),
    )


def differences(recorded: Any, played: Any, path: str = "") -> Iterator[str]:
    """Keys that the played body lacks, and values of another type; null says nothing of a type."""
    if recorded is None or played is None:
        return
    if isinstance(recorded, dict) and isinstance(played, dict):
        for key, value in recorded.items():
            if key in played:
                yield from differences(value, played[key], f"{path}.{key}")
            else:
                yield f"{path}.{key} is missing"
    elif isinstance(recorded, list) and isinstance(played, list):
        if recorded and played:
            yield from differences(recorded[0], played[0], f"{path}[]")
    elif _type(recorded) != _type(played):
        yield f"{path} is {_type(played)} instead of {_type(recorded)}"


def _type(value: Any) -> str:
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__
