"""The tutorial for writing a connector, done as it stands: commands are run, edits made, and what it says is shown is shown."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import invalidate_caches
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import cli
from app.plugins import load_plugins
from tests.connectors.distributions import on_path

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-connector.md"
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PLACE = re.compile(r"In `([^`]+)`, replace")
PROJECT = Path("adloom-snowglobe")
BIN = Path(sys.executable).parent


def blocks() -> Iterator[tuple[str, str, str]]:
    """(what stands before, the block's language, the block) in the order of the page."""
    text, position = PAGE.read_text(encoding="utf-8"), 0
    for found in _FENCE.finditer(text):
        yield text[position : found.start()], found[1], found[2]
        position = found.end()


def squeezed(text: str) -> str:
    return " ".join(text.split())


def install_its_wheel(site: Path) -> None:
    """What the page says of `uv build` and `uv pip install`, offline and beside this environment instead of in it."""
    subprocess.run([BIN / "hatchling", "build", "-t", "wheel"], cwd=PROJECT, check=True, capture_output=True)
    (wheel,) = (PROJECT / "dist").glob("*.whl")
    assert f"uv pip install --no-deps dist/{wheel.name}" in PAGE.read_text(encoding="utf-8")
    install: list[str | Path] = [
        BIN / "uv",
        "pip",
        "install",
        "--quiet",
        "--offline",
        "--no-deps",
        "--python",
        sys.executable,
    ]
    subprocess.run([*install, "--target", site, wheel], check=True, capture_output=True)
    invalidate_caches()
    load_plugins.cache_clear()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Path]:
    """Where the wheel goes; what is loaded from there is forgotten afterwards."""
    folder = tmp_path / "site"
    folder.mkdir()
    with on_path(folder):
        yield folder
    load_plugins.cache_clear()


@pytest.mark.timeout(300)  # the kit runs eight times, and once more in a process of its own
def test_the_tutorial_works_from_start_to_end(tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    output, passed, place, old, edits = "", "", Path(), "", 0
    for before, language, block in blocks():
        if language == "sh" and "uv build" in block:
            install_its_wheel(site)
        elif language == "console":
            output = "".join(CliRunner().invoke(cli, line.split()[1:]).output for line in block.splitlines())
            passed = output if "points passed" in output else passed
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
    assert "21/21" in passed
    assert load_plugins().connectors["snowglobe"].manifest.title == "Snowglobe"
    own_tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "addopts="]
    tested = subprocess.run(
        own_tests, cwd=PROJECT, env={**os.environ, "PYTHONPATH": str(site)}, capture_output=True, text=True, check=False
    )
    assert tested.returncode == 0, tested.stdout
