"""Horizontal bars with whiskers, and the waterfall: rows with a label left, values on an axis below that starts at 0."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from kit.charts.chart import Chart, LegendEntry, ticks_of
from kit.charts.frame import Frame
from kit.charts.scale import Format, Scale, fitted, gutter_for, scale_for

_ROW = 30
_BAR = 14
_EDGES = 48  # top and bottom of a chart with rows
_LABEL_ROOM = 0.16


class BarSeries(msgspec.Struct, frozen=True, kw_only=True):
    """One value per label; `low` and `high` draw whiskers. A value of None with whiskers shows the range alone."""

    name: str
    values: list[float | None]
    slot: int = 1
    low: list[float | None] = []
    high: list[float | None] = []


class Reference(msgspec.Struct, frozen=True):
    """A vertical line to compare with, such as break-even."""

    value: float
    label: str


class BarChart(Chart, frozen=True, kw_only=True, tag="bar"):
    """`slots` gives each row its own colour (channels keep theirs), else a series has one."""

    labels: list[str]
    series: list[BarSeries]
    format: Format = Format()
    interval: str = ""  # "90 % interval", named in the legend where there are whiskers
    reference: Reference | None = None
    slots: list[int] = msgspec.field(default_factory=list)
    links: list[str] = msgspec.field(default_factory=list)  # where a click on each row leads; "" is nowhere

    def scale(self) -> Scale:
        """The value axis, with room for the labels at the ends of the bars."""
        values = [v for one in self.series for part in (one.values, one.low, one.high) for v in part]
        return scale_for([*values, *([self.reference.value] if self.reference else [])], headroom=_LABEL_ROOM)

    def gutter(self) -> int:
        return gutter_for(self.labels)

    def needed_height(self) -> int:
        return max(len(self.labels), 1) * self._row_height() + _EDGES

    def layout(self) -> dict[str, Any]:
        return {"x": ticks_of(self.scale(), self.format), "row": self._row_height(), "bar": _BAR}

    def draw(self, frame: Frame) -> list[str]:
        scale, frame = self.scale(), frame.with_rows(len(self.labels), self._row_height())
        parts = [*row_axis(frame, scale, self.format), *row_labels(frame, self.labels, self._row_height())]
        places = [(number, one, row) for number, one in enumerate(self.series) for row in range(len(self.labels))]
        for number, one, row in places:
            parts += self._bar(frame, scale, one, number, row)
        parts += self._reference(frame, scale)
        # Figures last, so that the reference line does not strike one through.
        return parts + [text for number, one, row in places for text in self._figure(frame, scale, one, number, row)]

    def entries(self) -> list[LegendEntry]:
        entries = [LegendEntry(one.name, one.slot, "bar") for one in self.series] if len(self.series) > 1 else []
        return entries + ([LegendEntry(self.interval, 0, "whisker")] if self.interval else [])

    def rows(self) -> list[list[str]]:
        head, columns = ["Name"], []
        for one in self.series:
            head += [one.name, *(["Low", "High"] if one.low else [])]
            columns += [part for part in (one.values, one.low, one.high) if part]
        return [head, *([label, *(self.format.full(c[i]) for c in columns)] for i, label in enumerate(self.labels))]

    def _row_height(self) -> int:
        return _ROW + (len(self.series) - 1) * (_BAR + 2)

    def _bar(self, frame: Frame, scale: Scale, one: BarSeries, number: int, row: int) -> list[str]:
        middle = self._middle(frame, number, row)
        value, colour = one.values[row], frame.palette.of(self.slots[row] if self.slots else one.slot)
        low, high = (one.low[row], one.high[row]) if one.low else (None, None)
        parts = []
        if value is not None:
            left, right = sorted((scale.at(0), scale.at(value)))
            parts.append(frame.rect(left, right, middle - _BAR / 2, middle + _BAR / 2, colour))
        if low is not None and high is not None:
            parts += whisker(frame, scale.at(low), scale.at(high), middle)
        return parts

    def _figure(self, frame: Frame, scale: Scale, one: BarSeries, number: int, row: int) -> list[str]:
        value = one.values[row]
        if value is None:
            return []
        ends = [v for v in (value, *((one.low[row], one.high[row]) if one.low else ())) if v is not None]
        middle = self._middle(frame, number, row)
        return [end_label(frame, scale.at(max(ends)), middle, self.format.full(value))]

    def _middle(self, frame: Frame, number: int, row: int) -> float:
        spread = (number - (len(self.series) - 1) / 2) * (_BAR + 2)
        return frame.top + self._row_height() * (row + 0.5) + spread

    def _reference(self, frame: Frame, scale: Scale) -> list[str]:
        if self.reference is None:
            return []
        x = scale.at(self.reference.value)
        return [
            frame.line((x, frame.top - 2), (x, frame.floor), frame.palette.ink_2, width=1.5, dash="4 3"),
            frame.text((x, frame.top - 2), self.reference.label, dx=5),
        ]


class Step(msgspec.Struct, frozen=True):
    """A change, or a total that starts again from 0."""

    label: str
    value: float
    kind: Literal["change", "total"] = "change"
    slot: int = 1


class WaterfallChart(Chart, frozen=True, kw_only=True, tag="waterfall"):
    """From one total to the next, change by change."""

    steps: list[Step]
    format: Format = Format()

    def spans(self) -> list[tuple[float, float]]:
        """Start and end of each step on the value axis."""
        spans, level = [], 0.0
        for step in self.steps:
            start = 0.0 if step.kind == "total" else level
            level = start + step.value
            spans.append((start, level))
        return spans

    def scale(self) -> Scale:
        """The value axis."""
        return scale_for([end for span in self.spans() for end in span], headroom=_LABEL_ROOM)

    def gutter(self) -> int:
        return gutter_for(step.label for step in self.steps)

    def needed_height(self) -> int:
        return max(len(self.steps), 1) * _ROW + _EDGES

    def layout(self) -> dict[str, Any]:
        return {
            "x": ticks_of(self.scale(), self.format),
            "row": _ROW,
            "bar": _BAR,
            "spans": [list(s) for s in self.spans()],
        }

    def draw(self, frame: Frame) -> list[str]:
        scale, spans, frame = self.scale(), self.spans(), frame.with_rows(len(self.steps), _ROW)
        parts = [*row_axis(frame, scale, self.format), *row_labels(frame, [s.label for s in self.steps], _ROW)]
        for row, (step, span) in enumerate(zip(self.steps, spans, strict=True)):
            middle = frame.top + _ROW * (row + 0.5)
            left, right = sorted((scale.at(span[0]), scale.at(span[1])))
            colour = frame.palette.ink_2 if step.kind == "total" else frame.palette.of(step.slot)
            parts.append(frame.rect(left, right, middle - _BAR / 2, middle + _BAR / 2, colour))
            parts.append(end_label(frame, right, middle, self._signed(step)))
            if row + 1 < len(spans):
                x = scale.at(span[1])
                parts.append(frame.line((x, middle + _BAR / 2), (x, middle + _ROW - _BAR / 2), frame.palette.ink_3))
        return parts

    def rows(self) -> list[list[str]]:
        return [["Step", "Value"], *([step.label, self._signed(step)] for step in self.steps)]

    def _signed(self, step: Step) -> str:
        return ("+" if step.kind == "change" and step.value > 0 else "") + self.format.full(step.value)


def row_axis(frame: Frame, scale: Scale, show: Format) -> list[str]:
    """Vertical grid lines with their labels below."""
    parts = []
    last = len(scale.ticks) - 1
    for order, tick in enumerate(scale.ticks):
        x = scale.at(tick)
        colour, dash = (frame.palette.ink_3, "") if tick == 0 else (frame.palette.line, "1 4")
        parts.append(frame.line((x, frame.top), (x, frame.floor), colour, dash=dash))
        anchor = "end" if order == last else "middle"
        parts.append(frame.text((x, frame.floor + 18), show.short(tick), anchor=anchor, name=thinning(order, last)))
    return parts


def thinning(order: int, last: int) -> str:
    """Where there is little room, every second label goes, then every second of those that are left if they are many."""
    if last <= 2:
        return ""
    if order % 2:
        return "minor"
    return "minor-2" if last >= 6 and order % 4 else ""


def row_labels(frame: Frame, labels: Sequence[str], row_height: int) -> list[str]:
    """The names left of the rows."""
    return [
        frame.text(
            (0, frame.top + row_height * (row + 0.5) + 4),
            fitted(label, frame.left_px),
            anchor="end",
            dx=-8,
            colour=frame.palette.ink,
            name="strong",
            title=label,
        )
        for row, label in enumerate(labels)
    ]


def whisker(frame: Frame, low: float, high: float, middle: float) -> list[str]:
    """An interval across a bar: 1.5 px of ink with caps."""
    ink = frame.palette.ink
    return [
        frame.line((low, middle), (high, middle), ink, width=1.5),
        frame.line((low, middle - 4), (low, middle + 4), ink, width=1.5),
        frame.line((high, middle - 4), (high, middle + 4), ink, width=1.5),
    ]


def end_label(frame: Frame, x: float, middle: float, text: str) -> str:
    """A value at the end of its bar."""
    return frame.text((x, middle + 4), text, dx=6, colour=frame.palette.ink, name="strong", has_halo=True)
