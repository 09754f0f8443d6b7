"""Lines over days or categories: bands for uncertainty, a dashed forecast, a faint dashed comparison, areas, marks."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from kit.charts.chart import Chart, LegendEntry, ticks_of, value_axis
from kit.charts.frame import Frame, Point
from kit.charts.scale import Format, Scale, axis_labels, gutter_for, scale_for
from kit.format import MISSING

_BAND = 0.16
_FORECAST_DASH = "6 4"
_COMPARISON_DASH = "3 3"
_EDGE = 0.03


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One series. `low` and `high` draw a band named `band`; from position `forecast_from` on the line is dashed."""

    name: str
    values: list[float | None]
    slot: int = 1
    low: list[float | None] = []
    high: list[float | None] = []
    band: str = ""  # "80 % interval"
    forecast_from: int | None = None
    is_comparison: bool = False
    is_area: bool = False


class Mark(msgspec.Struct, frozen=True):
    """A thin vertical line at a position, such as today."""

    at: int
    label: str


class LineChart(Chart, frozen=True, kw_only=True, tag="line"):
    """`xs` are ISO dates (`is_dates`) or categories, each line has one value per x; None leaves a gap."""

    xs: list[str]
    lines: list[Line]
    format: Format = Format()
    is_dates: bool = True
    marks: list[Mark] = msgspec.field(default_factory=list)
    from_zero: bool = True

    def scale(self) -> Scale:
        """The value axis that holds lines and bands."""
        everything = [v for line in self.lines for part in (line.values, line.low, line.high) for v in part]
        return scale_for(everything, from_zero=self.from_zero)

    def gutter(self) -> int:
        return gutter_for(self.format.short(tick) for tick in self.scale().ticks)

    def layout(self) -> dict[str, Any]:
        labels = [{"at": at, "label": label} for at, label in axis_labels(self.xs, is_dates=self.is_dates)]
        return {"y": ticks_of(self.scale(), self.format), "x_labels": labels}

    def draw(self, frame: Frame) -> list[str]:
        scale = self.scale()
        shapes = [shape for line in self.lines for shape in self._band(frame, scale, line)]
        shapes += [shape for line in self.lines for shape in self._strokes(frame, scale, line)]
        return [
            *value_axis(frame, scale, self.format),
            *position_labels(frame, self.xs, is_dates=self.is_dates, centred=False),
            *self._mark_lines(frame),
            frame.paths(shapes),
            *self._lonely_dots(frame, scale),
        ]

    def entries(self) -> list[LegendEntry]:
        entries = []
        for line in self.lines:
            entries.append(LegendEntry(line.name, line.slot, "dash" if line.is_comparison else "line"))
            if line.forecast_from:
                entries.append(LegendEntry("Forecast", line.slot, "dash"))
            if line.band:
                entries.append(LegendEntry(line.band, line.slot, "band"))
        return entries if len(entries) > 1 else []

    def rows(self) -> list[list[str]]:
        head = ["Date" if self.is_dates else "Position"]
        columns: list[list[str]] = []
        for line in self.lines:
            head += [line.name, *([f"{line.name}, low", f"{line.name}, high"] if line.low else [])]
            columns += [self._texts(part) for part in (line.values, line.low, line.high) if part]
        return [head, *([x, *(column[i] for column in columns)] for i, x in enumerate(self.xs))]

    def _texts(self, values: Sequence[float | None]) -> list[str]:
        return [self.format.full(v) for v in values] + [MISSING] * (len(self.xs) - len(values))

    def _x(self, index: int) -> float:
        return position(index, len(self.xs))

    def _points(
        self, frame: Frame, scale: Scale, values: Sequence[float | None], start: int = 0
    ) -> Iterator[list[Point]]:
        """The unbroken stretches of a series."""
        stretch: list[Point] = []
        for index, value in enumerate(values, start):
            if value is None:
                yield stretch
                stretch = []
            else:
                stretch.append((self._x(index), frame.y(scale.at(value))))
        yield stretch

    def _band(self, frame: Frame, scale: Scale, line: Line) -> list[str]:
        colour = frame.palette.of(line.slot)
        if line.is_area:
            floor = frame.y(scale.at(0))
            stretches = [s for s in self._points(frame, scale, line.values) if len(s) > 1]
            return [frame.area(s, [(x, floor) for x, _ in s], colour, opacity=0.10) for s in stretches]
        uppers = self._points(
            frame, scale, [h if low is not None else None for low, h in zip(line.low, line.high, strict=True)]
        )
        lowers = self._points(
            frame, scale, [low if h is not None else None for low, h in zip(line.low, line.high, strict=True)]
        )
        pairs = zip(uppers, lowers, strict=True)
        return [frame.area(upper, lower, colour, opacity=_BAND) for upper, lower in pairs if len(upper) > 1]

    def _strokes(self, frame: Frame, scale: Scale, line: Line) -> list[str]:
        colour, split = frame.palette.of(line.slot), line.forecast_from
        if line.is_comparison:
            parts = [(line.values, 0, _COMPARISON_DASH, 0.6)]
        elif split:
            parts = [(line.values[:split], 0, "", 1.0), (line.values[split - 1 :], split - 1, _FORECAST_DASH, 1.0)]
        else:
            parts = [(line.values, 0, "", 1.0)]
        return [
            frame.stroke(stretch, colour, dash=dash, opacity=opacity)
            for values, start, dash, opacity in parts
            for stretch in self._points(frame, scale, values, start)
            if len(stretch) > 1
        ]

    def _lonely_dots(self, frame: Frame, scale: Scale) -> list[str]:
        """A single known value between gaps has no line, but must be seen."""
        return [
            frame.dot(stretch[0], frame.palette.of(line.slot), radius=3.5)
            for line in self.lines
            for stretch in self._points(frame, scale, line.values)
            if len(stretch) == 1
        ]

    def _mark_lines(self, frame: Frame) -> list[str]:
        parts = []
        for mark in self.marks:
            x = self._x(mark.at)
            anchor, dx = ("end", -6) if x > 0.8 else ("start", 6)
            parts.append(frame.line((x, frame.top), (x, frame.floor), frame.palette.ink_3))
            parts.append(frame.text((x, frame.top + 4), mark.label, anchor=anchor, dx=dx))
        return parts


def position(index: int, total: int) -> float:
    """Where position `index` of `total` lies between the edges."""
    return index / (total - 1) if total > 1 else 0.5


def position_labels(frame: Frame, xs: Sequence[str], *, is_dates: bool, centred: bool) -> list[str]:
    """The labels under a category or date axis; every second gives way on narrow screens. `centred` is for columns."""
    parts = []
    for order, (index, label) in enumerate(axis_labels(xs, is_dates=is_dates)):
        x = (index + 0.5) / len(xs) if centred else position(index, len(xs))
        anchor = "start" if x < _EDGE else "end" if x > 1 - _EDGE else "middle"
        parts.append(frame.text((x, frame.floor + 18), label, anchor=anchor, name="minor" if order % 2 else ""))
    return parts
