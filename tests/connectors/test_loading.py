"""No plugin, however hostile, stops the start; each that does not work says why."""

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.plugins import PluginStatus, find_plugins
from kit.errors import NotFound
from tests.connectors.distributions import install, on_path

WORKING = """
from adloom_sdk import ApiKey, Capability, Connector, Manifest, hookimpl

class Good(Connector):
    manifest = Manifest(
        key="{key}", title="Good one", channel="{key}", summary="Reads.", version="1.0.0", auth=ApiKey(),
        hosts={{"api": "https://api.good.example"}}, capabilities=(Capability.CAMPAIGNS,),
    )
    def accounts(self, ctx): return iter(())
    def read(self, ctx, request): return iter(())

@hookimpl
def adloom_connectors():
    return [Good]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with on_path(tmp_path):
        yield tmp_path


def status_of(name: str, **options: float) -> PluginStatus:
    return next(one for one in find_plugins(**options).statuses if one.name == name)


def test_a_good_plugin_works_and_is_found_by_key_and_title(folder: Path) -> None:
    install(folder, "good_ads", WORKING.format(key="good_ads"))
    plugins = find_plugins()
    assert status_of("good_ads").state == "working"
    assert plugins.named("GOOD") is plugins.named("good_ads") is plugins.named("Good One")


def test_an_unknown_name_lists_the_known_ones(folder: Path) -> None:
    install(folder, "good_ads", WORKING.format(key="good_ads"))
    with pytest.raises(NotFound) as refusal:
        find_plugins().named("nobody")
    assert "good_ads" in refusal.value.hint


def test_a_raising_import_is_broken_and_the_others_work(folder: Path) -> None:
    install(folder, "angry", "raise RuntimeError('not today')")
    install(folder, "good_ads", WORKING.format(key="good_ads"))
    assert (status_of("angry").state, "not today" in status_of("angry").reason) == ("broken", True)
    assert status_of("good_ads").state == "working"


@pytest.mark.parametrize("way_out", ["sys.exit(3)", "os._exit(3)", "os.abort()"])
def test_an_import_that_ends_the_process_is_broken(folder: Path, way_out: str) -> None:
    kept = os._exit, os.abort
    install(folder, "quitter", f"import os, sys\n{way_out}")
    assert status_of("quitter").state == "broken"
    assert (os._exit, os.abort) == kept


def test_what_a_plugin_prints_is_no_output_of_ours(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install(folder, "good_ads", "print('look at me')\n" + WORKING.format(key="good_ads"))
    assert status_of("good_ads").state == "working"
    printed = capsys.readouterr()
    assert (printed.out, "look at me" in printed.err) == ("", True)


@pytest.mark.parametrize(
    ("was", "became", "says"),
    [
        ('title="Good one"', "title='x' * 70_000", "65,536 are allowed"),
        ('title="Good one"', "title=None", "$.title"),
        ('title="Good one"', "title='a\\x00b'", "NUL"),
        ('title="Good one"', "title='\\ud800'", "does not hold together"),
        ('key="good_ads"', 'key="Good Ads"', "is none"),
        ('key="good_ads"', "key=1 / 0", "ZeroDivisionError: division by zero (adloom_good_ads.py, line 6)"),
        ("def accounts", "def accountz", "lacks accounts"),
        ("@hookimpl\ndef", "def", "@hookimpl"),
        ("def adloom_connectors", "def adloom_conectors", "unknown hook"),
    ],
    ids=["huge", "type", "nul", "surrogate", "key", "raises", "abstract", "unmarked", "misspelt"],
)
def test_a_plugin_that_cannot_be_shown_or_worked_with_is_broken(folder: Path, was: str, became: str, says: str) -> None:
    code = WORKING.format(key="good_ads")
    assert was in code
    install(folder, "good_ads", code.replace(was, became))
    status = status_of("good_ads")
    assert (status.state, says in status.reason) == ("broken", True), status.reason


def test_a_reason_is_one_short_line_whatever_the_plugin_says(folder: Path) -> None:
    install(folder, "wordy", "raise RuntimeError('a\\x00\\nb\\ud800 ' * 10_000)")
    install(folder, "mute", "class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd")
    reason = status_of("wordy").reason
    assert len(reason) <= 300
    assert reason.isprintable()
    assert "Odd" in status_of("mute").reason


@pytest.mark.parametrize("leads_to", ["adloom_nothing", "adloom_hollow:nothing", "!!"])
def test_an_entry_point_to_nothing_is_broken(folder: Path, leads_to: str) -> None:
    install(folder, "hollow", "")
    listed = folder / "adloom_hollow-1.0.dist-info" / "entry_points.txt"
    listed.write_text(f"[adloom.connectors]\nhollow = {leads_to}\n")
    assert status_of("hollow").state == "broken"
    assert leads_to.rpartition(":")[2] in status_of("hollow").reason


def test_a_damaged_list_of_entry_points_hides_no_other_plugin(folder: Path) -> None:
    install(folder, "good_ads", WORKING.format(key="good_ads"))
    install(folder, "damaged", "")
    listed = folder / "adloom_damaged-1.0.dist-info" / "entry_points.txt"
    listed.write_text("[adloom.connectors]\nno equals sign\n")
    assert status_of("adloom-damaged").state == "broken"
    assert status_of("good_ads").state == "working"


def test_a_distribution_without_metadata_stops_nothing(folder: Path) -> None:
    install(folder, "nameless", "")
    (folder / "adloom_nameless-1.0.dist-info" / "METADATA").unlink()
    assert (status_of("nameless").state, status_of("nameless").version) == ("incompatible", "")


def test_an_import_that_hangs_is_slow_and_left_behind(folder: Path) -> None:
    release = threading.Event()
    sys.modules["adloom_test_gate"] = type(sys)("adloom_test_gate")
    sys.modules["adloom_test_gate"].release = release  # type: ignore[attr-defined]  # made for this test
    install(folder, "sleepy", "import adloom_test_gate\nadloom_test_gate.release.wait(60)")
    try:
        assert status_of("sleepy", import_budget_s=0.2).state == "slow"
    finally:
        release.set()
        del sys.modules["adloom_test_gate"]


@pytest.mark.parametrize("requires", ["adloom-sdk>=2,<3", "", "msgspec"])
def test_a_wrong_sdk_version_is_refused_before_a_line_of_it_runs(folder: Path, requires: str) -> None:
    install(folder, "futuristic", "import sys\nsys.adloom_was_here = True", requires=requires)
    assert status_of("futuristic").state == "incompatible"
    assert not hasattr(sys, "adloom_was_here")
    assert "adloom_futuristic" not in sys.modules


@pytest.mark.parametrize(
    "code",
    [
        "x = 1",
        "def adloom_connectors(): return [int]",
        "def adloom_connectors(): return 'meta'",
        "def adloom_connectors(): return []",
        "from adloom_sdk import Connector\nclass A(Connector): pass\ndef adloom_connectors(): return [A]",
        "from adloom_sdk import hookimpl\n@hookimpl\ndef adloom_connectors(wrong_argument): return []",
    ],
    ids=["no hook", "no connector", "no list", "empty", "no manifest", "wrong hook"],
)
def test_a_wrong_type_is_broken(folder: Path, code: str) -> None:
    install(folder, "confused", code)
    status = status_of("confused")
    assert status.state == "broken"
    assert status.reason


def test_a_second_plugin_of_the_same_key_is_refused(folder: Path) -> None:
    install(folder, "good_ads", WORKING.format(key="good_ads"))
    install(folder, "a_thief", WORKING.format(key="good_ads"), key="good_ads")
    by_distribution = {one.distribution: one for one in find_plugins().statuses}
    assert by_distribution["adloom-good-ads"].state == "working"
    assert by_distribution["adloom-a-thief"].state == "broken"
    assert "good_ads" in by_distribution["adloom-a-thief"].reason


def test_nobody_takes_a_key_under_another_name(folder: Path) -> None:
    install(folder, "good_ads", WORKING.format(key="good_ads"))
    install(folder, "aaa", WORKING.format(key="good_ads"))
    assert find_plugins().connectors["good_ads"].__module__ == "adloom_good_ads"
    assert status_of("aaa").state == "broken"
