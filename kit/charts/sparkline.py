"""A word-sized line without axes, for tiles and table cells; the number beside it speaks, so it is hidden from screen readers."""

import msgspec
from markupsafe import Markup

from kit.charts.frame import Frame, Point
from kit.charts.palette import PAGE, Palette
from kit.charts.scale import Scale

_HEIGHT = 32
_MARGIN = 3


class Sparkline(msgspec.Struct, frozen=True, kw_only=True):
    """Values from old to new; None leaves a gap."""

    values: list[float | None]
    slot: int = 1

    def svg(self) -> Markup:
        """In a page, as wide as its box."""
        return Markup('<svg class="spark-svg" aria-hidden="true">{}</svg>').format(
            self._drawn(Frame(_HEIGHT, PAGE, top=_MARGIN, bottom=_MARGIN))
        )

    def picture(self, *, width: int, palette: Palette) -> str:
        """Alone, for PDF and mail."""
        frame = Frame(_HEIGHT, palette, width=float(width), top=_MARGIN, bottom=_MARGIN)
        return f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_HEIGHT}" viewBox="0 0 {width} {_HEIGHT}">{self._drawn(frame)}</svg>'

    def _drawn(self, frame: Frame) -> Markup:
        colour = frame.palette.of(self.slot)
        stretches = [s for s in self._stretches(frame) if s]
        shapes = []
        for stretch in (s for s in stretches if len(s) > 1):
            floor: list[Point] = [(x, float(_HEIGHT)) for x, _ in stretch]
            shapes += [frame.area(stretch, floor, colour, opacity=0.10), frame.stroke(stretch, colour, width=1.5)]
        last = frame.dot(stretches[-1][-1], colour, radius=3) if stretches else ""
        return Markup(frame.paths(shapes) + last)  # noqa: S704 - drawn from numbers alone

    def _stretches(self, frame: Frame) -> list[list[Point]]:
        known = [v for v in self.values if v is not None]
        low, high = min(known, default=0.0), max(known, default=1.0)
        scale = Scale(low, high if high > low else low + 1, ())
        stretches: list[list[Point]] = [[]]
        for index, value in enumerate(self.values):
            if value is None:
                stretches.append([])
            else:
                stretches[-1].append((index / max(len(self.values) - 1, 1), frame.y(scale.at(value))))
        return stretches
