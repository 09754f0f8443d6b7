"""`adloom connector …`: what whoever writes a connector types."""

import json
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adloom_sdk.testing.fakes import FakePlatform
from adloom_sdk.testing.faults import Fault
from adloom_sdk.testing.serving import served
from adloom_sdk.testing.world import World
from app.cli.connectors.command import connector
from app.cli.connectors.scaffold import names_of
from kit.errors import Conflict, InvalidInput, NotFound
from tests.connectors.distributions import on_path

EXAMPLE = Path(__file__).parents[2] / "examples" / "connector-breadcrumb"


def run(*words: str) -> Result:
    return CliRunner().invoke(connector, list(words))


@pytest.fixture
def fake() -> Iterator[FakePlatform]:
    with on_path(EXAMPLE):
        platform = import_module("adloom_breadcrumb.fake").FakeBreadcrumb(World("breadcrumb"))
        assert isinstance(platform, FakePlatform)
        yield platform


def read(fake: FakePlatform, *words: str, token: str | None = None, account: str = "") -> Result:
    key = fake.consent.issue(("read",))["access_token"] if token is None else token
    wanted = account or fake.world.accounts[0].id
    days = ["--since", "2026-03-01", "--until", "2026-03-20"]
    with served(fake) as address:
        options = ["--account", wanted, *days, "--base-url", address, "--token", key, "--json", *words]
        return run("read", str(EXAMPLE), *options)


@pytest.mark.parametrize(
    ("typed", "key", "camel", "title"),
    [
        ("snow", "snow", "Snow", "Snow"),
        ("Snow globe", "snow_globe", "SnowGlobe", "Snow Globe"),
        ("snow-globe_2", "snow_globe_2", "SnowGlobe2", "Snow Globe 2"),
        ("SnowGlobe", "snow_globe", "SnowGlobe", "Snow Globe"),
    ],
)
def test_a_name_may_be_typed_in_any_spelling(typed: str, key: str, camel: str, title: str) -> None:
    names = names_of(typed)
    assert (names.key, names.camel, names.title) == (key, camel, title)


@pytest.mark.parametrize("typed", ["", "42", "ü", "Ünique", "Batch", "connector", "../etc"])
def test_what_makes_no_key_is_refused(typed: str, tmp_path: Path) -> None:
    done = run("new", typed, "--directory", str(tmp_path / "x"))
    if typed == "../etc":
        assert [path.name for path in tmp_path.iterdir()] == ["x"]
    else:
        assert isinstance(done.exception, InvalidInput)


def test_a_scaffold_is_verified_from_its_folder(tmp_path: Path) -> None:
    folder = str(tmp_path / "snow")
    assert run("new", "Snow globe", "--directory", folder).exit_code == 0
    done = run("verify", folder)
    assert done.exit_code == 0, done.output
    assert "19/19 points passed" in done.stdout


def test_a_scaffold_never_writes_over_anything(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert isinstance(run("new", "snow", "--directory", str(tmp_path)).exception, Conflict)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_scaffold_hides_no_installed_package_and_no_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    assert isinstance(run("new", "sdk", "--directory", str(tmp_path / "x")).exception, Conflict)
    below = str(tmp_path / "file" / "below")
    assert isinstance(run("new", "snow", "--directory", below).exception, InvalidInput)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_name_with_the_skeletons_own_word_is_filled_in_once(tmp_path: Path) -> None:
    run("new", "Skeleton key", "--directory", str(tmp_path / "x"))
    assert 'name = "adloom-skeleton-key"' in (tmp_path / "x" / "pyproject.toml").read_text()
    assert 'title="Skeleton Key"' in (tmp_path / "x" / "adloom_skeleton_key" / "manifest.py").read_text()


def test_a_failed_point_makes_the_exit_code_1_and_says_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "snow"
    run("new", "Snow globe", "--directory", str(folder))
    mapping = folder / "adloom_snow_globe" / "mapping.py"
    mapping.write_text(mapping.read_text().replace("spend_micros=micros(row.cost) or 0", "spend_micros=0"))
    done = run("verify", str(folder), "--json")
    failed = [one["number"] for one in json.loads(done.stdout)["outcomes"] if one["state"] == "failed"]
    assert done.exit_code == 1
    assert 6 in failed


def test_records_are_read_as_lines_of_json(fake: FakePlatform) -> None:
    done = read(fake)
    every = [json.loads(line) for line in done.stdout.splitlines()]
    rows = [row for row in every if row["type"] == "DailyMetric"]
    assert {"Campaign", "Ad"} < {row["type"] for row in every}
    account = fake.world.accounts[0]
    wanted = sum(
        fake.world.numbers(account, one, day).spend_micros
        for day in fake.world.ledger(account, date(2026, 3, 1), date(2026, 3, 20))
        for one in fake.world.campaigns(account)
    )
    assert done.exit_code == 0
    assert sum(row["spend_micros"] for row in rows) == wanted > 0


@pytest.mark.parametrize(("kind", "name"), [("campaigns", "Campaign"), ("ads", "Ad")])
def test_other_kinds_are_read_too(fake: FakePlatform, kind: str, name: str) -> None:
    rows = [json.loads(line) for line in read(fake, "--kind", kind).stdout.splitlines()]
    assert {row["type"] for row in rows} == {name}


def test_the_level_of_ads_gives_more_rows_of_the_same_sum(fake: FakePlatform) -> None:
    sums = []
    for level in ("campaign", "ad"):
        rows = [json.loads(line) for line in read(fake, "--kind", "daily", "--level", level).stdout.splitlines()]
        sums.append((len(rows), sum(row["spend_micros"] for row in rows)))
    assert sums[0][1] == sums[1][1]
    assert sums[0][0] < sums[1][0]


def test_an_error_says_its_class_and_what_to_do_with_exit_code_3(fake: FakePlatform) -> None:
    done = read(fake, token="not-a-key")
    told = json.loads(done.stderr)
    assert done.exit_code == 3
    assert told == {
        "error": "AuthRevoked",
        "who": "user",
        "message": "No such key.",
        "what_to_do": "Sign in again.",
        "code": "11",
    }


def test_for_people_an_error_is_two_lines_of_words(fake: FakePlatform) -> None:
    with served(fake) as address:
        days = ["--since", "2026-03-01", "--until", "2026-03-02"]
        done = run("read", str(EXAMPLE), "--account", "1", *days, "--base-url", address, "--token", "no")
    assert (done.exit_code, done.stderr) == (3, "AuthRevoked: No such key. [11]\nSign in again.\n")


def test_an_expired_key_keeps_the_platforms_words(fake: FakePlatform) -> None:
    key = fake.consent.issue(("read",))["access_token"]
    fake.consent.expire(key)
    told = json.loads(read(fake, token=key).stderr)
    assert (told["error"], told["message"], told["code"]) == ("AuthExpired", "The key has run out.", "12")


def test_where_accounts_cannot_be_listed_the_options_make_one(fake: FakePlatform) -> None:
    fake.faults.add(Fault(kind="not_found", path="/advertisers", times=1))
    rows = [json.loads(line) for line in read(fake, "--kind", "daily", "--currency", "EUR").stdout.splitlines()]
    assert {row["currency"] for row in rows} == {"EUR"}


def test_an_unknown_name_lists_the_known_ones() -> None:
    done = run("read", "nobody", "--account", "1", "--since", "2026-01-01", "--until", "2026-01-02")
    assert isinstance(done.exception, NotFound)
    assert "Known are" in done.exception.hint


def test_the_list_says_what_works() -> None:
    for one in json.loads(run("list", "--json").stdout):
        assert one["state"] == "working", one["reason"]
