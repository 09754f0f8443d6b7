"""Charts on two numeric axes: response curves with bands and the dot of today's spend, and scatters."""

from collections.abc import Sequence
from typing import Any

import msgspec

from kit.charts.chart import Chart, LegendEntry, ticks_of, value_axis
from kit.charts.frame import Frame, Point
from kit.charts.scale import Format, Scale, gutter_for, scale_for

_BAND = 0.16


class Dot(msgspec.Struct, frozen=True):
    """A point with a name."""

    x: float
    y: float
    label: str = ""


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """y over x with its interval; `dots` are points on it, such as current and recommended spend."""

    name: str
    x: list[float]
    y: list[float]
    slot: int = 1
    low: list[float] = []
    high: list[float] = []
    band: str = ""
    dots: list[Dot] = []


class Plane(Chart, frozen=True, kw_only=True):
    """The two axes that curves and scatters share."""

    x_format: Format = Format()
    y_format: Format = Format()
    x_label: str = ""
    y_label: str = ""
    height: int = 280

    def extents(self) -> tuple[list[float], list[float]]:
        """All x and all y."""
        raise NotImplementedError

    def scales(self) -> tuple[Scale, Scale]:
        """The axes."""
        xs, ys = self.extents()
        return scale_for(xs), scale_for(ys)

    def gutter(self) -> int:
        return gutter_for(self.y_format.short(tick) for tick in self.scales()[1].ticks)

    def layout(self) -> dict[str, Any]:
        x, y = self.scales()
        return {"x": ticks_of(x, self.x_format), "y": ticks_of(y, self.y_format)}

    def axes(self, frame: Frame) -> list[str]:
        """Grid, labels and the names of both axes."""
        x, y = self.scales()
        parts = value_axis(frame, y, self.y_format)
        for order, tick in enumerate(x.ticks):
            at = x.at(tick)
            anchor = "start" if order == 0 else "end" if order == len(x.ticks) - 1 else "middle"
            parts.append(
                frame.text(
                    (at, frame.floor + 18), self.x_format.short(tick), anchor=anchor, name="minor" if order % 2 else ""
                )
            )
        if self.x_label:
            parts.append(frame.text((1, frame.floor - 8), self.x_label, anchor="end"))
        if self.y_label:
            parts.append(frame.text((0, frame.top + 14), self.y_label, dx=6))
        return parts

    def points(self, frame: Frame, xs: Sequence[float], ys: Sequence[float]) -> list[Point]:
        """Values → places."""
        x, y = self.scales()
        return [(x.at(a), frame.y(y.at(b))) for a, b in zip(xs, ys, strict=True)]


class CurveChart(Plane, frozen=True, kw_only=True, tag="curve"):
    """Response curves."""

    curves: list[Curve]

    def extents(self) -> tuple[list[float], list[float]]:
        xs = [x for curve in self.curves for x in (*curve.x, *(dot.x for dot in curve.dots))]
        return xs, [
            y for curve in self.curves for y in (*curve.y, *curve.low, *curve.high, *(dot.y for dot in curve.dots))
        ]

    def draw(self, frame: Frame) -> list[str]:
        shapes = []
        for curve in self.curves:
            colour = frame.palette.of(curve.slot)
            if curve.low and curve.high:
                upper, lower = self.points(frame, curve.x, curve.high), self.points(frame, curve.x, curve.low)
                shapes.append(frame.area(upper, lower, colour, opacity=_BAND))
        shapes += [frame.stroke(self.points(frame, c.x, c.y), frame.palette.of(c.slot)) for c in self.curves if c.x]
        dots = [mark for curve in self.curves for dot in curve.dots for mark in self._dot(frame, curve, dot)]
        return [*self.axes(frame), frame.paths(shapes), *dots]

    def entries(self) -> list[LegendEntry]:
        entries = [LegendEntry(curve.name, curve.slot) for curve in self.curves]
        bands = {curve.band: LegendEntry(curve.band, curve.slot, "band") for curve in self.curves if curve.band}
        entries += bands.values()
        return entries if len(entries) > 1 else []

    def rows(self) -> list[list[str]]:
        head = [self.x_label or "x", "Series", self.y_label or "y", "Low", "High"]
        return [head, *(row for curve in self.curves for row in self._curve_rows(curve))]

    def _curve_rows(self, curve: Curve) -> list[list[str]]:
        unknown: list[float | None] = [None] * len(curve.x)
        lows, highs = curve.low or unknown, curve.high or unknown
        show = self.y_format.full
        return [
            [self.x_format.full(x), curve.name, show(y), show(low), show(high)]
            for x, y, low, high in zip(curve.x, curve.y, lows, highs, strict=True)
        ]

    def _dot(self, frame: Frame, curve: Curve, dot: Dot) -> list[str]:
        ((x, y),) = self.points(frame, [dot.x], [dot.y])
        anchor, dx = ("end", -8) if x > 0.15 else ("start", 8)
        label = frame.text((x, y - 8), dot.label, anchor=anchor, dx=dx, colour=frame.palette.ink, name="strong")
        return [frame.dot((x, y), frame.palette.of(curve.slot), radius=5), label if dot.label else ""]


class DotGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Points of one kind."""

    name: str
    dots: list[Dot]
    slot: int = 1


class ScatterChart(Plane, frozen=True, kw_only=True, tag="scatter"):
    """Points; `diagonal` draws the line where x equals y (predicted against actual)."""

    groups: list[DotGroup]
    diagonal: bool = False

    def extents(self) -> tuple[list[float], list[float]]:
        dots = [dot for group in self.groups for dot in group.dots]
        both = [value for dot in dots for value in (dot.x, dot.y)]
        return (both, both) if self.diagonal else ([dot.x for dot in dots], [dot.y for dot in dots])

    def draw(self, frame: Frame) -> list[str]:
        parts = self.axes(frame)
        if self.diagonal:
            _, y = self.scales()
            parts.append(
                frame.line((0, frame.y(y.at(y.low))), (1, frame.y(y.at(y.high))), frame.palette.ink_3, dash="4 3")
            )
        for group in self.groups:
            places = self.points(frame, [d.x for d in group.dots], [d.y for d in group.dots])
            parts += [frame.dot(place, frame.palette.of(group.slot)) for place in places]
        return parts

    def entries(self) -> list[LegendEntry]:
        return [LegendEntry(g.name, g.slot, "dot") for g in self.groups] if len(self.groups) > 1 else []

    def rows(self) -> list[list[str]]:
        head = ["Name", self.x_label or "x", self.y_label or "y"]
        return [
            head,
            *(
                [d.label or g.name, self.x_format.full(d.x), self.y_format.full(d.y)]
                for g in self.groups
                for d in g.dots
            ),
        ]
