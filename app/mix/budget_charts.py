"""The charts of a budget plan: today's split beside the recommended one, and what more or less budget would bring."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.mix.charts import INTERVAL
from app.mix.presenting import AllocationLine
from kit.charts import BarChart, BarSeries, Curve, CurveChart, Dot, Format
from kit.format import compact_amount

_TODAY, _PLAN, _OWN = 0, 1, 3


def split_chart(lines: Sequence[AllocationLine], currency: str, own: Mapping[str, float] | None = None) -> BarChart:
    """Spend a day by channel: today, in the plan, and in the split that somebody tries (`own`)."""
    shown = sorted(lines, key=lambda line: -line.recommended)
    series = [
        BarSeries(name="Today", values=[line.current for line in shown], slot=_TODAY),
        BarSeries(name="Plan", values=[line.recommended for line in shown], slot=_PLAN),
    ]
    if own is not None:
        series.append(BarSeries(name="Your split", values=[own.get(line.name, 0.0) for line in shown], slot=_OWN))
    return BarChart(
        title="Today’s split and the plan",
        note="Spend a day",
        finding=_split_finding(lines, currency),
        labels=[line.name for line in shown],
        series=series,
        format=Format("money", currency),
    )


def _split_finding(lines: Sequence[AllocationLine], currency: str) -> str:
    up = max(lines, key=lambda line: line.recommended - line.current)
    down = min(lines, key=lambda line: line.recommended - line.current)
    if up.recommended - up.current < 0.01 and down.current - down.recommended < 0.01:
        return "The plan keeps every channel as it is."
    return (
        f"{up.name} goes from {compact_amount(up.current, currency)} to {compact_amount(up.recommended, currency)} a day, "
        f"{down.name} from {compact_amount(down.current, currency)} to {compact_amount(down.recommended, currency)}."
    )


def frontier_chart(result: dict[str, Any], currency: str) -> CurveChart | None:
    """The best revenue from advertising at other budgets; None where the limits leave fewer than three of them."""
    points, plan = result["frontier"], result["plan"]
    if len(points) < 3:
        return None
    money = Format("money", currency)
    first, last = points[0], points[-1]
    return CurveChart(
        title="What another budget would bring",
        note="Best split at each budget, without the step limit",
        finding=(
            f"From {compact_amount(first['budget_per_day'], currency)} to {compact_amount(last['budget_per_day'], currency)} "
            f"a day, revenue from advertising rises from about {compact_amount(first['revenue_per_day'], currency)} to "
            f"{compact_amount(last['revenue_per_day'], currency)} a day."
        ),
        x_format=money,
        y_format=money,
        x_label="Budget a day",
        y_label="Revenue from advertising a day",
        curves=[
            Curve(
                name="Best split",
                x=[point["budget_per_day"] for point in points],
                y=[point["revenue_per_day"] for point in points],
                low=[point["low"] for point in points],
                high=[point["high"] for point in points],
                band=INTERVAL,
                dots=[Dot(plan["budget_per_day"], plan["expected_revenue_per_day"], "This plan")],
            )
        ],
    )
