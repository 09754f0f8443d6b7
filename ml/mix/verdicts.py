"""The checks that come with every fit: figures it has at hand, turned into lights and sentences that need no statistics."""

from collections.abc import Sequence

from ml.frames import FloatArray
from ml.mix.results import ChannelResult, Check, FitQuality, Light

GOOD_RHAT, FAIR_RHAT = 1.05, 1.1
GOOD_ERROR, FAIR_ERROR = 0.1, 0.2
FEW_BELOW_ZERO = 0.05
LITTLE_ASSUMED, MUCH_ASSUMED = 0.35, 0.7


def fit_checks(quality: FitQuality, baseline: FloatArray, channels: Sequence[ChannelResult]) -> tuple[Check, ...]:
    """Did the calculation settle, does it predict, is the baseline (n,) possible, and how much of each channel is assumed?"""
    return (
        settled_check(quality.rhat),
        holdout_check(quality.holdout_mape),
        baseline_check(baseline),
        *(assumption_check(channel) for channel in channels),
    )


def settled_check(rhat: float) -> Check:
    """Agreement of the chains, R-hat: up to 1.05 green, up to 1.1 amber."""
    light = _light(rhat, GOOD_RHAT, FAIR_RHAT)
    sentence = {
        "green": "The calculation settled: every repetition ends at the same answer.",
        "amber": "The calculation nearly settled. The ends of the ranges are rough.",
        "red": "The calculation did not settle. Treat the ranges as rough, and run it again with more data.",
    }[light]
    explanation = "The answer is worked out many times from different starting points (R-hat compares them; 1.00 is full agreement)."
    return Check("settled", light, sentence, explanation, figure=rhat)


def holdout_check(error: float | None, guess: float | None = None) -> Check:
    """Error on hidden weeks: up to 10 % green, up to 20 % amber; one light worse where the obvious `guess` does better."""
    explanation = "We hide weeks from the model, let it predict their revenue from their spend, and compare."
    if error is None:
        sentence = "There were too few days with revenue to hide some and predict them."
        return Check("hold-out", "amber", sentence, explanation)
    light = _light(error, GOOD_ERROR, FAIR_ERROR)
    sentence = f"On weeks that it had not seen, it was off by {error:.0%} on average."
    if guess is not None and error > guess:
        light = "red" if light == "red" or error > 1.5 * guess else "amber"
        sentence += f" The average of the weeks before would have been off by {guess:.0%}."
    return Check("hold-out", light, sentence, explanation, figure=error)


def baseline_check(baseline: FloatArray) -> Check:
    """Share of periods whose sales without ads come out below zero: none green, up to 5 % amber."""
    below = float((baseline < 0).mean())
    light = _light(below, 0.0, FEW_BELOW_ZERO)
    sentence = {
        "green": "Sales without ads stay above zero throughout, as they must.",
        "amber": f"Sales without ads come out below zero on {below:.1%} of the days, which cannot be. Ads get a little too much.",
        "red": f"Sales without ads come out below zero on {below:.0%} of the days, which cannot be. An event or a channel is missing.",
    }[light]
    explanation = "What the ads did not bring must be sales that came by themselves, and these cannot be negative."
    return Check("baseline", light, sentence, explanation, figure=below)


def assumption_check(channel: ChannelResult) -> Check:
    """Share of a channel's number that is prior, 1 − evidence: up to 35 % green, up to 70 % amber."""
    assumed = 1 - channel.evidence
    light = _light(assumed, LITTLE_ASSUMED, MUCH_ASSUMED)
    sentence = {
        "green": f"{channel.channel}: {assumed:.0%} of this number is assumption, the rest is your data.",
        "amber": f"{channel.channel}: {assumed:.0%} of this number is assumption. More changes in its spend would help.",
        "red": f"{channel.channel}: {assumed:.0%} of this number is assumption. Only a test can tell.",
    }[light]
    explanation = (
        "Before it sees data the model assumes what returns are usual. This is how much of that is left after it has."
    )
    return Check("assumption", light, sentence, explanation, figure=assumed, channel=channel.channel)


def _light(value: float, good: float, fair: float) -> Light:
    return "green" if value <= good else "amber" if value <= fair else "red"
