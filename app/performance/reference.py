"""The metric catalogue as a page of the reference, docs/reference/metrics.md; a test keeps the two the same."""

from app.performance.catalogue import METRICS, Good, Metric, Unit

_UNITS = {Unit.MONEY: "money", Unit.COUNT: "count", Unit.MULTIPLE: "multiple (3.21×)", Unit.SHARE: "share (4.0 %)"}
_GOOD = {Good.UP: "more", Good.DOWN: "less", Good.NEITHER: "neither"}
_HEAD = """# Metrics

Every page, file and API call counts with this one catalogue. Keys are the names that the API uses.

A sum is unknown where no row of the period tells its base, and a quotient where either sum is unknown or the lower one is
zero. Unknown is shown as – with the reason on hover, is an empty cell in files and `null` in the API; it is never 0.
Only sums of parts add up to the whole; a quotient is always computed from the sums.

Over the API, money is in micros (millionths of the workspace's currency) and shares are fractions of 1.

| Metric | Key | Computed as | Unit | Adds up | Better | What it is |
| --- | --- | --- | --- | --- | --- | --- |
"""


def metrics_page() -> str:
    """The page as Markdown."""
    return _HEAD + "".join(_row(metric) for metric in METRICS.values())


def _row(metric: Metric) -> str:
    cells = [
        metric.label,
        f"`{metric.key}`",
        _formula(metric),
        _UNITS[metric.unit],
        "yes" if metric.is_additive else "no",
        _GOOD[metric.good],
        metric.explanation,
    ]
    return f"| {' | '.join(cells)} |\n"


def _formula(metric: Metric) -> str:
    above = f"Σ {metric.base.removesuffix('_micros')}"
    if metric.per is None:
        return above
    times = f" × {metric.scale:,.0f}" if metric.scale != 1 else ""
    return f"{above} ÷ Σ {metric.per.removesuffix('_micros')}{times}"
