"""The lights are right for fits that are known to be sound or not, and every one says why in words."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from ml.frames import MarketingFrame
from ml.mix import Check, MixOptions, diagnose_fit
from ml.mix.health import with_placebo
from ml.mix.verdicts import assumption_check, baseline_check, holdout_check, settled_check
from tests.ml.businesses import calm_business, calm_fit, short_business, steady_fit


@lru_cache
def calm_checks() -> tuple[Check, ...]:
    return diagnose_fit(calm_business().frame(), calm_fit(), seed=1)


def named(checks: tuple[Check, ...], name: str) -> Check:
    return next(check for check in checks if check.name == name)


def test_a_sound_fit_is_green_where_it_matters() -> None:
    for name in ("settled", "hold-out", "baseline", "placebo", "refresh"):
        assert named(calm_checks(), name).light == "green", name


def test_every_check_has_a_sentence_and_an_explanation() -> None:
    names = [check.name for check in calm_checks()]
    assert set(names) == {"settled", "hold-out", "baseline", "placebo", "refresh", "assumption"}
    assert names.count("hold-out") == 1
    for check in calm_checks():
        assert check.sentence.endswith(".")
        assert check.explanation.endswith(".")


def test_each_channel_says_how_much_of_it_is_assumption() -> None:
    by_channel = {check.channel: check for check in calm_fit().checks if check.channel}
    assert by_channel["Search"].light == "green"
    assert by_channel["Display"].light != "green"
    assert set(by_channel) == set(calm_fit().names)


def test_a_fit_that_could_tell_nothing_says_that_it_is_assumption() -> None:
    lights = {assumption_check(channel).light for channel in steady_fit().channels}
    assert lights <= {"amber", "red"}


@pytest.mark.parametrize(("rhat", "light"), [(1.01, "green"), (1.08, "amber"), (1.4, "red")])
def test_chains_that_disagree_change_the_light(rhat: float, light: str) -> None:
    assert settled_check(rhat).light == light


@pytest.mark.parametrize(
    ("error", "guess", "light"),
    [(0.05, 0.2, "green"), (0.15, 0.2, "amber"), (0.3, 0.4, "red"), (0.08, 0.07, "amber"), (None, None, "amber")],
)
def test_the_hold_out_is_judged_against_the_obvious_guess(error: float | None, guess: float | None, light: str) -> None:
    assert holdout_check(error, guess).light == light


@pytest.mark.parametrize(("below", "light"), [(0, "green"), (3, "amber"), (30, "red")])
def test_sales_without_ads_below_zero_are_seen(below: int, light: str) -> None:
    baseline = np.full(100, 5.0)
    baseline[:below] = -1.0
    assert baseline_check(baseline).light == light


def test_a_break_in_the_last_weeks_is_seen() -> None:
    frame = calm_business().frame()
    revenue = frame.revenue.copy()
    revenue[-28:] *= np.where(frame.spend[-28:, 0] > 0, 3.0, 0.5)
    broken = replace(frame, revenue=revenue)
    checks = diagnose_fit(broken, calm_fit(), seed=1)
    assert named(checks, "refresh").light != "green" or named(checks, "hold-out").light != "green"


def test_short_histories_are_not_cut_further() -> None:
    frame = short_business().frame().slice(0, 100)
    checks = diagnose_fit(frame, calm_fit(), options=MixOptions(chains=8))
    assert "too short" in named(checks, "refresh").sentence


def test_a_placebo_spends_like_its_source_in_another_order() -> None:
    frame = calm_business().frame()
    column = with_placebo(frame, 1, np.random.default_rng(0)).spend[:, -1]
    assert sorted(column) == sorted(frame.spend[:, 1])
    assert (column != frame.spend[:, 1]).any()
    again = MarketingFrame(frame.dates, 1, ("Placebo", "b", "c", "d"), frame.spend, frame.revenue)
    assert with_placebo(again, 0, np.random.default_rng(0)).channels[-1] == "Placebo again"


def test_progress_is_told_and_may_cancel() -> None:
    told: list[float] = []

    def stop(share: float, sentence: str) -> None:
        told.append(share)
        if share > 0.2:
            raise InterruptedError(sentence)

    with pytest.raises(InterruptedError):
        diagnose_fit(calm_business().frame(), calm_fit(), progress=stop)
    assert told == sorted(told)
