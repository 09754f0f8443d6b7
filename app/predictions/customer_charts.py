"""The charts of customers' future: what was said of past cohorts beside what they did, and whether said risks came true."""

from typing import Any

from kit.charts import BarChart, BarSeries, Dot, DotGroup, Format, ScatterChart
from kit.format import compact_amount, count, percent

SAID, HAPPENED = "Would have been said", "What they brought"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def cohort_chart(holdout: dict[str, Any], currency: str) -> BarChart:
    """Value predicted from an earlier day beside the value that came, by when customers joined."""
    cohorts: list[dict[str, Any]] = holdout["cohorts"]
    said, came = holdout["predicted_value"], holdout["actual_value"]
    return BarChart(
        title="Tried on your own past",
        note=f"Customers by when they first ordered; their next {holdout['days']} days",
        finding=(
            f"From what was known {holdout['days']} days before the last order, {compact_amount(said, currency)} would have been said; "
            f"{compact_amount(came, currency)} came."
        ),
        labels=[_months(one["start_on"], one["end_on"]) for one in cohorts],
        series=[
            BarSeries(name=SAID, values=[one["predicted"] for one in cohorts], slot=1),
            BarSeries(name=HAPPENED, values=[one["actual"] for one in cohorts], slot=2),
        ],
        format=Format("money", currency),
    )


def calibration_chart(tested: dict[str, Any]) -> ScatterChart:
    """Tenths of customers by said risk: on the line where as many left as was said."""
    bins: list[dict[str, Any]] = tested["bins"]
    return ScatterChart(
        title="Said and happened",
        note="The latest 90 days; each dot is a group of customers with a similar risk",
        finding=f"Said and happened shares of customers who stopped buying differ by {percent(tested['ece'])} on average.",
        groups=[
            DotGroup(
                name="Customers",
                dots=[Dot(one["said"], one["happened"], f"{count(one['customers'])} customers") for one in bins],
            )
        ],
        x_format=Format("share"),
        y_format=Format("share"),
        x_label="Risk that was said",
        y_label="Share that bought nothing",
        diagonal=True,
    )


def _months(start_on: str, end_on: str) -> str:
    """`Mar–Jun 2025`."""
    first, last = (f"{_MONTHS[int(day[5:7]) - 1]}" for day in (start_on, end_on))
    if start_on[:7] == end_on[:7]:
        return f"{last} {end_on[:4]}"
    return (
        f"{first}–{last} {end_on[:4]}"
        if start_on[:4] == end_on[:4]
        else f"{first} {start_on[2:4]}–{last} {end_on[2:4]}"
    )
