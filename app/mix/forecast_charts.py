"""The charts of a forecast: the fan of what is likely, what it is made of, and how its parts went over time."""

from collections.abc import Sequence

import numpy as np

from app.mix.charts import grouped_sums
from kit.charts import Format, Line, LineChart, Mark, Step, WaterfallChart
from kit.format import compact_amount, day, day_range, percent, percent_change
from ml.forecast import CalendarDay, Forecast, PastForecast
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
_MOST_NAMES = 6


def fan_chart(forecast: Forecast) -> LineChart:
    """The last months as they were, beside what was forecast before them, and the days ahead with their band."""
    history, ahead = forecast.history, len(forecast.mean)
    shown = min(len(history.dates), max(_SHOWN_HISTORY[forecast.cadence_days], 2 * ahead))
    blank: list[float | None] = [None] * shown
    model = [*_values(history.fitted[-shown:]), *_values(forecast.mean)]
    lines = [
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
    ]
    earlier = _earlier_forecast(forecast.backtest.latest, shown, ahead)
    return LineChart(
        title="Revenue, past and ahead",
        note=f"{'Daily' if forecast.cadence_days == 1 else 'Weekly'}, {forecast.currency}",
        finding=" ".join([_fan_finding(forecast), *_last_weeks(forecast), calendar_sentence(forecast)]),
        xs=[str(on) for on in (*history.dates[-shown:], *forecast.dates)],
        lines=[*lines, earlier] if earlier else lines,
        format=Format("money", forecast.currency),
        marks=[Mark(shown - 1, "Data end")],
        height=320,
    )


def _earlier_forecast(latest: PastForecast | None, shown: int, ahead: int) -> Line | None:
    """What would have been forecast before the last weeks, to be seen beside what came."""
    if latest is None or not len(latest.dates):
        return None
    known = min(len(latest.dates), shown)
    values = [*([None] * (shown - known)), *_values(latest.mean[-known:]), *([None] * ahead)]
    return Line(name=f"Forecast made {day(latest.dates[0].astype(object))}", values=values, slot=6, is_comparison=True)


def _last_weeks(forecast: Forecast) -> list[str]:
    """How far off the forecast of the last weeks was, in a sentence."""
    origins = forecast.backtest.origins
    if forecast.backtest.latest is None or not origins or origins[0].mape is None:
        return []
    last = origins[0]
    unit = "day" if forecast.cadence_days == 1 else "week"
    off = f"off by {percent(last.mape, digits=0)} a {unit}{_in_total(last.total_error)}"
    return [f"A forecast made on {day(last.origin_on)} was {off} over the {last.days} days since."]


def _in_total(error: float | None) -> str:
    if error is None:
        return ""
    size = percent(abs(error), digits=0)
    return (
        f" and {size} too {'high' if error > 0 else 'low'} in total" if abs(error) >= 0.005 else " and right in total"
    )


def calendar_sentence(forecast: Forecast) -> str:
    """The events and holidays ahead, and how much they move revenue."""
    known = _by_name([one for one in forecast.calendar if one.lift is not None])
    unknown = _by_name([one for one in forecast.calendar if one.lift is None])
    sentence = "The forecast knows of no event or holiday ahead."
    if known:
        sentence = f"The forecast counts on: {_listed([_with_lift(name, days) for name, days in known.items()])}."
    if unknown:
        sentence += f" It leaves out what your history has never seen: {_listed(list(unknown))}."
    return sentence


def _by_name(days: Sequence[CalendarDay]) -> dict[str, list[CalendarDay]]:
    found: dict[str, list[CalendarDay]] = {}
    for one in days:
        found.setdefault(one.name, []).append(one)
    return found


def _with_lift(name: str, days: Sequence[CalendarDay]) -> str:
    """`Black Friday (27–30 Nov 2026, +18.2 %)`: when, and what it adds to a day on average."""
    first, last = days[0].on, days[-1].on
    is_whole = (last - first).days == len(days) - 1
    when = day_range(first, last) if is_whole else f"{len(days)} days from {day(first)}"
    return f"{name} ({when}, {percent_change(float(np.mean([one.lift for one in days])))})"


def _listed(names: Sequence[str]) -> str:
    """The first few, and how many more."""
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


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
