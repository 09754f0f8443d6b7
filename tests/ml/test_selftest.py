"""The self-test simulates from the fit, scores coverage and error by channel, tells its progress, and stops when asked."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from ml.errors import BadOption, NothingScored
from ml.mix import MixOptions
from ml.mix.selftest import SelfTest, selftest
from tests.ml.businesses import calm_business, calm_fit, short_business

QUICK = MixOptions(chains=12, warm_up=24, draws=24, starts=1)


@lru_cache
def of_calm_business() -> SelfTest:
    return selftest(calm_fit(), calm_business().frame(), n=4, seed=2, options=QUICK)


def test_coverage_and_error_are_told_by_channel_and_in_a_sentence() -> None:
    result = of_calm_business()
    assert result.rounds == 4
    assert result.failed == 0
    assert [channel.channel for channel in result.channels] == list(calm_fit().names)
    assert result.covered_95 == pytest.approx(np.mean([channel.covered_95 for channel in result.channels]))
    assert result.covered_95 >= 0.75
    assert result.covered_80 <= result.covered_95
    assert f"in {round(20 * result.covered_95)} of 20 cases" in result.sentence
    assert f"a typical error is {100 * result.typical_error:.0f} %" in result.sentence
    assert not result.cancelled


def test_channels_that_can_be_measured_come_out_better_than_those_that_cannot() -> None:
    errors = {channel.channel: channel.typical_error for channel in of_calm_business().channels}
    assert errors["Search"] < 0.1 < errors["Display"]
    told = {channel.channel: channel.graded_cannot_tell for channel in of_calm_business().channels}
    assert told["Search"] == 0
    assert told["Display"] > 0.5


def test_it_tells_progress_and_stops_when_asked() -> None:
    told: list[tuple[float, str]] = []
    result = selftest(
        calm_fit(),
        calm_business().frame(),
        n=10,
        options=QUICK,
        progress=lambda share, sentence: told.append((share, sentence)),
        cancelled=lambda: len(told) >= 1,
    )
    assert result.cancelled
    assert result.rounds == 1
    assert told == [(0.0, "Simulated business 1 of 10")]
    with pytest.raises(NothingScored, match="stopped before"):
        selftest(calm_fit(), calm_business().frame(), cancelled=lambda: True)


def test_the_same_seed_gives_the_same_answer_as_json() -> None:
    again = selftest(calm_fit(), calm_business().frame(), n=2, seed=2, options=QUICK)
    once_more = selftest(calm_fit(), calm_business().frame(), n=2, seed=2, options=QUICK)
    assert again.to_dict() == once_more.to_dict()
    assert again.to_dict()["channels"][0]["channel"] == calm_fit().names[0]


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(BadOption, match="rounds"):
        selftest(calm_fit(), calm_business().frame(), n=1)
    with pytest.raises(BadOption, match="not those of this fit"):
        selftest(calm_fit(), short_business().frame())


def test_simulated_businesses_that_nobody_could_fit_are_counted() -> None:
    frame = calm_business().frame()
    sinking = replace(calm_fit(), fitted=calm_fit().fitted - 1e6)
    with pytest.raises(NothingScored, match="2 simulated businesses"):
        selftest(sinking, frame, n=2, options=QUICK)
