"""The reading of a whole test: decision, sentence, guardrails, split, false alarms."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ml.errors import BadOption, BadSample
from ml.experiments import (
    Arm,
    Guardrail,
    Rules,
    TestReading,
    Variant,
    check_sample_ratio,
    proportion,
    read_guardrail,
    read_test,
)

CONTROL = proportion(10_000, 500)
LARGE = Rules(tuning=200_000)
LESS = replace(LARGE, goal="less")


def reading_of(successes: int, rules: Rules = LARGE) -> TestReading:
    return read_test(proportion(100_000, 5000), [Variant("B", proportion(100_000, successes))], rules=rules)


def test_a_clear_winner_is_shipped_with_the_cost_of_a_mistake() -> None:
    reading = reading_of(5600)
    assert (reading.decision, reading.winner) == ("ship", "B")
    assert reading.sentence == (
        "B is better with a probability of more than 99.9 %; choosing it wrongly would cost less than 0.01 %. Use B."
    )


def test_a_promising_variant_is_not_shipped_because_somebody_looked() -> None:
    reading = read_test(CONTROL, [Variant("B", proportion(10_000, 580))])
    assert reading.decision == "go_on"
    assert reading.variants[0].fixed is not None
    assert reading.variants[0].fixed.p_value < 0.05
    assert reading.sentence == (
        "B is better with a probability of 99.0 %; choosing it wrongly would cost about 0.02 %. "
        "Let the test run on: a difference this size may still be chance."
    )


def test_a_variant_that_is_worse_is_dropped() -> None:
    reading = reading_of(4400)
    assert (reading.decision, reading.winner) == ("keep", None)
    assert reading.sentence.endswith("keep A.")


def test_where_less_is_better_the_same_numbers_say_the_opposite() -> None:
    assert reading_of(4400, LESS).winner == "B"
    assert reading_of(5600, LESS).decision == "keep"


def test_a_test_ends_when_no_change_that_matters_is_left_or_its_size_is_reached() -> None:
    assert reading_of(5010).decision == "go_on"
    assert reading_of(5010, replace(LARGE, smallest_lift=0.1)).decision == "keep"
    assert reading_of(5010, replace(LARGE, units_at_end=200_000)).decision == "keep"


def test_a_harmed_guardrail_stops_the_test_and_an_unclear_one_delays_it() -> None:
    def with_guardrail(refunds: int, n: int = 100_000) -> str:
        guard = Guardrail("refunds", proportion(n, n // 10), proportion(n, refunds), margin=0.05, goal="less")
        return read_test(
            proportion(100_000, 5000), [Variant("B", proportion(100_000, 5600), (guard,))], rules=LARGE
        ).sentence

    assert with_guardrail(12_000).startswith("B makes refunds worse by about 20.0 %")
    assert with_guardrail(10_000).endswith("Use B.")
    assert with_guardrail(101, n=1000).endswith("it must still show that it does no harm to refunds.")


def test_a_guardrail_that_cannot_be_compared_yet_is_unclear() -> None:
    assert read_guardrail(Guardrail("refunds", proportion(10, 0), proportion(10, 0))).verdict == "unclear"
    with pytest.raises(BadOption):
        read_guardrail(Guardrail("refunds", CONTROL, CONTROL, margin=-0.1))


def test_a_broken_split_says_so_and_nothing_else() -> None:
    reading = read_test(proportion(50_000, 2500), [Variant("B", proportion(54_000, 4000))])
    assert reading.decision == "broken_sample_ratio"
    assert "52,000 : 52,000" in reading.sentence
    assert reading.winner is None


def test_an_uneven_split_that_was_planned_is_not_broken() -> None:
    planned = read_test(proportion(80_000, 4000), [Variant("B", proportion(20_000, 1000))], weights=[0.8, 0.2])
    assert planned.decision == "go_on"


def test_daily_looks_at_a_right_split_hardly_ever_call_it_broken() -> None:
    rng = np.random.default_rng(6)
    calls = [
        any(check_sample_ratio([int(n), 200 * day - int(n)], [1, 1]).broken for day, n in enumerate(counts, 1))
        for counts in rng.binomial(200, 0.5, (300, 40)).cumsum(1)
    ]
    assert np.mean(calls) <= 0.01


def test_the_best_of_several_winners_is_shipped_whatever_their_order() -> None:
    versions = [Variant("B", proportion(100_000, 5700)), Variant("C", proportion(100_000, 5900))]
    for order in (versions, versions[::-1]):
        assert read_test(proportion(100_000, 5000), order, rules=LARGE).winner == "C"


def test_a_test_that_has_hardly_begun_goes_on() -> None:
    for control, variant in ((proportion(50, 0), proportion(50, 2)), (proportion(40, 1), proportion(40, 12))):
        assert read_test(control, [Variant("B", variant)]).decision == "go_on"
    assert "too early" in read_test(proportion(50, 0), [Variant("B", proportion(50, 0))]).sentence


def test_tests_that_cannot_be_are_refused() -> None:
    for variants in ((), (Variant("A", CONTROL),), (Variant("B", CONTROL), Variant("B", CONTROL))):
        with pytest.raises(BadOption):
            read_test(CONTROL, variants)
    with pytest.raises(BadOption):
        read_test(CONTROL, [Variant("B", CONTROL)], weights=[1.0])
    with pytest.raises(BadSample):
        check_sample_ratio([-5, 10], [1, 1])
    with pytest.raises(BadOption):
        Rules(alpha=0.0)
    with pytest.raises(BadOption):
        Rules(largest_loss=0.0)
    with pytest.raises(BadOption):
        Rules(smallest_lift=-1.0)


def test_a_reading_survives_json() -> None:
    document = json.loads(json.dumps(reading_of(5600).to_dict()))
    assert document["winner"] == "B"
    assert document["variants"][0]["sequential"]["low"] > 0


def test_two_equal_versions_watched_daily_are_rarely_told_apart() -> None:
    wrong = [_ends_wrongly(seed) for seed in range(150)]
    assert np.mean(wrong) <= 0.05


def _ends_wrongly(seed: int) -> bool:
    counts = np.random.default_rng(seed).binomial(200, 0.05, (14, 2)).cumsum(0)
    rules = Rules(tuning=5600)
    arms: list[tuple[Arm, Arm]] = [
        (proportion(200 * day, left), proportion(200 * day, right)) for day, (left, right) in enumerate(counts, 1)
    ]
    return any(read_test(left, [Variant("B", right)], rules=rules).decision != "go_on" for left, right in arms)
