"""The tutorial for writing a connector, done as it stands: commands are run, edits made, and what it says is shown is shown."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import cli

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-connector.md"
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PLACE = re.compile(r"In `([^`]+)`, replace")
PROJECT = Path("adloom-snowglobe")


def blocks() -> Iterator[tuple[str, str, str]]:
    """(what stands before, the block's language, the block) in the order of the page."""
    text, position = PAGE.read_text(encoding="utf-8"), 0
    for found in _FENCE.finditer(text):
        yield text[position : found.start()], found[1], found[2]
        position = found.end()


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_the_tutorial_works_from_start_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    output, place, old, edits = "", Path(), "", 0
    for before, language, block in blocks():
        if language == "console":
            output = "".join(CliRunner().invoke(cli, line.split()[1:]).output for line in block.splitlines())
        elif language == "text":
            for line in block.splitlines():
                assert squeezed(line) in squeezed(output), output
        elif language == "python":
            if named := _PLACE.search(before):
                place = PROJECT / named[1]
            if before.strip().endswith("replace"):
                old = block
            else:
                source = place.read_text(encoding="utf-8")
                assert source.count(old) == 1, (place, old)
                place.write_text(source.replace(old, block), encoding="utf-8")
                edits += 1
    assert edits >= 10
    assert "21/21" in output
