"""What cannot be meant is refused in a sentence, before any platform is asked; and a broken project says where it is broken."""

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.connectors.command import connector
from kit.errors import AdloomError

EXAMPLE = Path(__file__).parents[2] / "examples" / "connector-breadcrumb"
DAYS = ("--since", "2026-11-01", "--until", "2026-11-03")
ELSEWHERE = ("--base-url", "http://127.0.0.1:9")
Change = Callable[[Path], None]


def run(*words: str) -> Result:
    return CliRunner().invoke(connector, list(words), env={"ADLOOM_CONNECTOR_TOKEN": ""})


def read(*words: str, project: Path = EXAMPLE) -> Result:
    return run("read", str(project), *words)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--account", "1", *DAYS), "no token"),
        (("--account", " ", *DAYS, *ELSEWHERE), "account's id is empty"),
        (("--account", "1", "--since", "2026-11-03", "--until", "2026-11-01", *ELSEWHERE), "lies before --since"),
        (("--account", "1", *DAYS, "--base-url", "nonsense"), "no web address"),
        (("--account", "1", *DAYS, "--base-url", "ftp://127.0.0.1"), "no web address"),
        (("--account", "1", *DAYS, "--base-url", "http://127.0.0.1:99999"), "no web address"),
        (("--account", "1", *DAYS, *ELSEWHERE, "--kind", "revenue"), "Breadcrumb reads no revenue"),
        (("--account", "1", *DAYS, *ELSEWHERE, "--level", "ad_group"), "no daily numbers of the level ad_group"),
        (("--account", "1", *DAYS, *ELSEWHERE, "--timezone", "Mars/One"), "no time zone"),
        (("--account", "1", *DAYS, *ELSEWHERE, "--currency", "euro"), "no currency"),
        (("--account", "1", *DAYS, *ELSEWHERE, "--app", "nobody=x"), "--app nobody is no setting"),
        (("--account", "1", *DAYS, *ELSEWHERE, "--config", "nobody=x"), "--config nobody is no setting"),
        (("--account", "1", *DAYS, *ELSEWHERE, "--app", "x"), "no NAME=VALUE"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_do(words: tuple[str, ...], says: str) -> None:
    done = read(*words)
    assert isinstance(done.exception, AdloomError)
    assert says in done.exception.detail
    assert done.stdout == ""


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--account", "1"),
        ("--account", "1", "--since", "2026-02-30", "--until", "2026-03-01"),
        ("--account", "1", "--since", "yesterday", "--until", "2026-03-01"),
        ("--account", "1", *DAYS, "--timeout", "0"),
    ],
)
def test_missing_and_misspelt_options_are_said(words: tuple[str, ...]) -> None:
    done = read(*words)
    assert done.exit_code == 2
    assert done.stderr.count("Error: ") == 1


def test_a_server_that_cannot_be_reached_is_said_once_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: whoever calls is refused
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        done = read("--account", "1", *DAYS, "--base-url", address, "--kind", "daily", "--json")
    told = json.loads(done.stderr)
    assert (done.exit_code, done.stdout, told["error"]) == (3, "", "Transient")
    assert "address" in told["what_to_do"]


def test_a_connector_is_read_at_its_own_fake_without_any_token() -> None:
    done = read("--account", "21440", *DAYS, "--fake", "--kind", "daily", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert {row["day"] for row in rows} == {"2026-11-01", "2026-11-02", "2026-11-03"}
    assert done.stdout == read("--account", "21440", *DAYS, "--fake", "--kind", "daily", "--json").stdout


def test_an_account_that_is_not_there_lists_those_that_are() -> None:
    done = read("--account", "1", *DAYS, "--fake")
    assert done.exit_code == 3
    assert "it reaches 21440" in done.stderr


def changed(file: str, was: str, became: str) -> Change:
    def change(project: Path) -> None:
        path = project / file
        text = path.read_text()
        assert was in text
        path.write_text(text.replace(was, became))

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (changed("pyproject.toml", "[project]", "[[[project]"), "no readable pyproject.toml"),
        (changed("pyproject.toml", 'name = "adloom-breadcrumb"', ""), "names no project"),
        (changed("pyproject.toml", "adloom.connectors", "adloom.konnectors"), "declares no connector"),
        (changed("pyproject.toml", "adloom.fakes", "adloom.fekes"), "There is no fake of breadcrumb"),
        (changed("pyproject.toml", "fake:Fake", "fakes:Fake"), "No module named 'adloom_breadcrumb.fakes'"),
        (changed("pyproject.toml", ">=1,<2", ">=7"), "It needs adloom-sdk >=7"),
        (changed("pyproject.toml", 'breadcrumb = "adloom_breadcrumb"', 'meta_ads = "adloom_breadcrumb"'), "meta_ads"),
        (changed("adloom_breadcrumb/fake.py", "class Fake", "1 / 0\n\n\nclass Fake"), "division by zero"),
        (changed("adloom_breadcrumb/manifest.py", "MANIFEST =", "1 / 0\nMANIFEST ="), "(manifest.py, line 5)"),
    ],
)
def test_a_broken_project_says_where_it_is_broken(tmp_path: Path, change: Change, says: str) -> None:
    project = tmp_path / "project"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("__pycache__"))
    change(project)
    done = run("verify", str(project))
    assert isinstance(done.exception, AdloomError), done.output
    assert says in done.exception.detail


def test_a_folder_without_a_project_is_no_unknown_name(tmp_path: Path) -> None:
    done = run("verify", str(tmp_path))
    assert isinstance(done.exception, AdloomError)
    assert "no pyproject.toml" in done.exception.detail


def test_what_a_connector_prints_never_mixes_with_results(tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("__pycache__"))
    changed("adloom_breadcrumb/manifest.py", "MANIFEST =", "print('imported')\nMANIFEST =")(project)
    reads = "        name, item_type, record_of"
    changed("adloom_breadcrumb/connector.py", reads, f"        print('reading')\n{reads}")(project)
    done = read("--account", "21440", *DAYS, "--fake", "--json", project=project)
    assert {json.loads(line)["type"] for line in done.stdout.splitlines()} == {"Campaign", "Ad", "DailyMetric"}
    assert {"imported", "reading"} <= set(done.stderr.split())
    assert json.loads(run("verify", str(project), "--json").stdout)["score"] == "20/20"
