"""The charts of a forecast: the fan of what is likely, what it is made of, and how its parts went over time."""

import numpy as np

from app.mix.charts import grouped_sums
from kit.charts import Format, Line, LineChart, Mark, Step, WaterfallChart
from kit.format import compact_amount, day, percent
from ml.forecast import Forecast
from ml.frames import FloatArray

BAND = "80 % interval"
SPEND = "Moves with spend"
_SHOWN_HISTORY = {1: 90, 7: 52}
_PARTS = (
    ("trend", "Trend", 0),
    ("weekly", "Weekdays", 4),
    ("yearly", "Seasons", 3),
    ("events", "Events and holidays", 6),
    ("spend", SPEND, 1),
)
_MOST_POINTS = 120


def fan_chart(forecast: Forecast) -> LineChart:
    """The last months as they were, the model's view of them, and the days ahead with their band."""
    history, ahead = forecast.history, len(forecast.mean)
    shown = min(len(history.dates), max(_SHOWN_HISTORY[forecast.cadence_days], 2 * ahead))
    blank: list[float | None] = [None] * shown
    model = [*_values(history.fitted[-shown:]), *_values(forecast.mean)]
    return LineChart(
        title="Revenue, past and ahead",
        note=f"{'Daily' if forecast.cadence_days == 1 else 'Weekly'}, {forecast.currency}",
        finding=_fan_finding(forecast),
        xs=[str(on) for on in (*history.dates[-shown:], *forecast.dates)],
        lines=[
            Line(name="Revenue", values=[*_values(history.actual[-shown:]), *([None] * ahead)], slot=0),
            Line(
                name="Model",
                values=model,
                slot=1,
                low=[*blank, *_values(forecast.low80)],
                high=[*blank, *_values(forecast.high80)],
                band=BAND,
                forecast_from=shown,
            ),
        ],
        format=Format("money", forecast.currency),
        marks=[Mark(shown - 1, "Data end")],
        height=320,
    )


def _fan_finding(forecast: Forecast) -> str:
    periods = len(forecast.mean)
    return (
        f"Revenue to {day(forecast.dates[-1].astype(object))} is likely between "
        f"{compact_amount(forecast.total_low80, forecast.currency)} and "
        f"{compact_amount(forecast.total_high80, forecast.currency)}, about "
        f"{compact_amount(forecast.total / periods, forecast.currency)} a {'day' if forecast.cadence_days == 1 else 'week'}."
    )


def parts_ahead(forecast: Forecast) -> list[tuple[str, float, int]]:
    """What the total ahead is made of: name, amount, slot; parts of nothing are left out."""
    start = len(forecast.history.dates)
    sums = [(name, float(getattr(forecast.components, field)[start:].sum()), slot) for field, name, slot in _PARTS]
    return [(name, amount, slot) for name, amount, slot in sums if abs(amount) >= 0.0005 * abs(forecast.total)]


def parts_chart(forecast: Forecast) -> WaterfallChart:
    """The total ahead, part by part."""
    parts = parts_ahead(forecast)
    largest = max(parts, key=lambda part: abs(part[1]), default=None)
    return WaterfallChart(
        title="What the forecast is made of",
        note="Sum over the days ahead; the range of the total is above",
        finding=(
            f"The largest part of the revenue ahead is “{largest[0].lower()}”, {percent(largest[1] / forecast.total, digits=0)}."
            if largest and forecast.total > 0
            else "No revenue is expected ahead."
        ),
        steps=[
            *(Step(name, amount, "change", slot) for name, amount, slot in parts),
            Step("Revenue ahead", forecast.total, "total"),
        ],
        format=Format("money", forecast.currency),
    )


def course_chart(forecast: Forecast) -> LineChart:
    """How trend, seasons and advertising went, and go on: the mean of a day in steps that fit the page."""
    parts = forecast.components
    series = np.column_stack([parts.trend, parts.yearly, parts.spend])
    size = _step_size(len(parts.dates), forecast.cadence_days)
    dates, sums = grouped_sums(parts.dates, series, size)
    means = sums / (size * forecast.cadence_days)
    first_ahead = int(np.searchsorted(dates, forecast.dates[0] - (size - 1) * forecast.cadence_days))
    names = (("Trend", 0), ("Seasons", 3), (SPEND, 1))
    return LineChart(
        title="Trend, seasons and spend",
        note=f"{_STEP_NOTES[size * forecast.cadence_days]}, {forecast.currency}; seasons against an average day",
        finding=_trend_finding(parts.trend, ahead=len(forecast.mean)),
        xs=[str(on) for on in dates],
        lines=[
            Line(name=name, values=_values(means[:, column]), slot=slot) for column, (name, slot) in enumerate(names)
        ],
        format=Format("money", forecast.currency),
        marks=[Mark(min(max(first_ahead - 1, 0), len(dates) - 1), "Data end")],
        height=280,
    )


_STEP_NOTES = {1: "Daily", 7: "Mean of a day, by week", 28: "Mean of a day, in steps of four weeks"}


def _step_size(periods: int, cadence_days: int) -> int:
    if periods <= _MOST_POINTS:
        return 1
    return 7 // cadence_days if periods * cadence_days / 7 <= _MOST_POINTS else 28 // cadence_days


def _trend_finding(trend: FloatArray, *, ahead: int) -> str:
    before, after = float(trend[: max(ahead, 1)].mean()), float(trend[-max(ahead, 1) :].mean())
    if before <= 0:
        return "The trend of revenue without seasons and spend."
    change = after / before - 1
    direction = "risen" if change > 0 else "fallen"
    return f"Without seasons and spend, revenue has {direction} by {percent(abs(change), digits=0)} over this time."


def _values(values: FloatArray) -> list[float | None]:
    """For a chart: cents, and None where nothing is known."""
    return [None if np.isnan(value) else round(float(value), 2) for value in values]
