"""One chart spec, two drawings: SVG by Python at once (page, PDF, mail), a live canvas in the page from the same spec.

LineChart(title="Revenue and spend", note="Daily", finding="Revenue rose from $11K to $18K a day.", xs=[…ISO dates…],
          lines=[Line(name="Revenue", values=[…])], format=Format("money", "USD"))
Values are floats in units of the currency. In templates: `chart_figure(chart, id="…")` of `components/charts.html`.
"""

from kit.charts.bars import BarChart, BarSeries, Reference, Step, WaterfallChart
from kit.charts.chart import Chart
from kit.charts.line import Line, LineChart, Mark
from kit.charts.palette import DARK, LIGHT, PAGE, Palette
from kit.charts.plane import Curve, CurveChart, Dot, DotGroup, ScatterChart
from kit.charts.scale import Format
from kit.charts.sparkline import Sparkline
from kit.charts.stack import Part, StackChart

__all__ = [
    "DARK",
    "LIGHT",
    "PAGE",
    "BarChart",
    "BarSeries",
    "Chart",
    "Curve",
    "CurveChart",
    "Dot",
    "DotGroup",
    "Format",
    "Line",
    "LineChart",
    "Mark",
    "Palette",
    "Part",
    "Reference",
    "ScatterChart",
    "Sparkline",
    "StackChart",
    "Step",
    "WaterfallChart",
]
