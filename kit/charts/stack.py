"""Stacked columns over time: contributions in units, or shares of a whole."""

from typing import Any

import msgspec

from kit.charts.chart import Chart, LegendEntry, ticks_of, value_axis
from kit.charts.frame import Frame
from kit.charts.line import position_labels
from kit.charts.scale import Format, Scale, axis_labels, gutter_for, scale_for

_GAP = 0.16
_GAPLESS_FROM = 90


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One layer, with a value per x; a missing one is an empty layer."""

    name: str
    values: list[float | None]
    slot: int = 1


class StackChart(Chart, frozen=True, kw_only=True, tag="stack"):
    """Parts from the bottom up; `is_share` stretches every column to 100 %. Negative values hang below the zero line."""

    xs: list[str]
    parts: list[Part]
    format: Format = Format()
    is_dates: bool = True
    is_share: bool = False

    def columns(self) -> list[list[tuple[float, float]]]:
        """Start and end of each part in each column."""
        return [self._column([part.values[i] or 0.0 for part in self.parts]) for i in range(len(self.xs))]

    def scale(self) -> Scale:
        """The value axis."""
        if self.is_share:
            return Scale(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))
        return scale_for(end for column in self.columns() for span in column for end in span)

    def gutter(self) -> int:
        return gutter_for(self._shown().short(tick) for tick in self.scale().ticks)

    def layout(self) -> dict[str, Any]:
        labels = [{"at": at, "label": label} for at, label in axis_labels(self.xs, is_dates=self.is_dates)]
        return {"y": ticks_of(self.scale(), self._shown()), "x_labels": labels, "columns": self.columns()}

    def draw(self, frame: Frame) -> list[str]:
        scale, parts, width = self.scale(), value_axis(frame, self.scale(), self._shown()), 1 / max(len(self.xs), 1)
        gap = 0 if len(self.xs) >= _GAPLESS_FROM else width * _GAP / 2
        for index, column in enumerate(self.columns()):
            for part, (start, end) in zip(self.parts, column, strict=True):
                bottom, top = sorted((scale.at(start), scale.at(end)))
                if top > bottom:
                    left, right = index * width + gap, (index + 1) * width - gap
                    parts.append(frame.rect(left, right, frame.y(top), frame.y(bottom), frame.palette.of(part.slot)))
        return [*parts, *position_labels(frame, self.xs, is_dates=self.is_dates, centred=True)]

    def entries(self) -> list[LegendEntry]:
        return [LegendEntry(part.name, part.slot, "bar") for part in self.parts]

    def rows(self) -> list[list[str]]:
        head = ["Date" if self.is_dates else "Name", *(part.name for part in self.parts)]
        return [head, *([x, *(self.format.full(part.values[i]) for part in self.parts)] for i, x in enumerate(self.xs))]

    def _shown(self) -> Format:
        return Format("share") if self.is_share else self.format

    def _column(self, values: list[float]) -> list[tuple[float, float]]:
        total = sum(abs(value) for value in values) if self.is_share else 1.0
        above, below, spans = 0.0, 0.0, []
        for value in values:
            size = value / total if total else 0.0
            start = above if size >= 0 else below
            spans.append((start, start + size))
            above, below = (above + size, below) if size >= 0 else (above, below + size)
        return spans
