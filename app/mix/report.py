"""What the plan's PDF says: words and picture for templates/reports/plan.typ."""

from typing import Any

from app.mix.contexts import PlanView
from app.mix.presenting import FORECAST_LEVEL, LEVEL
from app.mix.views import attribution_quality
from ml.mix.results import MixFit


def plan_report(shown: PlanView, *, workspace: str, made: str) -> dict[str, Any]:
    """The words of the report."""
    return {
        "title": f"Budget plan: {shown.name}",
        "workspace": workspace,
        "made": made,
        "headline": shown.headline,
        "figures": [
            {"label": "Advice", "value": shown.advice_label, "range": f"Better with {shown.probability} probability"},
            {"label": "Revenue from advertising a day", "value": shown.revenue, "range": shown.revenue_range},
            {"label": "More a day than today's split", "value": shown.uplift, "range": shown.uplift_range},
        ],
        "split_alt": shown.split.finding,
        "columns": ["Channel", "Today", "Plan", "Change", "Share"],
        "rows": [
            [line.name, line.current_text, line.recommended_text, line.change_text, line.share_text]
            for line in shown.lines
        ],
        "totals": ["All channels", *shown.totals],
        "binding": list(shown.binding),
        "assumptions": [{"title": item.title, "text": item.text} for item in shown.assumptions],
        "untold": [
            f"{channel.name}: its effect cannot be told; the data leave a return of {channel.open_range} open. "
            f"{channel.would_help}"
            for channel in shown.untold
        ],
    }


def plan_pictures(shown: PlanView) -> dict[str, str]:
    """The charts as SVG by file name."""
    return {"split.svg": shown.split.picture(width=760)}


def fit_notes(fit: MixFit, headline: str, assumptions: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """What a file says about an attribution: the finding, the quality, what it rests on."""
    quality = tuple((one.term, f"{one.value} ({one.note})") for one in attribution_quality(fit))
    return (("Finding", headline), *quality, *assumptions, ("Intervals", f"{LEVEL} %"))


def forecast_notes(
    headline: str, accuracy: str, assumptions: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    """What a file says about a forecast."""
    bands = f"{FORECAST_LEVEL} % and {LEVEL} %; sums have ranges of their own, which are not sums of daily ones"
    return (("Finding", headline), ("Accuracy", accuracy), *assumptions, ("Bands", bands))
