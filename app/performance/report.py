"""What the overview's PDF says: words and pictures for templates/reports/overview.typ. The picture's colours are spelled out."""

from typing import Any

from msgspec.structs import replace

from app.performance.channel_table import DEFAULT_SORT, channel_table
from app.performance.charts import course_chart, roas_chart, share_chart
from app.performance.service import Headline, Overview
from app.performance.wording import (
    AGAINST,
    change_text,
    changes_of,
    comparison_text,
    headline_label,
    missing_reason,
    short_text,
    tone_of,
)
from kit.format import day_range

_COLOURS = {"good": "#1c7340", "bad": "#b3261e", "plain": "#545b66"}
_COURSE, _ROAS, _SHARES = "course.svg", "roas.svg", "shares.svg"
# So that all charts stay on the first page.
_COURSE_HEIGHT = 200
# More rows than fit on the second page would make a third; the rest stands in the CSV.
_MOST_ROWS = 24


def report_pictures(shown: Overview) -> dict[str, str]:
    """The charts as SVG by file name."""
    pictures = {_COURSE: replace(course_chart(shown), height=_COURSE_HEIGHT).picture(width=760)}
    for name, chart in ((_ROAS, roas_chart(shown)), (_SHARES, share_chart(shown))):
        if chart is not None:
            pictures[name] = chart.picture(width=460)
    return pictures


def report_data(shown: Overview, *, workspace: str, timezone: str, source: str) -> dict[str, Any]:
    """The report's words, as the template takes them."""
    table = channel_table(shown, sort=DEFAULT_SORT, href_of=lambda _: "", channel_href=lambda _: "")
    course, roas, shares = course_chart(shown), roas_chart(shown), share_chart(shown)
    return {
        "title": f"Overview: {shown.channel.name}" if shown.channel else "Overview",
        "workspace": workspace,
        "period": day_range(shown.window.since, shown.window.until),
        "compared_with": comparison_text(shown),
        "against": AGAINST.get(shown.comparison, ""),
        "before": day_range(shown.compared_with.since, shown.compared_with.until)
        if shown.compared_with and shown.has_comparison
        else "",
        "source": source,
        "place": f"Amounts in {shown.currency}, days in {timezone} time.",
        "headlines": [_headline(item, shown) for item in shown.headlines],
        "chart": {"file": _COURSE, "alt": course.finding, "note": course.note},
        "side": [
            {"file": name, "alt": chart.finding, "title": chart.title, "note": chart.note}
            for name, chart in ((_ROAS, roas), (_SHARES, shares))
            if chart is not None
        ],
        "columns": [heading.label for heading in table.headings],
        "rows": [[row.name, *(cell.text for cell in row.cells)] for row in table.rows[:_MOST_ROWS]],
        "totals": list(table.totals),
        "notes": _notes(shown, len(table.rows)),
    }


def _headline(item: Headline, shown: Overview) -> dict[str, str]:
    changes = changes_of(item, shown.comparison)
    leading = changes[0][0] if changes else None
    known = [f"{change_text(change)} {against}" for change, against in changes if change is not None]
    return {
        "label": headline_label(item.metric, shown),
        "value": short_text(item.metric, item.value, shown.currency),
        "colour": _COLOURS[tone_of(item.metric, leading)],
        "change": known[0] if leading is not None else "",
        "against": missing_reason(item.metric, shown.totals) or " · ".join(known[1 if leading is not None else 0 :]),
    }


def _notes(shown: Overview, rows: int) -> list[str]:
    notes = [notice.text for notice in shown.notices]
    if rows > _MOST_ROWS:
        notes.append(f"The {_MOST_ROWS} channels with most spend of {rows}; the CSV export has them all.")
    return notes
