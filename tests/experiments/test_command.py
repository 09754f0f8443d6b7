"""`adloom experiment read` with what must not suffer and the smallest change that matters."""

import json

from click.testing import CliRunner, Result

from app.cli.experiment import experiment
from kit.errors import InvalidInput

TEST = ("read", "--control", "100000:5000", "--variant", "B=100000:5600", "--margin", "0.05")


def run(*words: str) -> Result:
    return CliRunner().invoke(experiment, list(words))


def test_a_guardrail_that_is_harmed_stops_the_test_and_its_range_is_told() -> None:
    words = run(*TEST, "--guardrail-less", "returns=100000:10000,100000:12000").output
    assert "Stop the test." in words
    assert "at most 5.0% worse is allowed): harmed" in words
    kept = json.loads(run(*TEST, "--guardrail", "orders=100000:10000,100000:12000", "--json").stdout)
    assert kept["decision"] == "ship"
    assert kept["variants"][0]["guardrails"][0]["verdict"] == "safe"


def test_a_guardrail_without_counts_is_too_early_to_compare() -> None:
    assert "too early to compare" in run(*TEST, "--guardrail", "orders=100:0,100:0").output


def test_the_smallest_change_that_matters_ends_a_test() -> None:
    even = ("read", "--control", "100000:5000", "--variant", "B=100000:5010")
    assert json.loads(run(*even, "--json").stdout)["decision"] == "go_on"
    assert json.loads(run(*even, "--smallest-lift", "0.1", "--json").stdout)["decision"] == "keep"


def test_a_guardrail_that_misses_a_version_is_refused_with_how_to_write_it() -> None:
    refused = run(*TEST, "--guardrail", "orders=100000:10000").exception
    assert isinstance(refused, InvalidInput)
    assert "the control first" in refused.hint
