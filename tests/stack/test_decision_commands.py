"""`adloom mix`, `adloom experiment`: the numeric core on a file alone; what is asked wrongly is said in a sentence."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli.experiment import experiment
from app.cli.mix import mix
from ml.synth import demo_shop, import_rows
from tests.mix.history import yesterday


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five months of a made-up shop, as an import has it."""
    path = tmp_path_factory.mktemp("files") / "shop.csv"
    rows = import_rows(demo_shop(seed=3, end_on=yesterday(), days=150))
    lines = [f"{row.date},{row.channel},{row.spend},{row.revenue}" for row in rows]
    path.write_text("\n".join(["date,channel,spend,revenue", *lines]))
    return path


def run(command: Any, *words: str) -> Result:
    return CliRunner().invoke(command, list(words), catch_exceptions=False)


def document(command: Any, *words: str) -> dict[str, Any]:
    told = run(command, *words, "--json")
    assert told.exit_code == 0, told.output
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def test_a_diagnosis_tells_what_spend_alone_says_and_what_checks_found(file: Path) -> None:
    told = document(mix, "diagnose", str(file))
    assert {one["grade"] for one in told["before"]} <= {"reliable", "uncertain", "cannot_tell"}
    assert {one["light"] for one in told["checks"]} <= {"green", "amber", "red"}
    assert "placebo" in {one["name"] for one in told["checks"]}


def test_a_simulation_tells_how_good_the_model_is_on_such_data(file: Path) -> None:
    told = document(mix, "simulate", str(file), "--times", "2")
    assert told["rounds"] + told["failed"] == 2
    assert told["sentence"]


def test_a_test_is_read_and_a_winner_named() -> None:
    told = document(experiment, "read", "--control", "20000:1000", "--variant", "B=20000:1300")
    assert (told["decision"], told["winner"]) == ("ship", "B")
    words = run(experiment, "read", "--control", "20000:1000", "--variant", "B=20000:1300").output
    assert "+30.0%" in words


def test_a_split_that_was_not_planned_is_said_before_any_winner() -> None:
    told = document(experiment, "read", "--control", "20000:1000", "--variant", "B=15000:1300")
    assert told["decision"] == "broken_sample_ratio"


def test_a_test_is_planned_in_people_and_weeks() -> None:
    told = document(experiment, "plan", "--control", "10000:500", "--lift", "0.1", "--people-per-day", "2000")
    assert told["units_per_arm"] > 10_000
    assert told["days"] % 7 == 0


def test_a_pause_is_measured_by_the_days_around_it(file: Path) -> None:
    lines = file.read_text().splitlines()
    days = sorted({line.split(",")[0] for line in lines[1:]})[100:114]
    paused = file.with_name("paused.csv")
    paused.write_text(
        "\n".join(
            ",".join([*line.split(",")[:2], "0", line.split(",")[3]])
            if line.split(",")[0] in days and ",Facebook Ads," in line
            else line
            for line in lines
        )
    )
    told = document(experiment, "pause", str(paused), "--channel", "Facebook Ads", "--from", days[0], "--to", days[-1])
    assert told["spend_change"] > 0
    assert told["roi_low"] <= told["roi"] <= told["roi_high"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("read", "--control", "many", "--variant", "B=10:1"), "PEOPLE:SUCCESSES"),
        (("read", "--control", "100:10", "--variant", "B"), "NAME=PEOPLE:SUCCESSES"),
        (("read", "--control", "100:200", "--variant", "B=100:10"), ""),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(Exception) as problem:  # noqa: PT011 - of several classes, all of which the command line shows
        run(experiment, *words)
    assert said in str(problem.value)
    assert getattr(problem.value, "detail", "")
