"""What `/styleguide` shows in every component: made-up figures, the same each time."""

import math
from dataclasses import dataclass, field
from datetime import date, timedelta

from kit.charts import (
    BarChart,
    BarSeries,
    Chart,
    Curve,
    CurveChart,
    Dot,
    DotGroup,
    Format,
    Line,
    LineChart,
    Mark,
    Part,
    Reference,
    ScatterChart,
    Sparkline,
    StackChart,
    Step,
    WaterfallChart,
)
from kit.web.controls import PeriodChoice, SliderChannel

_DOLLARS = Format("money", "USD")
_START = date(2026, 9, 1)
_CHANNELS = ("Google Search", "Facebook Ads", "TikTok", "LinkedIn", "E-mail", "Affiliates")


@dataclass(frozen=True)
class StyleguideContext:
    """The variables of `styleguide.html`."""

    charts: dict[str, Chart]
    sparks: list[Sparkline]
    period: PeriodChoice
    sliders: list[SliderChannel]
    channels: tuple[str, ...] = _CHANNELS
    colours: tuple[str, ...] = field(
        default=(
            "bg",
            "surface",
            "surface-2",
            "ink",
            "ink-2",
            "ink-3",
            "line",
            "accent",
            "accent-soft",
            "good",
            "bad",
            "warn",
        )
    )


def styleguide_context() -> StyleguideContext:
    """Every chart and control once."""
    charts: list[Chart] = [_lines(), _forecast(), _bars(), _stack(), _waterfall(), _curves(), _scatter()]
    names = ("lines", "forecast", "bars", "stack", "waterfall", "curves", "scatter")
    return StyleguideContext(
        charts=dict(zip(names, charts, strict=True)),
        sparks=[Sparkline(values=list(_wave(30, 10 + n, n))) for n in range(6)],
        period=_period(),
        sliders=_sliders(),
    )


def _wave(days: int, level: float, seed: int = 0) -> list[float | None]:
    """A weekly rhythm on a slow rise, with a fixed roughness."""
    return [
        level
        * (1 + 0.18 * math.sin((day + seed) * 2 * math.pi / 7) + 0.004 * day + 0.07 * math.sin(day * 12.9898 + seed))
        for day in range(days)
    ]


def _days(count: int) -> list[str]:
    return [(_START + timedelta(days=day)).isoformat() for day in range(count)]


def _scaled(values: list[float | None], factor: float) -> list[float | None]:
    return [None if value is None else value * factor for value in values]


def _lines() -> LineChart:
    revenue, before, spend = _wave(90, 14_000), _wave(90, 12_600, 2), _wave(90, 4_600, 1)
    return LineChart(
        title="Revenue and spend",
        note="Daily, US dollars",
        finding="Revenue rose from about $14K to about $19K a day while spend rose from about $4.6K to $6.2K.",
        xs=_days(90),
        format=_DOLLARS,
        lines=[
            Line(name="Revenue", values=revenue, is_area=True),
            Line(name="Revenue, 90 days before", values=before, is_comparison=True),
            Line(name="Spend", values=spend, slot=2),
        ],
    )


def _forecast() -> LineChart:
    values = _wave(90, 15_000)
    width = [0.0] * 60 + [0.05 + 0.005 * day for day in range(30)]
    return LineChart(
        title="Revenue forecast",
        note="Daily; the band holds 8 of 10 days",
        finding="Revenue is likely to reach about $19K a day by 29 Nov 2026.",
        xs=_days(90),
        format=_DOLLARS,
        marks=[Mark(59, "Today")],
        lines=[
            Line(
                name="Revenue",
                values=values,
                forecast_from=60,
                low=[None if w == 0 or v is None else v * (1 - w) for v, w in zip(values, width, strict=True)],
                high=[None if w == 0 or v is None else v * (1 + w) for v, w in zip(values, width, strict=True)],
                band="80 % interval",
            )
        ],
    )


def _bars() -> BarChart:
    values: list[float | None] = [4.1, 2.9, 2.2, None, 0.8, 6.3]
    return BarChart(
        title="Return on the next dollar",
        note="By channel",
        finding="E-mail and Google Search return most; LinkedIn cannot be told apart from zero.",
        labels=list(_CHANNELS),
        format=Format("multiple"),
        interval="90 % interval",
        reference=Reference(1.0, "Break-even"),
        series=[
            BarSeries(
                name="Marginal ROAS",
                values=values,
                low=[2.9, 2.1, 1.5, 0.1, 0.4, 4.5],
                high=[5.4, 3.8, 2.9, 3.9, 1.2, 8.2],
            )
        ],
        slots=[1, 2, 3, 4, 5, 6],
    )


def _stack() -> StackChart:
    weeks = [(_START + timedelta(weeks=week)).isoformat() for week in range(16)]
    parts = [
        Part(name=name, values=_wave(16, 30 - 4 * slot, slot), slot=slot) for slot, name in enumerate(_CHANNELS[:5], 1)
    ]
    return StackChart(
        title="Share of spend",
        note="Weekly",
        finding="Google Search and Facebook Ads together take about half of the spend.",
        xs=weeks,
        parts=parts,
        is_share=True,
        format=Format("money", "USD"),
    )


def _waterfall() -> WaterfallChart:
    changes = [
        ("Baseline", 214_000.0, 0),
        ("Google Search", 96_000.0, 1),
        ("Facebook Ads", 61_000.0, 2),
        ("TikTok", 34_000.0, 3),
    ]
    steps = [Step(label, value, "change", slot) for label, value, slot in changes]
    return WaterfallChart(
        title="Where revenue came from",
        note="Last 90 days",
        finding="About half of the revenue would have come without advertising.",
        steps=[*steps, Step("Returns", -18_000.0, "change", 6), Step("Revenue", 387_000.0, "total")],
        format=_DOLLARS,
    )


def _curves() -> CurveChart:
    spend = [20.0 * step for step in range(41)]
    return CurveChart(
        title="Response curves",
        note="Revenue a day at a given spend a day",
        finding="Google Search still rises at today's spend; Facebook Ads is close to its ceiling.",
        x_format=_DOLLARS,
        y_format=_DOLLARS,
        x_label="Spend a day",
        y_label="Revenue a day",
        curves=[_curve("Google Search", 1, spend, 2_600, 380, 320), _curve("Facebook Ads", 2, spend, 1_250, 140, 420)],
    )


def _curve(name: str, slot: int, spend: list[float], top: float, half: float, today: float) -> Curve:
    def at(x: float) -> float:
        return top * x / (x + half)

    return Curve(
        name=name,
        slot=slot,
        x=spend,
        y=[at(x) for x in spend],
        low=[at(x) * 0.82 for x in spend],
        high=[at(x) * 1.17 for x in spend],
        band="90 % interval" if slot == 1 else "",
        dots=[Dot(today, at(today), "Today" if slot == 1 else "")],
    )


def _scatter() -> ScatterChart:
    dots = [
        Dot(x, x * (1 + 0.12 * math.sin(x * 7.7)), f"Week {week}")
        for week, x in enumerate(range(9_000, 21_000, 400), 1)
    ]
    return ScatterChart(
        title="Predicted and actual revenue",
        note="Weeks the model had not seen",
        finding="Predictions lie close to what happened, within about 12 percent.",
        x_format=_DOLLARS,
        y_format=_DOLLARS,
        x_label="Actual",
        y_label="Predicted",
        groups=[DotGroup(name="Held-out weeks", dots=dots)],
        diagonal=True,
    )


def _period() -> PeriodChoice:
    return PeriodChoice(
        label="Last 30 days",
        start_on=date(2026, 10, 22),
        end_on=date(2026, 11, 20),
        action="#",
        presets=(
            ("Last 7 days", "#7", False),
            ("Last 30 days", "#30", True),
            ("Last 90 days", "#90", False),
            ("This year", "#year", False),
        ),
        comparisons=(("Period before", "#before", True), ("Same period last year", "#year-ago", False)),
        earlier_href="#earlier",
    )


def _sliders() -> list[SliderChannel]:
    spend = (320.0, 420.0, 180.0, 90.0)
    return [
        SliderChannel(
            key=name.lower().replace(" ", "-"),
            name=name,
            slot=slot,
            value=value,
            current=value,
            min=0,
            max=900,
            low=0,
            high=2 * value,
            is_locked=slot == 4,
        )
        for slot, (name, value) in enumerate(zip(_CHANNELS, spend, strict=False), 1)
    ]
