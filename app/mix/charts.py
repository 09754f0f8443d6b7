"""The charts of an attribution: return per channel with its range, where revenue came from, how each channel responds.

A channel whose effect cannot be told shows its range and no point; in sums it counts with everything else.
"""

from collections.abc import Callable

import numpy as np

from app.performance.charts import chart_slot
from kit.charts import (
    BarChart,
    BarSeries,
    Curve,
    CurveChart,
    Dot,
    Format,
    Part,
    Reference,
    StackChart,
    Step,
    WaterfallChart,
)
from kit.format import compact_amount, multiple, percent
from ml.frames import DayArray, FloatArray
from ml.mix.results import ChannelResult, MixFit

INTERVAL = "95 % interval"
UNKNOWN_SLOT = 99
REST = "Everything else"
_MOST_COLUMNS = 120

Slots = dict[str, int]


def is_known(channel: ChannelResult) -> bool:
    """True where there is a point estimate to show."""
    return channel.grade != "cannot_tell"


def slot_of(slots: Slots, name: str) -> int:
    """The palette's slot of a channel."""
    return chart_slot(slots.get(name, UNKNOWN_SLOT))


def roi_chart(fit: MixFit, slots: Slots) -> BarChart:
    """Revenue brought per unit spent, over the whole period."""
    return _returns(
        fit,
        slots,
        lambda channel: (channel.roi_mean, channel.roi_low, channel.roi_high),
        name="Return",
        title="Return on what you spent",
        note=f"Revenue per {fit.currency} 1 spent",
        finding="{channel} brought most for its money, about {value} what it cost.",
        nothing_known="No channel's return can be told yet; the bars show how far the data leave it open.",
    )


def marginal_chart(fit: MixFit, slots: Slots) -> BarChart:
    """Revenue that the next unit of spend would bring."""
    return _returns(
        fit,
        slots,
        lambda channel: (channel.mroi_mean, channel.mroi_low, channel.mroi_high),
        name="Return on the next unit",
        title="Return on the next unit",
        note=f"Revenue of the next {fit.currency} 1, at today's spend",
        finding="The next unit likely brings most in {channel}, about {value}.",
        nothing_known="No channel's next unit can be valued yet.",
    )


def _returns(
    fit: MixFit,
    slots: Slots,
    estimate: Callable[[ChannelResult], tuple[float, float, float]],
    *,
    name: str,
    title: str,
    note: str,
    finding: str,
    nothing_known: str,
) -> BarChart:
    """Mean, low and high of each channel, best mean first; `finding` names the best `channel` that is known and its `value`."""
    ranked = sorted(fit.channels, key=lambda channel: -estimate(channel)[0])
    best = next((channel for channel in ranked if is_known(channel)), None)
    series = BarSeries(
        name=name,
        values=[estimate(channel)[0] if is_known(channel) else None for channel in ranked],
        low=[estimate(channel)[1] for channel in ranked],
        high=[estimate(channel)[2] for channel in ranked],
    )
    return BarChart(
        title=title,
        note=note,
        finding=finding.format(channel=best.channel, value=multiple(estimate(best)[0])) if best else nothing_known,
        labels=[channel.channel for channel in ranked],
        series=[series],
        format=Format("multiple"),
        interval=INTERVAL,
        reference=Reference(1.0, "Break-even"),
        slots=[slot_of(slots, channel.channel) for channel in ranked],
    )


def told_channels(fit: MixFit) -> list[ChannelResult]:
    """Channels with a point estimate, the largest contribution first."""
    return sorted((channel for channel in fit.channels if is_known(channel)), key=lambda one: -one.contribution)


def rest_of(fit: MixFit) -> float:
    """Revenue that came without the told channels: the baseline, and what untold channels may have added."""
    return fit.baseline + sum(channel.contribution for channel in fit.channels if not is_known(channel))


def waterfall_chart(fit: MixFit, slots: Slots) -> WaterfallChart:
    """From what would have come anyway to the revenue of the period."""
    told, rest = told_channels(fit), rest_of(fit)
    total = rest + sum(channel.contribution for channel in told)
    return WaterfallChart(
        title="Where revenue came from",
        note="Whole period; ranges are in the table",
        finding=f"{percent(rest / total, digits=0) if total else 'Nothing'} of revenue came without these channels.",
        steps=[
            Step(REST, rest, "change", 0),
            *(Step(one.channel, one.contribution, "change", slot_of(slots, one.channel)) for one in told),
            Step("Revenue, as modelled", total, "total"),
        ],
        format=Format("money", fit.currency),
    )


def course_chart(fit: MixFit, slots: Slots) -> StackChart:
    """The same over time: columns of a period, of a week, or of four weeks."""
    told = told_channels(fit)
    columns = [fit.index(channel.channel) for channel in told]
    rest = fit.baseline_series + fit.contribution_series.sum(1) - fit.contribution_series[:, columns].sum(1)
    size = _column_size(len(fit.dates), fit.cadence_days)
    dates, grouped = grouped_sums(fit.dates, np.column_stack([rest, fit.contribution_series[:, columns]]), size)
    layers = np.maximum(grouped, 0.0).T.round(2).tolist()
    names = [(REST, 0), *((one.channel, slot_of(slots, one.channel)) for one in told)]
    return StackChart(
        title="Revenue by source over time",
        note=_COLUMN_NOTES[size * fit.cadence_days],
        finding=_course_finding(grouped) if told else "No channel can be told apart yet.",
        xs=[str(day) for day in dates],
        parts=[Part(name=name, values=values, slot=slot) for (name, slot), values in zip(names, layers, strict=True)],
        format=Format("money", fit.currency),
        height=280,
    )


def _course_finding(layers: FloatArray) -> str:
    quarter = max(len(layers) // 4, 1)
    first, last = (float(part[:, 1:].sum() / part.sum()) for part in (layers[:quarter], layers[-quarter:]))
    return (
        f"Advertising brought {percent(first, digits=0)} of revenue in the first quarter of this period, "
        f"{percent(last, digits=0)} in the last."
    )


_COLUMN_NOTES = {1: "Daily", 7: "Weekly", 28: "In steps of four weeks"}


def _column_size(periods: int, cadence_days: int) -> int:
    """How many periods share a column, so that there are at most 120 of them."""
    if periods <= _MOST_COLUMNS:
        return 1
    if cadence_days == 1 and periods / 7 <= _MOST_COLUMNS:
        return 7
    return 28 // cadence_days


def grouped_sums(dates: DayArray, values: FloatArray, size: int) -> tuple[DayArray, FloatArray]:
    """Rows of `values` (n, …) added up `size` by `size` from the end; an incomplete first group falls away."""
    skip = len(dates) % size
    groups = (len(dates) - skip) // size
    return dates[skip::size], values[skip:].reshape(groups, size, *values.shape[1:]).sum(1)


def response_charts(fit: MixFit, slots: Slots) -> list[CurveChart]:
    """Revenue a day over spend a day, one chart per told channel, with the dot of today's spend."""
    return [_response_chart(channel, fit, slot_of(slots, channel.channel)) for channel in told_channels(fit)]


def _response_chart(channel: ChannelResult, fit: MixFit, slot: int) -> CurveChart:
    curve, today = channel.curve, channel.current_per_day
    at_today = float(np.interp(today, curve.spend_per_day, curve.revenue_per_day))
    money = Format("money", fit.currency)
    return CurveChart(
        title=channel.channel,
        note=f"{percent(channel.saturation, digits=0)} of its ceiling at today's spend",
        finding=(
            f"{channel.channel} brings about {compact_amount(at_today, fit.currency)} a day at today's "
            f"{compact_amount(today, fit.currency)}; the next unit brings {multiple(channel.mroi_mean)}."
        ),
        x_format=money,
        y_format=money,
        x_label="Spend a day",
        y_label="Revenue a day",
        height=240,
        curves=[
            Curve(
                name=channel.channel,
                slot=slot,
                x=curve.spend_per_day.tolist(),
                y=curve.revenue_per_day.tolist(),
                low=curve.low.tolist(),
                high=curve.high.tolist(),
                band=INTERVAL,
                dots=[Dot(today, at_today, "Today")],
            )
        ],
    )
