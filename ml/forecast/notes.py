"""What a person should know before trusting a forecast, in plain sentences."""

from collections.abc import Iterator

import numpy as np

from ml.forecast.calendar_columns import event_kind
from ml.forecast.options import MIX, PROPHET
from ml.forecast.problem import Fit, Problem
from ml.forecast.result import CandidateScore
from ml.forecast.spend import MOST_CHANNELS, FutureSpend
from ml.frames import MarketingFrame

SILENT_DAYS = 7


def notes_on(
    frame: MarketingFrame,
    problem: Problem,
    fitted: Fit,
    ahead: FutureSpend,
    candidates: tuple[CandidateScore, ...],
    *,
    tried: int,
) -> tuple[str, ...]:
    """Warnings of the frame and the plan, then those about the history, the spend and the models."""
    notes = [*frame.warnings, *ahead.warnings, *_history_notes(frame), *_spend_notes(problem, fitted)]
    notes += _event_notes(frame, problem)
    periods = len(ahead.spend)
    if tried < periods:
        days = tried * frame.cadence_days
        notes.append(
            f"Your history lets us check forecasts up to {days} days ahead. Beyond that, the bands are an estimate."
        )
    if any(score.model == PROPHET and score.error is None for score in candidates):
        notes.append("Prophet could not be fitted to this history, so the structural model is used.")
    return tuple(notes)


def _history_notes(frame: MarketingFrame) -> Iterator[str]:
    if frame.days < 365:
        yield "The history is shorter than a year, so the forecast knows little about your seasons."
    elif frame.days < 730:
        yield "The year has not come round twice in your history, so its seasons are taken with caution."
    if (frame.revenue[frame.observed] < 0).any():
        yield "Periods with negative revenue count as zero."
    recent = frame.revenue[-max(SILENT_DAYS // frame.cadence_days, 1) :]
    if recent.max() <= 0 < float(np.median(frame.revenue)):
        yield "The last days have no revenue. If they are not imported yet, import them and run this again."


def _spend_notes(problem: Problem, fitted: Fit) -> Iterator[str]:
    channels = problem.past.channels
    if not channels:
        yield "No channel has spend, so the forecast cannot say what a change of budget would do."
        return
    if len(channels) > MOST_CHANNELS and fitted.model != MIX:
        yield f"Only your {MOST_CHANNELS - 1} largest channels are told apart. The others count together."
        return
    silent = fitted.silent_channels(problem)
    if silent:
        yield f"No effect on revenue was found for: {', '.join(silent)}. Their budget does not change this forecast."


def _event_notes(frame: MarketingFrame, problem: Problem) -> Iterator[str]:
    first, last = problem.dates[frame.periods], problem.dates[-1] + frame.cadence_days
    past = {event_kind(event.name) for event in frame.events if np.datetime64(event.on, "D") < first}
    coming = {
        event.name: None
        for event in frame.events
        if first <= np.datetime64(event.on, "D") < last and event_kind(event.name) not in past
    }
    if coming:
        yield f"Never seen before, so left out of the forecast: {', '.join(coming)}."
