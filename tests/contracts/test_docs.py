"""The documentation is true: links lead somewhere, generated pages are current, commands exist and the tutorial's run."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app.cli import COMMANDS, cli
from app.cli.documents import feature_map_document

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
# These start servers, or need one that runs: the story and browser tests use them.
_NEEDS_A_STACK = {name for name, entry in COMMANDS.items() if entry.joins_stack} | {"demo", "up", "status", "stop"}


def _commands(page: Path) -> Iterator[list[str]]:
    """The words after `adloom` of every such line in the page's code blocks."""
    for block in _FENCE.findall(page.read_text(encoding="utf-8")):
        for line in block.replace("\\\n", " ").splitlines():
            words = line.strip().removeprefix("$ ").removeprefix(".venv/bin/")
            if words.startswith("adloom "):
                yield shlex.split(words.split(" | ")[0], comments=True)[1:]


def _name(page: object) -> str:
    return str(page.relative_to(ROOT)) if isinstance(page, Path) else str(page)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = [target.split("#")[0] for target in _LINK.findall(page.read_text(encoding="utf-8"))]
    local = [target for target in targets if target and "://" not in target and not target.startswith("mailto:")]
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_the_feature_map_is_up_to_date() -> None:
    page = ROOT / "docs" / "feature-map.md"
    assert page.read_text(encoding="utf-8") == feature_map_document(), "run `make docs`"


def test_every_page_is_reachable_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md", ROOT / "docs" / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.exists():
            continue
        reached.add(page)
        for target in _LINK.findall(page.read_text(encoding="utf-8")):
            if "://" not in target:
                waiting.append((page.parent / target.split("#")[0]).resolve())
    lost = set((ROOT / "docs").rglob("*.md")) - reached
    assert [_name(page) for page in sorted(lost)] == []


@pytest.mark.parametrize("page", [page for page in PAGES if list(_commands(page))], ids=_name)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    for words in _commands(page):
        command: click.Command | None = cli
        context = click.Context(cli)
        for word in words:
            if not isinstance(command, click.Group) or word.startswith("-"):
                break
            command = command.get_command(context, word)
            assert command is not None, f"adloom {' '.join(words)}"


def test_the_commands_of_the_tutorial_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    commands = list(_commands(ROOT / "docs" / "tutorial" / "first-decision.md"))
    alone = [words for words in commands if words[0] not in _NEEDS_A_STACK]
    assert len(alone) >= 2
    for words in alone:
        outcome = CliRunner().invoke(cli, words)
        assert outcome.exit_code == 0, (words, outcome.output, outcome.exception)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_no_page_shows_a_path_of_somebodys_machine(page: Path) -> None:
    assert not re.search(r"(?<![\w.])/(home|root|work|Users)/", page.read_text(encoding="utf-8"))
