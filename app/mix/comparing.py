"""Plans made before: a list to choose from, and up to four of them side by side."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.mix.contexts import Comparison, PlanChoice
from app.mix.models import ModelRun
from app.mix.presenting import LEVEL, likelihood, signed_amount
from app.mix.views import ADVICE_LABELS
from kit.charts import BarChart, BarSeries, Format
from kit.format import MISSING, ago, amount, compact_amount

_STATES = {"done": "", "refused": "Not possible", "queued": "Not finished", "running": "Not finished"}
_LETTERS = "ABCD"


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


def comparison_of(runs: Sequence[ModelRun], currency: str) -> Comparison | None:
    """Finished plans side by side; None where there are fewer than two."""
    results = [(run, run.result["plan"]) for run in runs if run.state == "done" and run.result is not None]
    if len(results) < 2:
        return None
    names = tuple(
        f"{letter} · {run.request.get('name', 'Plan')}" for letter, (run, _) in zip(_LETTERS, results, strict=False)
    )
    plans = [plan for _, plan in results]
    channels = list(dict.fromkeys(row["channel"] for plan in plans for row in plan["allocation"]))
    return Comparison(
        names=names,
        rows=(*_summary_rows(plans, currency), *(_channel_row(plans, name, currency) for name in channels)),
        chart=_chart(names, plans, channels, currency),
    )


def _summary_rows(plans: Sequence[dict[str, Any]], currency: str) -> list[tuple[str, tuple[str, ...]]]:
    def ranged(plan: dict[str, Any], middle: str, ends: tuple[str, str], *, is_change: bool) -> str:
        show = signed_amount if is_change else compact_amount
        low, high = (show(plan[end], currency) for end in ends)
        return f"{show(plan[middle], currency)} ({LEVEL} % range {low} to {high})"

    revenue, uplift = ("revenue_low", "revenue_high"), ("uplift_low", "uplift_high")
    return [
        ("Budget a day", tuple(amount(plan["budget_per_day"], currency) for plan in plans)),
        (
            "Revenue from advertising a day",
            tuple(ranged(plan, "expected_revenue_per_day", revenue, is_change=False) for plan in plans),
        ),
        (
            "More than the same budget in today's proportions",
            tuple(ranged(plan, "expected_uplift_per_day", uplift, is_change=True) for plan in plans),
        ),
        ("Probability that it is better", tuple(likelihood(plan["probability_better"]) for plan in plans)),
        ("Advice", tuple(ADVICE_LABELS[plan["advice"]] for plan in plans)),
    ]


def _spend_of(plan: dict[str, Any], channel: str) -> float | None:
    return next((row["recommended_per_day"] for row in plan["allocation"] if row["channel"] == channel), None)


def _channel_row(plans: Sequence[dict[str, Any]], channel: str, currency: str) -> tuple[str, tuple[str, ...]]:
    spends = [_spend_of(plan, channel) for plan in plans]
    return channel, tuple(MISSING if spend is None else amount(spend, currency) for spend in spends)


def _chart(names: Sequence[str], plans: Sequence[dict[str, Any]], channels: Sequence[str], currency: str) -> BarChart:
    best = max(range(len(plans)), key=lambda index: plans[index]["expected_revenue_per_day"])
    return BarChart(
        title="The plans side by side",
        note="Spend a day",
        finding=f"{names[best]} is expected to bring most revenue a day from advertising.",
        labels=list(channels),
        series=[
            BarSeries(name=name, values=[_spend_of(plan, channel) for channel in channels], slot=slot)
            for slot, (name, plan) in enumerate(zip(names, plans, strict=True), start=1)
        ],
        format=Format("money", currency),
    )
