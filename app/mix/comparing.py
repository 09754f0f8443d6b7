"""Plans made before, and up to four splits side by side: saved plans and what-ifs, all valued by the same attribution."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from app.mix.contexts import Compared, Comparison, PlanChoice, WhatIf
from app.mix.models import ModelRun
from app.mix.presenting import LEVEL, likelihood, signed_amount
from app.mix.scenarios import best_plan
from app.mix.schemas import BudgetGoal, BudgetRequest
from kit.charts import BarChart, BarSeries, Format
from kit.errors import FieldError, InvalidInput
from kit.format import MISSING, ago, amount, compact_amount, multiple, percent
from ml.errors import MlError
from ml.mix.plan import RevenueEstimate
from ml.mix.results import MixFit
from ml.mix.scenarios import ScenarioValue, compare_scenarios

_STATES = {"done": "", "refused": "Not possible", "queued": "Not finished", "running": "Not finished"}
_LETTERS = "ABCD"
MOST_SIDES = len(_LETTERS)
_TODAY, _SAME = "today", 0.01
WHAT_IFS = {
    _TODAY: "Today’s split",
    "less_20": "20 % less budget",
    "less_10": "10 % less budget",
    "more_10": "10 % more budget",
    "more_20": "20 % more budget",
    "any_step": "Without the step limit",
    "no_limits": "Without floors, caps and locks",
    "profit": "As much as pays for itself",
}
_BUDGETS = {"less_20": 0.8, "less_10": 0.9, "more_10": 1.1, "more_20": 1.2}


@dataclass(frozen=True)
class Side:
    """One split of a comparison: spend a day by channel."""

    name: str
    per_day: dict[str, float]


@dataclass(frozen=True)
class Asked:
    """What stands side by side: saved plans, and what-ifs that start from the plan that is shown."""

    runs: Sequence[ModelRun]
    what_ifs: Sequence[str]


def known_what_ifs(codes: Sequence[str]) -> list[str]:
    """The what-ifs of an address, each once. Raises InvalidInput for one that there is not."""
    for code in codes:
        if code not in WHAT_IFS:
            choices = f"Choose of: {', '.join(WHAT_IFS)}."
            raise InvalidInput("There is no such what-if.", choices, [FieldError(choices, "what_if", value=code)])
    return list(dict.fromkeys(codes))


def what_if_choices(chosen: Sequence[str]) -> tuple[WhatIf, ...]:
    """The what-ifs to choose from."""
    return tuple(WhatIf(code, label, code in chosen) for code, label in WHAT_IFS.items())


def plan_choices(
    runs: Sequence[ModelRun], *, compared: Sequence[UUID], base: str, currency: str, now: datetime
) -> tuple[PlanChoice, ...]:
    """The newest plans."""
    return tuple(
        PlanChoice(
            id=str(run.id),
            href=f"{base}?run={run.id}",
            name=run.request.get("name", "Plan"),
            made=ago(run.created_at, now),
            budget=_budget_text(run.request.get("budget_per_day"), currency),
            state=_STATES.get(run.state, run.state),
            is_compared=run.id in compared,
        )
        for run in runs
    )


def _budget_text(budget: float | None, currency: str) -> str:
    return "today's budget" if budget is None else f"{amount(budget, currency)} a day"


def comparison_of(asked: Asked, *, shown: ModelRun | None, fit: MixFit | None) -> Comparison | None:
    """Splits side by side; None where nothing was chosen or nothing is there to value them with.

    One choice alone stands beside the plan that is shown, or beside today's split. Beyond four, the first count.
    """
    chosen = len(asked.runs) + len(asked.what_ifs)
    if fit is None or shown is None or not chosen:
        return None
    sides, notes = _plan_sides(asked.runs, fit)
    tried, problems = _what_if_sides(asked.what_ifs, shown, fit)
    sides, notes = sides + tried, notes + problems
    if len(sides) < 2:
        sides = _with_company(sides, shown, fit)
    if len(sides) < 2:
        return None
    if len(sides) > MOST_SIDES:
        notes.append(f"{MOST_SIDES} fit side by side; the first {MOST_SIDES} that you chose are shown.")
    return _comparison(sides[:MOST_SIDES], notes, shown, fit)


def _plan_sides(runs: Sequence[ModelRun], fit: MixFit) -> tuple[list[Side], list[str]]:
    sides, notes = [], []
    for run in runs:
        name = run.request.get("name", "Plan")
        if run.state != "done" or run.result is None:
            notes.append(f"“{name}” is not finished, so it is left out.")
            continue
        rows = {row["channel"]: row["recommended_per_day"] for row in run.result["plan"]["allocation"]}
        gone = [channel for channel in rows if channel not in fit.names]
        if gone:
            notes.append(
                f"“{name}” spends on {', '.join(gone)}, which today's attribution does not know; that part is left out."
            )
        sides.append(Side(name, {channel: value for channel, value in rows.items() if channel in fit.names}))
    return sides, notes


def _what_if_sides(codes: Sequence[str], shown: ModelRun, fit: MixFit) -> tuple[list[Side], list[str]]:
    """Each what-if solved anew from the shown plan's limits; one that cannot be is a note with its reason."""
    sides, notes = [], []
    start = msgspec.convert(shown.request, BudgetRequest)
    for code in codes:
        if code == _TODAY:
            sides.append(_today(fit))
            continue
        try:
            plan = best_plan(fit, _CHANGES[code](start, fit, code))
        except MlError as problem:
            notes.append(f"{WHAT_IFS[code]} is not possible: {problem.detail}")
            continue
        split = {line.channel: line.recommended_per_day for line in plan.allocation}
        sides.append(Side(WHAT_IFS[code], split))
    return sides, notes


def _today(fit: MixFit) -> Side:
    return Side(WHAT_IFS[_TODAY], dict(zip(fit.names, fit.current_per_day().tolist(), strict=True)))


def _with_company(sides: list[Side], shown: ModelRun, fit: MixFit) -> list[Side]:
    """A single side beside the shown plan, or where it is that plan itself, beside today's split."""
    beside, _ = _plan_sides([shown], fit)
    others = [one for one in (*beside, _today(fit)) if all(one.per_day != side.per_day for side in sides)]
    return [*others[:1], *sides] if sides else []


def _other_budget(start: BudgetRequest, fit: MixFit, code: str) -> BudgetRequest:
    budget = start.budget_per_day or float(fit.current_per_day().sum())
    return msgspec.structs.replace(start, budget_per_day=round(budget * _BUDGETS[code], 2))


def _any_step(start: BudgetRequest, _fit: MixFit, _code: str) -> BudgetRequest:
    return msgspec.structs.replace(start, max_change=None)


def _no_limits(start: BudgetRequest, _fit: MixFit, _code: str) -> BudgetRequest:
    return msgspec.structs.replace(start, minimum={}, maximum={}, locked=[], group_caps=[])


def _profit(start: BudgetRequest, _fit: MixFit, _code: str) -> BudgetRequest:
    return msgspec.structs.replace(start, goal=BudgetGoal.PROFIT, budget_per_day=None)


_CHANGES: dict[str, Callable[[BudgetRequest, MixFit, str], BudgetRequest]] = {
    **dict.fromkeys(_BUDGETS, _other_budget),
    "any_step": _any_step,
    "no_limits": _no_limits,
    "profit": _profit,
}


def _comparison(sides: Sequence[Side], notes: list[str], shown: ModelRun, fit: MixFit) -> Comparison:
    names = tuple(f"{letter} · {side.name}" for letter, side in zip(_LETTERS, sides, strict=False))
    margin = msgspec.convert(shown.request, BudgetRequest).margin or 1.0
    values = compare_scenarios(fit, dict(zip(names, (side.per_day for side in sides), strict=True)), margin=margin)
    spending = [name for name in fit.names if any(value.allocation[name] > 0 for value in values)]
    return Comparison(
        names=names,
        rows=(
            *_summary_rows(values, fit.currency, margin=margin),
            *((name, tuple(_spend(value, name, fit.currency) for value in values)) for name in spending),
        ),
        chart=_chart(values, spending, fit.currency),
        finding=_finding(values),
        notes=tuple(notes),
        is_of_margin=margin < 1,
    )


def _summary_rows(
    values: Sequence[ScenarioValue], currency: str, *, margin: float
) -> list[tuple[str, tuple[Compared, ...]]]:
    left = "Left after ads a day" if margin == 1 else f"Left after ads a day, {percent(margin, digits=0)} margin"

    def each(show: Callable[[ScenarioValue], Compared]) -> tuple[Compared, ...]:
        return tuple(show(one) for one in values)

    return [
        ("Spend a day", each(lambda one: Compared(amount(one.spend_per_day, currency)))),
        ("Revenue from advertising a day", each(lambda one: _ranged(one.revenue, currency, compact_amount))),
        ("Against today's spend", each(lambda one: _ranged(one.uplift, currency, signed_amount))),
        (left, each(lambda one: Compared(amount(one.profit_per_day, currency)))),
        ("Revenue per unit of spend", each(lambda one: Compared(multiple(one.roas)))),
        ("Probability that it is better than today", each(_better_than_today)),
        ("Probability that it is the best of these", each(lambda one: Compared(likelihood(one.probability_best)))),
    ]


def _better_than_today(one: ScenarioValue) -> Compared:
    """Nothing to say of today's split itself."""
    return Compared(MISSING if one.uplift.low == one.uplift.high else likelihood(one.probability_better))


def _ranged(found: RevenueEstimate, currency: str, show: Callable[[float, str], str]) -> Compared:
    if found.high - found.low < _SAME:
        return Compared(show(found.mean, currency))
    ends = f"{show(found.low, currency)} to {show(found.high, currency)}"
    return Compared(show(found.mean, currency), f"{LEVEL} % range {ends}")


def _spend(value: ScenarioValue, channel: str, currency: str) -> Compared:
    return Compared(amount(value.allocation[channel], currency))


def _finding(values: Sequence[ScenarioValue]) -> str:
    best = max(values, key=lambda value: value.probability_best)
    if best.probability_best < 0.6:
        return f"{best.name} is ahead, but with a probability of only {likelihood(best.probability_best)}: they are too alike to choose by this."
    return f"{best.name} leaves most after ads, with a probability of {likelihood(best.probability_best)}."


def _chart(values: Sequence[ScenarioValue], channels: Sequence[str], currency: str) -> BarChart:
    return BarChart(
        title="The plans side by side",
        note="Spend a day",
        finding=_finding(values),
        labels=list(channels),
        series=[
            BarSeries(name=value.name, values=[value.allocation[channel] for channel in channels], slot=slot)
            for slot, value in enumerate(values, start=1)
        ],
        format=Format("money", currency),
    )
