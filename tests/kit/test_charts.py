"""Charts: the drawing tells the truth about its numbers, in the page as in PDF and mail."""

import json
import math
import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

from kit.charts import (
    DARK,
    LIGHT,
    BarChart,
    BarSeries,
    Chart,
    Format,
    Line,
    LineChart,
    Part,
    Reference,
    Sparkline,
    StackChart,
    Step,
    WaterfallChart,
)
from kit.charts.bars import thinning
from kit.charts.palette import DARK_SERIES, LIGHT_SERIES
from kit.charts.scale import axis_labels, gutter_for, scale_for
from kit.web.styleguide import styleguide_context

DOLLARS = Format("money", "USD")
CHARTS = styleguide_context().charts


def revenue(values: list[float | None], *, forecast_from: int | None = None) -> LineChart:
    xs = [f"2026-11-{day:02}" for day in range(1, len(values) + 1)]
    line = Line(name="Revenue", values=values, forecast_from=forecast_from)
    return LineChart(finding="Revenue rose.", xs=xs, lines=[line], format=DOLLARS)


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_well_formed_in_page_and_picture(name: str) -> None:
    for svg in (str(CHARTS[name].svg()), CHARTS[name].picture(width=640, palette=DARK)):
        assert "NaN" not in svg
        assert ElementTree.fromstring(svg).attrib["role"] == "img"


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_says_its_finding_and_has_a_table(name: str) -> None:
    chart = CHARTS[name]
    assert chart.finding in ElementTree.fromstring(str(chart.svg())).attrib["aria-label"]
    head, *rows = chart.rows()
    assert rows
    assert all(len(row) == len(head) for row in rows)


@pytest.mark.parametrize("name", CHARTS)
def test_a_page_has_no_style_attribute_that_the_content_policy_would_refuse(name: str) -> None:
    assert " style=" not in CHARTS[name].svg() + CHARTS[name].legend() + CHARTS[name].table()


@pytest.mark.parametrize("name", CHARTS)
def test_pictures_for_paper_have_no_page_variables(name: str) -> None:
    assert "var(" not in CHARTS[name].picture(palette=LIGHT)


@pytest.mark.parametrize("name", CHARTS)
def test_the_live_drawing_gets_the_same_axes(name: str) -> None:
    chart = CHARTS[name]
    document = json.loads(str(chart.json()))
    assert document["layout"]["left"] == chart.gutter()
    assert f"chart-left-{chart.gutter()}" in chart.box_class
    assert f"chart-height-{document['layout']['height']}" in chart.box_class


def test_text_of_people_cannot_break_out_of_the_page() -> None:
    evil = '</script><script>alert("x")</script>'
    chart = BarChart(finding=evil, title=evil, labels=[evil], series=[BarSeries(name=evil, values=[1.0])])
    for html in (chart.svg(), chart.json(), chart.table(), chart.legend()):
        assert "<script" not in html
        assert "</script" not in html


def test_bars_and_money_start_at_zero() -> None:
    assert revenue([900.0, 1000.0]).scale().low == 0


def test_a_gap_breaks_the_line_and_is_no_zero() -> None:
    svg = str(revenue([1.0, 2.0, None, 2.0, 1.0]).svg())
    assert svg.count('fill="none"') == 2
    assert ["2026-11-03", "–"] in revenue([1.0, 2.0, None, 2.0, 1.0]).rows()


def test_a_value_between_gaps_is_still_seen() -> None:
    assert "<circle" in revenue([1.0, None, 2.0, None, 1.0]).svg()


def test_the_forecast_is_dashed_and_the_past_is_not() -> None:
    strokes = re.findall(r'<path[^>]*fill="none"[^>]*>', str(revenue([1.0, 2.0, 3.0, 4.0], forecast_from=2).svg()))
    assert ["stroke-dasharray" in stroke for stroke in strokes] == [False, True]


def test_an_unknown_value_with_an_interval_shows_the_interval_alone() -> None:
    chart = BarChart(
        finding="Unclear.", labels=["LinkedIn"], series=[BarSeries(name="ROAS", values=[None], low=[0.1], high=[3.9])]
    )
    assert "<rect" not in chart.svg()
    assert chart.svg().count('stroke-width="1.5"') == 3


def test_a_reference_line_strikes_no_figure_through() -> None:
    chart = BarChart(
        finding="x", labels=["A"], series=[BarSeries(name="ROAS", values=[0.9])], reference=Reference(1.0, "Break-even")
    )
    drawing = str(chart.svg())
    assert drawing.index("Break-even") < drawing.index('paint-order="stroke"')


@pytest.mark.parametrize(("most", "on_a_narrow_card", "on_a_phone"), [(2, 3, 3), (4, 3, 3), (6, 4, 2)])
def test_an_axis_with_little_room_shows_fewer_labels(most: int, on_a_narrow_card: int, on_a_phone: int) -> None:
    classes = [thinning(order, most) for order in range(most + 1)]
    assert len([name for name in classes if name != "minor"]) == on_a_narrow_card
    assert len([name for name in classes if not name]) == on_a_phone


def test_shares_fill_the_whole_column() -> None:
    chart = StackChart(
        finding="Half.",
        xs=["2026-11-01"],
        parts=[Part(name="A", values=[30.0]), Part(name="B", values=[10.0])],
        is_share=True,
    )
    assert chart.columns() == [[(0.0, 0.75), (0.75, 1.0)]]


def test_a_column_without_spend_has_no_shares() -> None:
    chart = StackChart(finding="None.", xs=["2026-11-01"], parts=[Part(name="A", values=[0.0])], is_share=True)
    assert chart.columns() == [[(0.0, 0.0)]]


def test_a_waterfall_ends_where_its_steps_add_up() -> None:
    chart = WaterfallChart(
        finding="Sum.", steps=[Step("Base", 5.0), Step("Returns", -2.0), Step("Total", 3.0, "total")]
    )
    assert chart.spans() == [(0.0, 5.0), (5.0, 3.0), (0.0, 3.0)]


@pytest.mark.parametrize(
    "chart", [revenue([]), revenue([None]), revenue([5.0]), BarChart(finding="-", labels=[], series=[])]
)
def test_charts_with_next_to_no_data_still_draw(chart: Chart) -> None:
    assert ElementTree.fromstring(str(chart.svg())) is not None


@pytest.mark.parametrize("values", [[0.0], [3.0, 7.0], [-5.0, 12.0], [0.0004], [9e9], [-3.0], [1e-9, 2e9]])
def test_scales_hold_their_values_in_at_most_seven_ticks(values: list[float]) -> None:
    scale = scale_for(values)
    assert scale.low <= min(values)
    assert scale.high >= max(values)
    assert 2 <= len(scale.ticks) <= 7


def test_long_axes_name_months_and_short_ones_days() -> None:
    year = [f"2026-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    assert [text for _, text in axis_labels(year, is_dates=True)][:2] == ["Jan ’26", "Mar ’26"]
    assert axis_labels(year[:10], is_dates=True)[0] == (0, "1 Jan")


def test_gutters_come_in_the_steps_of_the_style_sheet() -> None:
    assert [gutter_for([text]) for text in ("", "$25K", "Google Search", "x" * 80)] == [16, 48, 112, 144]


def test_sparklines_leave_gaps_and_mark_the_last_value() -> None:
    svg = str(Sparkline(values=[1.0, 2.0, None, 3.0, 2.0]).svg())
    assert svg.count('fill="none"') == 2
    assert svg.count("<circle") == 1


@pytest.mark.parametrize(("series", "surface"), [(LIGHT_SERIES, LIGHT.surface), (DARK_SERIES, DARK.surface)])
def test_series_stand_out_from_the_surface(series: tuple[str, ...], surface: str) -> None:
    assert all(contrast(colour, surface) >= 3 for colour in series)


@pytest.mark.parametrize("series", [LIGHT_SERIES, DARK_SERIES])
@pytest.mark.parametrize("sight", ["normal", "protan", "deutan", "tritan"])
def test_any_two_series_keep_apart_under_any_sight(series: tuple[str, ...], sight: str) -> None:
    seen = [lab(simulated(linear(colour), sight)) for colour in series]
    assert min(math.dist(a, b) for a, b in combinations(seen, 2)) > 12


# Viénot, Brettel and Mollon 1999 for protan and deutan, Machado et al. 2009 (severity 1) for tritan; linear RGB.
SIGHTS = {
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protan": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deutan": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}
Colour = tuple[float, float, float]


def linear(colour: str) -> Colour:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return expanded(red), expanded(green), expanded(blue)


def expanded(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str) -> float:
    lights = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (linear(one), linear(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def simulated(colour: Colour, sight: str) -> Colour:
    red, green, blue = (
        min(1.0, max(0.0, sum(a * b for a, b in zip(row, colour, strict=True)))) for row in SIGHTS[sight]
    )
    return red, green, blue


def lab(colour: Colour) -> Colour:
    """CIE L*a*b* under D65."""
    r, g, b = colour
    xyz = (
        0.4124 * r + 0.3576 * g + 0.1805 * b,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        0.0193 * r + 0.1192 * g + 0.9505 * b,
    )
    x, y, z = (cube_root(value / white) for value, white in zip(xyz, (0.9505, 1.0, 1.089), strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def cube_root(value: float) -> float:
    return value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116
