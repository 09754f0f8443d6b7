"""A surface to draw on: fluid (widths in per cent, so that a page's text keeps its size) or of a fixed width for PDF and mail."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import escape

from kit.charts.palette import Palette

_FLUID_UNITS = 1000.0
FONT = "Inter Variable, Inter, Helvetica, Arial, sans-serif"
Point = tuple[float, float]  # fraction of the width, pixels from the top


@dataclass(frozen=True)
class Frame:
    """Fractions of the width and pixels from the top → SVG; `width` None is fluid."""

    height: int
    palette: Palette
    width: float | None = None
    left_px: int = 48
    top: int = 12
    bottom: int = 28

    def with_rows(self, count: int, row_px: int) -> "Frame":
        """The same surface with a plot that is exactly as high as its rows."""
        return replace(self, bottom=self.height - self.top - count * row_px)

    @property
    def floor(self) -> float:
        """The y of the lower edge of the plot."""
        return float(self.height - self.bottom)

    def y(self, fraction: float) -> float:
        """The y of a fraction of the value axis."""
        return round(self.floor - fraction * (self.floor - self.top), 2)

    def x(self, fraction: float) -> str:
        """The x of a fraction of the width."""
        return f"{fraction * 100:.3f}%" if self.width is None else f"{fraction * self.width:.2f}"

    def line(self, start: Point, end: Point, colour: str, *, width: float = 1, dash: str = "", name: str = "") -> str:
        """A straight line."""
        return (
            f'<line x1="{self.x(start[0])}" y1="{start[1]:g}" x2="{self.x(end[0])}" y2="{end[1]:g}" stroke="{colour}" '
            f'stroke-width="{width:g}"{_dash(dash)}{_class(name)}/>'
        )

    def rect(self, left: float, right: float, top: float, bottom: float, colour: str, *, opacity: float = 1) -> str:
        """A rectangle between two fractions and two heights."""
        width = self.x(max(right - left, 0))
        faint = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
        return f'<rect x="{self.x(left)}" y="{top:.2f}" width="{width}" height="{max(bottom - top, 0):.2f}" rx="1.5" fill="{colour}"{faint}/>'

    def dot(self, at: Point, colour: str, *, radius: float = 4) -> str:
        """A dot with a ring of the surface's colour, so that it stands out from its line."""
        return (
            f'<circle cx="{self.x(at[0])}" cy="{at[1]:g}" r="{radius:g}" fill="{colour}" '
            f'stroke="{self.palette.surface}" stroke-width="1.5"/>'
        )

    def text(
        self,
        at: Point,
        text: str,
        *,
        anchor: str = "start",
        dx: float = 0,
        colour: str = "",
        name: str = "",
        title: str = "",
        has_halo: bool = False,
    ) -> str:
        """A label of 12 px; `dx` moves it by pixels, `title` is its full text where it was shortened; a halo keeps lines off it."""
        shift = f' dx="{dx:g}"' if dx else ""
        full = f"<title>{escape(title)}</title>" if title and title != text else ""
        halo = f' stroke="{self.palette.surface}" stroke-width="4" paint-order="stroke"' if has_halo else ""
        return (
            f'<text x="{self.x(at[0])}" y="{at[1]:g}"{shift} text-anchor="{anchor}" font-family="{FONT}" font-size="12" '
            f'font-weight="500" fill="{colour or self.palette.ink_2}"{halo}{_class(name)}>{escape(text)}{full}</text>'
        )

    def paths(self, paths: Sequence[str]) -> str:
        """Free shapes (from `stroke` and `area`) in a plot that stretches without thickening its strokes."""
        if not paths:
            return ""
        if self.width is not None:
            return "".join(paths)
        return (
            f'<svg width="100%" height="{self.height}" viewBox="0 0 {_FLUID_UNITS:g} {self.height}" '
            f'preserveAspectRatio="none" overflow="visible">{"".join(paths)}</svg>'
        )

    def stroke(
        self, points: Sequence[Point], colour: str, *, width: float = 2, dash: str = "", opacity: float = 1
    ) -> str:
        """A line through points, for `paths`."""
        faint = f' stroke-opacity="{opacity:g}"' if opacity < 1 else ""
        return (
            f'<path d="{self._through(points)}" fill="none" stroke="{colour}" stroke-width="{width:g}" stroke-linejoin="round" '
            f'stroke-linecap="{"butt" if dash else "round"}"{_dash(dash)}{faint} vector-effect="non-scaling-stroke"/>'
        )

    def area(self, upper: Sequence[Point], lower: Sequence[Point], colour: str, *, opacity: float) -> str:
        """The surface between two lines, for `paths`."""
        back = self._through(list(reversed(lower))).replace("M", "L", 1)
        return f'<path d="{self._through(upper)}{back}Z" fill="{colour}" fill-opacity="{opacity:g}"/>'

    def _through(self, points: Sequence[Point]) -> str:
        units = _FLUID_UNITS if self.width is None else self.width
        return "M" + "L".join(f"{x * units:.1f} {y:.1f}" for x, y in points)


def _dash(dash: str) -> str:
    return f' stroke-dasharray="{dash}"' if dash else ""


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""
