"""The proposed test is the one that tells most for its cost, its promise is kept by a real test, and nothing is proposed for fun."""

from dataclasses import replace
from datetime import date
from functools import lru_cache

import numpy as np
import pytest

from ml.adstock import carry_over, lag_weights
from ml.errors import BadOption
from ml.frames import MarketingFrame
from ml.mix import MixFit, fit_mix
from ml.mix.experiment import NextExperiment, next_experiment
from ml.mix.lift import LiftWindow
from ml.mix.results import PosteriorDraws
from ml.mix.reweigh import expected_interval
from ml.synth import ChannelTruth, Market, Simulated, simulate
from tests.ml.businesses import calm_business, calm_fit

DAYS, START = 300, date(2024, 1, 1)


@lru_cache
def untested() -> Simulated:
    """A business whose Social has always run at one level; 56 more days than its fit sees."""
    channels = [
        ChannelTruth("Search", 120.0, 2.5, "pulsed", mean_lag_days=1.0),
        ChannelTruth("Social", 80.0, 2.0, "always_on", mean_lag_days=2.0),
    ]
    return simulate(
        seed=3, days=DAYS + 56, channels=channels, start=START, market=Market(baseline_per_day=1500.0, noise_share=0.04)
    )


@lru_cache
def untested_fit() -> MixFit:
    return fit_mix(untested().frame().slice(0, DAYS))


@lru_cache
def proposal() -> NextExperiment:
    return next_experiment(untested_fit(), untested().frame().slice(0, DAYS))


def after_test(channel: int, days: int, per_day: float) -> MarketingFrame:
    """What the data look like two weeks after `days` at `per_day` in one channel."""
    run = untested()
    spend = run.spend.copy()
    spend[DAYS : DAYS + days, channel] = per_day
    weights = lag_weights(run.channels[channel].mean_lag_days, 0.0, 84)
    effects = []
    for course in (spend, run.spend):
        level = np.zeros_like(course.T)
        level[channel] = np.maximum(
            carry_over(course[:, channel], weights, before=float(course[:28, channel].mean())), 0
        )
        effects.append(run.response(level)[channel])
    frame = replace(run.frame(), spend=spend, revenue=run.revenue + effects[0] - effects[1])
    return frame.slice(0, DAYS + days + 14)


def test_the_channel_that_never_moved_is_proposed_in_a_sentence() -> None:
    best = proposal().best
    assert best is not None
    assert best.channel == "Social"
    assert best.shrink >= 1 / 2
    assert best.sentence.startswith(f"{best.action.capitalize()} Social for ")
    assert "It costs about $" in best.sentence
    assert "narrow its return from" in best.sentence
    assert proposal().reason == best.sentence


def test_a_real_test_keeps_the_promise() -> None:
    best = proposal().best
    assert best is not None
    later = fit_mix(after_test(untested_fit().index("Social"), 7 * best.weeks, best.test_per_day)).channel("Social")
    realised = 1 - (later.roi_high - later.roi_low) / (best.roi_high - best.roi_low)
    assert realised == pytest.approx(best.shrink, abs=0.3)
    assert later.roi_low <= 2.0 <= later.roi_high


def test_longer_tests_and_full_pauses_tell_more_and_cost_more() -> None:
    plans = {(plan.action, plan.weeks): plan for plan in proposal().candidates if plan.channel == "Social"}
    assert plans["pause", 4].shrink > plans["pause", 1].shrink
    assert plans["pause", 4].cost > plans["pause", 1].cost
    assert plans["pause", 3].shrink > plans["halve", 3].shrink
    assert plans["pause", 3].spend_change == pytest.approx(-21 * plans["pause", 3].usual_per_day, rel=1e-3)
    assert plans["double", 2].cost == plans["double", 2].spend_change > 0
    assert plans["pause", 2].cost == -plans["pause", 2].revenue_change > 0


def test_every_action_channel_and_length_is_looked_at() -> None:
    plans = proposal().candidates
    assert len(plans) == 2 * 3 * 6
    assert {plan.weeks for plan in plans} == set(range(1, 7))
    assert [plan.channel for plan in proposal().by_channel].count("Social") == 1


def test_a_limit_on_cost_and_a_choice_of_channels_are_kept() -> None:
    frame = untested().frame().slice(0, DAYS)
    cheap = next_experiment(untested_fit(), frame, largest_cost=200.0)
    assert all(plan.cost <= 200 for plan in cheap.by_channel)
    only = next_experiment(untested_fit(), frame, channels=["Search"], actions=["halve"], most_weeks=2)
    assert {(plan.channel, plan.action) for plan in only.candidates} == {("Search", "halve")}
    nothing = next_experiment(untested_fit(), frame, largest_cost=0.0)
    assert nothing.best is None
    assert "at this cost" in nothing.reason


def test_nothing_is_proposed_where_all_is_known() -> None:
    frame = calm_business().frame()
    known = next_experiment(calm_fit(), frame, channels=["Search", "Social"])
    assert known.best is None
    assert "No test is needed" in known.reason


def test_nothing_is_proposed_where_the_noise_would_drown_it() -> None:
    frame = untested().frame().slice(0, DAYS)
    loud = replace(frame, revenue=frame.revenue + np.random.default_rng(1).normal(0, 60_000, DAYS))
    drowned = next_experiment(untested_fit(), loud)
    assert drowned.best is None
    assert "too much" in drowned.reason


def test_the_result_comes_back_as_a_lift_test() -> None:
    best = proposal().best
    assert best is not None
    found = best.outcome(starts_on=date(2024, 9, 2), increment=best.revenue_change, increment_sd=50.0)
    assert isinstance(found, LiftWindow)
    assert (found.ends_on - found.starts_on).days == 7 * best.weeks - 1
    assert found.otherwise_per_day == best.usual_per_day


def test_the_same_data_give_the_same_answer_as_json() -> None:
    frame = untested().frame().slice(0, DAYS)
    again = next_experiment(untested_fit(), frame)
    assert again.to_dict() == proposal().to_dict()
    assert set(again.to_dict()) == {"best", "reason", "by_channel"}


@pytest.mark.parametrize(
    "options",
    [{"channels": ["Radio"]}, {"actions": []}, {"actions": ["shout"]}, {"most_weeks": 0}, {"most_weeks": 9}],
)
def test_questions_that_make_no_sense_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(BadOption):
        next_experiment(untested_fit(), untested().frame().slice(0, DAYS), **options)  # type: ignore[arg-type]  # the wrong values are the point


def test_data_of_another_fit_are_refused() -> None:
    with pytest.raises(BadOption, match="not those of this fit"):
        next_experiment(calm_fit(), untested().frame())


def test_the_unit_of_money_does_not_matter() -> None:
    fit, frame = untested_fit(), untested().frame().slice(0, DAYS)
    draws = PosteriorDraws(
        roi=fit.draws.roi,
        top=100 * fit.draws.top,
        half=100 * fit.draws.half,
        slope=fit.draws.slope,
        mean_lag_days=fit.draws.mean_lag_days,
    )
    channels = tuple(replace(channel, current_per_day=100 * channel.current_per_day) for channel in fit.channels)
    cents = replace(fit, draws=draws, fitted=100 * fit.fitted, channels=channels)
    in_cents = next_experiment(cents, replace(frame, spend=100 * frame.spend, revenue=100 * frame.revenue)).best
    plain = proposal().best
    assert in_cents is not None
    assert plain is not None
    assert (in_cents.channel, in_cents.action, in_cents.weeks) == (plain.channel, plain.action, plain.weeks)
    assert in_cents.cost == pytest.approx(100 * plain.cost, rel=1e-6)
    assert in_cents.shrink == pytest.approx(plain.shrink, abs=1e-6)


def test_re_weighting_agrees_with_the_normal_case_solved_by_hand() -> None:
    generator = np.random.default_rng(0)
    value = np.abs(generator.normal(10, 1, 4000))
    low, high, shrink = expected_interval(value, value[None, None], np.array([[0.5]]), temper=1.0)
    by_hand = 1 - np.sqrt(1 / (1 / 1**2 + 1 / 0.5**2))
    assert shrink[0, 0] == pytest.approx(by_hand, abs=0.04)
    assert (high - low)[0, 0] == pytest.approx(2 * 1.96 * (1 - by_hand), rel=0.1)
