"""What every chart is: one spec that Python draws as SVG (page, PDF, mail) and the page's script draws live.

A chart's spec has its words too: `finding` is the sentence that says what the picture shows, for those who do not see it.
"""

from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from markupsafe import Markup, escape

from kit.charts.frame import Frame
from kit.charts.palette import LIGHT, PAGE, Palette
from kit.charts.scale import Format, Scale

_HEIGHT_STEP = 40
_LEGEND_HEIGHT = 24


@dataclass(frozen=True)
class LegendEntry:
    """A name with the sign that the drawing uses for it."""

    name: str
    slot: int
    sign: Literal["line", "dash", "band", "bar", "dot", "whisker"] = "line"


class Chart(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Base of all charts; subclasses say how high they are, what their gutter is, and how they are drawn and tabled."""

    finding: str
    title: str = ""
    note: str = ""
    height: int = 240

    @property
    def box_class(self) -> str:
        """The classes of the chart's box: its height and its left gutter, in the steps of the style sheet."""
        return f"chart-height-{self.drawn_height} chart-left-{self.gutter()}"

    @property
    def drawn_height(self) -> int:
        """The height in pixels, in steps of 40."""
        return -(-self.needed_height() // _HEIGHT_STEP) * _HEIGHT_STEP

    def svg(self) -> Markup:
        """The picture in a page: as wide as its box, colours by CSS variables."""
        frame = Frame(self.drawn_height, PAGE, left_px=self.gutter())
        return Markup('<svg class="chart-svg" role="img" aria-label="{}">{}</svg>').format(
            self.finding, self._drawn(frame)
        )

    def picture(self, *, width: int = 720, palette: Palette = LIGHT) -> str:
        """The picture alone, for PDF, mail and downloads: fixed width, colours spelled out, legend inside."""
        left, legend = self.gutter(), _LEGEND_HEIGHT if self.entries() else 0
        frame = Frame(self.drawn_height, palette, width=float(width - left - 16), left_px=left)
        height = self.drawn_height + legend
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            f'role="img" aria-label="{escape(self.finding)}"><rect width="{width}" height="{height}" fill="{palette.surface}"/>'
            f'<g transform="translate({left} {legend})">{self._drawn(frame)}</g>{self._legend_row(frame, left)}</svg>'
        )

    def legend(self) -> Markup:
        """The names of the series beside their signs; empty where one series speaks for itself."""
        items = Markup("").join(
            Markup('<li><svg width="18" height="10" aria-hidden="true">{}</svg>{}</li>').format(
                _sign(entry, PAGE), entry.name
            )
            for entry in self.entries()
        )
        return Markup('<ul class="legend">{}</ul>').format(items) if items else Markup("")

    def table(self, caption: str = "") -> Markup:
        """The same numbers as a table."""
        head, *rows = self.rows()
        heads = Markup("").join(
            Markup('<th scope="col"{}>{}</th>').format(_number_class(index), cell) for index, cell in enumerate(head)
        )
        body = Markup("").join(_row(cells) for cells in rows)
        return Markup(
            '<div class="table-scroll" role="group" aria-label="{0}" tabindex="0"><table class="table table-compact">'
            '<caption class="visually-hidden">{0}</caption><thead><tr>{1}</tr></thead><tbody>{2}</tbody></table></div>'
        ).format(caption or self.finding, heads, body)

    def json(self) -> Markup:
        """The spec with its layout, safe inside a script element."""
        document = self.document()
        return Markup(msgspec.json.encode(document).decode().replace("<", "\\u003c"))  # noqa: S704 - `<` is escaped

    def document(self) -> dict[str, Any]:
        """The spec as plain data, with what the live drawing needs to look the same."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain | {"layout": {"left": self.gutter(), "height": self.drawn_height} | self.layout()}

    def needed_height(self) -> int:
        """Pixels that the drawing needs."""
        return self.height

    def gutter(self) -> int:
        """Pixels left of the plot, one of the steps of the style sheet."""
        raise NotImplementedError

    def layout(self) -> dict[str, Any]:
        """Axes for the live drawing."""
        raise NotImplementedError

    def draw(self, frame: Frame) -> list[str]:
        """The marks."""
        raise NotImplementedError

    def entries(self) -> list[LegendEntry]:
        """What the legend names."""
        return []

    def rows(self) -> list[list[str]]:
        """The head and the rows of the table."""
        raise NotImplementedError

    def _drawn(self, frame: Frame) -> Markup:
        return Markup("".join(self.draw(frame)))  # noqa: S704 - the frame escapes every text

    def _legend_row(self, frame: Frame, left: int) -> str:
        parts, x = [], float(left)
        for entry in self.entries():
            label = frame.text((0, 10), entry.name, dx=24)
            parts.append(f'<g transform="translate({x:g} 6)">{_sign(entry, frame.palette)}{label}</g>')
            x += 44 + len(entry.name) * 6.6
        return "".join(parts)


def value_axis(frame: Frame, scale: Scale, show: Format) -> list[str]:
    """Horizontal grid lines, dotted but for the one at 0, with their labels left of the plot."""
    parts = []
    for tick in scale.ticks:
        y = frame.y(scale.at(tick))
        dash = "" if tick == 0 else "1 4"
        colour = frame.palette.ink_3 if tick == 0 and scale.low < 0 else frame.palette.line
        parts.append(frame.line((0, y), (1, y), colour, dash=dash))
        parts.append(frame.text((0, y + 4), show.short(tick), anchor="end", dx=-8))
    return parts


def ticks_of(scale: Scale, show: Format) -> dict[str, Any]:
    """An axis for the live drawing."""
    return {
        "low": scale.low,
        "high": scale.high,
        "ticks": list(scale.ticks),
        "labels": [show.short(t) for t in scale.ticks],
    }


def _sign(entry: LegendEntry, palette: Palette) -> Markup:
    colour = palette.of(entry.slot)
    shapes = {
        "line": f'<line x1="0" y1="5" x2="18" y2="5" stroke="{colour}" stroke-width="2.5"/>',
        "dash": f'<line x1="0" y1="5" x2="18" y2="5" stroke="{colour}" stroke-width="2.5" stroke-dasharray="5 3"/>',
        "band": f'<rect width="18" height="10" rx="2" fill="{colour}" fill-opacity="0.16"/>',
        "bar": f'<rect x="4" width="10" height="10" rx="2" fill="{colour}"/>',
        "whisker": f'<path d="M1 5H17M1 1V9M17 1V9" stroke="{palette.ink}" stroke-width="1.5" fill="none"/>',
        "dot": f'<circle cx="9" cy="5" r="4" fill="{colour}"/>',
    }
    return Markup(shapes[entry.sign])  # noqa: S704 - nothing of a person's is in it


def _row(cells: list[str]) -> Markup:
    first, *rest = cells
    numbers = Markup("").join(Markup('<td class="number">{}</td>').format(cell) for cell in rest)
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(first, numbers)


def _number_class(index: int) -> Markup:
    return Markup(' class="number"') if index else Markup("")
