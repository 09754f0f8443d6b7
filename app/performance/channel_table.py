"""The table of channels: columns from the catalogue, sorted on the server, its order in the URL as `sort=-spend`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.performance.catalogue import METRICS, relative_change
from app.performance.charts import chart_slot
from app.performance.service import ChannelRow, Overview, Value
from app.performance.windows import Comparison
from app.performance.wording import AGAINST, COMPARISONS, Tone, change_text, full_text, missing_reason, tone_of
from kit.format import MISSING

DEFAULT_SORT = "-spend"
_METRICS = ("spend", "revenue", "roas", "conversions", "cpa", "new_customers", "cac")
_WITH_CHANGE = ("spend", "revenue")
_ABOUT_SPEND = {key for key in _METRICS if "spend_micros" in METRICS[key].bases}
_NO_SPEND = "No spend belongs to what your files give for whole days"
_NAME = "channel"
NO_COMPARISON = "No complete earlier period to compare with"


@dataclass(frozen=True)
class SortLink:
    """Where a heading leads, and how the table is sorted by it now (`""`: it is not)."""

    href: str
    direction: str


@dataclass(frozen=True)
class Heading:
    """A column's head."""

    label: str
    kind: str
    explanation: str
    sort: SortLink


@dataclass(frozen=True)
class Cell:
    """A value as text; `reason` says why it is missing, `tone` what it means."""

    text: str
    reason: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True)
class TableRow:
    """A channel with its colour; `href` leads to the page of it alone, and is empty on that page."""

    name: str
    href: str
    slot: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class ChannelTable:
    """Head, rows in order, and the foot over all channels; without a foot where there is one channel only by choice."""

    headings: tuple[Heading, ...]
    rows: tuple[TableRow, ...]
    totals: tuple[str, ...]


def channel_table(
    shown: Overview, *, sort: str, href_of: Callable[[str], str], channel_href: Callable[[str], str]
) -> ChannelTable:
    """The table in the order of `sort`, a column's key with `-` for descending; an unknown key means the default."""
    columns = _columns(shown.comparison)
    key, descending = _order(sort, columns)
    totals = _cells(shown.totals, shown.totals_before, shown)
    return ChannelTable(
        headings=tuple(_heading(name, key, descending, href_of, shown.comparison) for name in columns),
        rows=tuple(_row(row, shown, channel_href) for row in _sorted(shown.channels, key, descending)),
        totals=() if shown.channel else ("All channels", *(cell.text for cell in totals)),
    )


def _columns(comparison: Comparison) -> list[str]:
    """Keys of the columns; a change stands beside its metric where there is something to compare with."""
    columns = [_NAME]
    for key in _METRICS:
        has_change = key in _WITH_CHANGE and comparison is not Comparison.NONE
        columns += [key, f"{key}_change"] if has_change else [key]
    return columns


def _order(sort: str, columns: list[str]) -> tuple[str, bool]:
    key = sort.removeprefix("-")
    if key not in columns:
        return _order(DEFAULT_SORT, columns)
    return key, sort.startswith("-")


def _heading(name: str, key: str, descending: bool, href_of: Callable[[str], str], comparison: Comparison) -> Heading:
    metric = METRICS.get(name)
    is_current = name == key
    # A number is first wanted from the top down, a name from A to Z; the second click turns round.
    turned = not descending if is_current else name != _NAME
    direction = ("descending" if descending else "ascending") if is_current else ""
    sort = SortLink(href_of(("-" if turned else "") + name), direction)
    if name == _NAME:
        return Heading("Channel", "text", "", sort)
    if metric is None:
        changed = METRICS[name.removesuffix("_change")].label.lower()
        against = COMPARISONS[comparison].lower()
        return Heading(AGAINST[comparison], "number", f"Change of {changed} against the {against}.", sort)
    return Heading(metric.label, "number", metric.explanation, sort)


def _sorted(rows: tuple[ChannelRow, ...], key: str, descending: bool) -> list[ChannelRow]:
    """By name, or by value with unknown ones last either way; equal ones by name."""
    by_name = sorted(rows, key=lambda row: row.name.casefold(), reverse=key == _NAME and descending)
    if key == _NAME:
        return by_name
    known = [row for row in by_name if _value(row, key) is not None]
    unknown = [row for row in by_name if _value(row, key) is None]
    return sorted(known, key=lambda row: _value(row, key) or 0, reverse=descending) + unknown


def _value(row: ChannelRow, column: str) -> Value:
    if column in row.values:
        return row.values[column]
    key = column.removesuffix("_change")
    return relative_change(row.values[key], row.before[key])


def _row(row: ChannelRow, shown: Overview, channel_href: Callable[[str], str]) -> TableRow:
    cells = _cells(row.values, row.before, shown)
    if not row.takes_spend:
        cells = tuple(
            Cell(MISSING, _NO_SPEND) if key.removesuffix("_change") in _ABOUT_SPEND else cell
            for key, cell in zip(_columns(shown.comparison)[1:], cells, strict=True)
        )
    return TableRow(row.name, "" if shown.channel else channel_href(row.key), chart_slot(row.slot), cells)


def _cells(values: Mapping[str, Value], before: Mapping[str, Value], shown: Overview) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for key in _METRICS:
        metric = METRICS[key]
        cells.append(Cell(full_text(metric, values[key], shown.currency), missing_reason(metric, values)))
        if key in _WITH_CHANGE and shown.comparison is not Comparison.NONE:
            change = relative_change(values[key], before[key])
            reason = "" if change is not None else missing_reason(metric, values) or NO_COMPARISON
            cells.append(Cell(change_text(change) or MISSING, reason, tone_of(metric, change)))
    return tuple(cells)
