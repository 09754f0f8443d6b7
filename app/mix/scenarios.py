"""Asking a stored fit: the best split within somebody's limits, and what an allocation brings, as the sliders ask while they are dragged."""

from collections.abc import Mapping

import numpy as np

from app.mix.errors import as_product_error
from app.mix.schemas import BudgetGoal, BudgetRequest, ScenarioReply
from kit.errors import FieldError, InvalidInput
from ml.errors import MlError
from ml.mix.goals import Goal, MostProfit, TargetRoas
from ml.mix.intervals import central_interval
from ml.mix.limits import GroupCap
from ml.mix.optimise import expected_revenue, optimise_budget
from ml.mix.plan import BudgetPlan
from ml.mix.results import MixFit


def best_plan(fit: MixFit, request: BudgetRequest) -> BudgetPlan:
    """The split that serves the request best within its limits; without a budget, today's is split anew."""
    goal = _goal(request)
    budget = request.budget_per_day
    if budget is None and goal is None:
        budget = float(fit.current_per_day().sum())
    return optimise_budget(
        fit,
        budget_per_day=budget,
        goal=goal,
        group_caps=[
            GroupCap(cap.name or " + ".join(cap.channels), tuple(cap.channels), cap.maximum)
            for cap in request.group_caps
        ],
        minimum=request.minimum,
        maximum=request.maximum,
        locked=request.locked,
        max_change=request.max_change,
        within_observed=request.within_observed,
    )


def _goal(request: BudgetRequest) -> Goal | None:
    """What the budget is to achieve; None is the most revenue."""
    if request.goal is BudgetGoal.PROFIT:
        return MostProfit() if request.margin is None else MostProfit(margin=request.margin)
    if request.goal is BudgetGoal.ROAS:
        if request.target_roas is None:
            message = "Enter the return to keep, such as 2.5."
            raise InvalidInput("A return to keep is missing.", message, [FieldError(message, "target_roas")])
        return TargetRoas(roas=request.target_roas)
    return None


def value_allocation(fit: MixFit, per_day: Mapping[str, float]) -> ScenarioReply:
    """Expected revenue a day at `per_day` (channels left out spend nothing), and against what is spent today."""
    try:
        revenue = expected_revenue(fit, per_day)
    except MlError as problem:
        raise as_product_error(problem) from problem
    spend = np.array([per_day.get(name, 0.0) for name in fit.names])
    by_channel = fit.draws.response(spend)
    uplift = by_channel.sum(1) - fit.draws.response(fit.current_per_day()).sum(1)
    low, high = central_interval(uplift)
    return ScenarioReply(
        total_per_day=float(spend.sum()),
        expected_revenue_per_day=revenue.mean,
        revenue_low=revenue.low,
        revenue_high=revenue.high,
        expected_uplift_per_day=float(uplift.mean()),
        uplift_low=float(low),
        uplift_high=float(high),
        probability_better=float((uplift > 0).mean()),
        channels=[
            {"channel": name, "per_day": float(amount), "revenue_per_day": float(mean)}
            for name, amount, mean in zip(fit.names, spend, by_channel.mean(0), strict=True)
        ],
    )
