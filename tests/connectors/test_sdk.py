"""The SDK stays small, and what connectors were built against stays as it was."""

import json
import subprocess
import sys
from enum import Enum
from importlib.metadata import distribution
from pathlib import Path

import msgspec
import pytest
from packaging.requirements import Requirement

from adloom_sdk import manifest, messages, records

SDK = Path(__file__).parents[2] / "connectors" / "sdk"
# What connectors of version 1.0 were built against; rewritten only for a new major version.
PROMISED = json.loads((SDK / "released" / "types-1.0.json").read_text(encoding="utf-8"))
_MAX_WHEEL_BYTES = 200_000
_MAX_DISTRIBUTIONS = 9


def test_its_wheel_has_at_most_200_kb(tmp_path: Path) -> None:
    hatchling = Path(sys.executable).parent / "hatchling"
    subprocess.run([hatchling, "build", "-t", "wheel", "-d", tmp_path], cwd=SDK, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.stat().st_size <= _MAX_WHEEL_BYTES


def test_it_brings_at_most_nine_distributions() -> None:
    assert len(brought_by("adloom-sdk")) <= _MAX_DISTRIBUTIONS


def brought_by(name: str) -> set[str]:
    """Names of everything that installing it installs beside it."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop().lower()
        if one in found:
            continue
        found.add(one)
        for line in distribution(one).requires or []:
            wanted = Requirement(line)
            if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
                waiting.append(wanted.name)
    return found - {name}


def described() -> dict[str, dict[str, object]]:
    """Every type that connectors meet: fields with their type and whether they are required, and members of enumerations."""
    found: dict[str, dict[str, object]] = {}
    for module in (records, messages, manifest):
        for name, one in vars(module).items():
            if isinstance(one, type) and one.__module__ == module.__name__:
                if issubclass(one, msgspec.Struct):
                    found[name] = {
                        each.name: [_words(each.type), each.required] for each in msgspec.structs.fields(one)
                    }
                elif issubclass(one, Enum):
                    found[name] = {each.name: each.value for each in one}
    return found


def _words(annotation: object) -> str:
    return (
        annotation.__name__ if isinstance(annotation, type) and not hasattr(annotation, "__args__") else str(annotation)
    )


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_a_type_keeps_what_it_had_and_asks_for_nothing_more(name: str) -> None:
    now, then = described()[name], PROMISED[name]
    assert {field: now.get(field) for field in then} == then
    new = {field: now[field] for field in now if field not in then}
    assert [field for field, told in new.items() if isinstance(told, list) and told[1]] == []
