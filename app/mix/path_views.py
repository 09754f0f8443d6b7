"""A stored touch-path run → what the page shows: one line per channel, tiles, a chart, and every model beside the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.mix.charts import INTERVAL, Slots, slot_of
from app.mix.contexts import Quality
from app.mix.path_words import CHOICES, LAST_CLICK, MODELS, assumptions, flag_sentences, headline
from app.mix.presenting import LEVEL, Assumption
from kit.charts import BarChart, BarSeries, Format
from kit.format import MISSING, amount, compact_amount, count, percent

_MOST_ROWS = 8


@dataclass(frozen=True)
class Cell:
    """A figure, and under it its share and range; empty where it is not known."""

    value: str = ""
    note: str = ""


@dataclass(frozen=True)
class PathLine:
    """A channel in the table. `grade` is empty where the mix model does not know it."""

    name: str
    slot: int
    claimed: Cell
    last_click: Cell
    chosen: Cell
    mix: Cell
    grade: str


@dataclass(frozen=True)
class PathsView:
    """A touch-path run to look at. `models`: name, explanation, and one cell per line of `names`."""

    headline: str
    quality: tuple[Quality, ...]
    assumptions: tuple[Assumption, ...]
    notes: tuple[str, ...]
    flags: tuple[str, ...]
    lines: tuple[PathLine, ...]
    totals: tuple[str, ...]
    chosen: str
    chosen_name: str
    has_paths: bool
    has_mix: bool
    names: tuple[str, ...]
    models: tuple[tuple[str, str, tuple[Cell, ...]], ...]
    chart: BarChart | None


def paths_view(document: Mapping[str, Any], *, slots: Slots, model: str) -> PathsView:
    """The view with one model beside last click."""
    rows = sorted(document["table"]["channels"], key=lambda row: -_largest(row, model))
    lines = tuple(_line(row, document, slots, model) for row in rows)
    with_paths = [row for row in rows if row["paths"]]
    return PathsView(
        headline=headline(document),
        quality=tuple(_quality(document)),
        assumptions=tuple(assumptions(document)),
        notes=tuple(document["notes"]),
        flags=tuple(flag_sentences(document)),
        lines=lines,
        totals=_totals(document, rows, model),
        chosen=model,
        chosen_name=MODELS[model][0],
        has_paths=bool(with_paths),
        has_mix=any(row["mix_grade"] for row in rows),
        names=tuple(row["channel"] for row in with_paths),
        models=tuple((*MODELS[name], tuple(_path_cell(row, name, document) for row in with_paths)) for name in MODELS)
        if with_paths
        else (),
        chart=_chart(document, rows, model),
    )


def _line(row: Mapping[str, Any], document: Mapping[str, Any], slots: Slots, model: str) -> PathLine:
    return PathLine(
        name=row["channel"],
        slot=slot_of(slots, row["channel"]),
        claimed=_claimed(row, document),
        last_click=_path_cell(row, LAST_CLICK, document, with_range=False),
        chosen=_path_cell(row, model, document),
        mix=_mix_cell(row, document),
        grade=row["mix_grade"] or "",
    )


def _claimed(row: Mapping[str, Any], document: Mapping[str, Any]) -> Cell:
    sales = row["claimed_conversions"]
    told = "" if sales is None else f"{count(sales)} sales"
    if row["claimed_value"] is None:
        return Cell(told)
    share = _share(row["claimed_value"], document["sales"]["value"])
    return Cell(amount(row["claimed_value"], document["currency"]), _joined(share, told))


def _path_cell(row: Mapping[str, Any], model: str, document: Mapping[str, Any], *, with_range: bool = True) -> Cell:
    found = _path(row, model)
    if found is None:
        return Cell()
    share = _share(found["value"], document["orders"]["value"])
    between = _between(found["low"], found["high"], document["currency"]) if with_range else ""
    return Cell(amount(found["value"], document["currency"]), _joined(share, between))


def _mix_cell(row: Mapping[str, Any], document: Mapping[str, Any]) -> Cell:
    if row["mix_grade"] is None:
        return Cell()
    between = _between(row["mix_low"], row["mix_high"], document["currency"])
    if row["mix_value"] is None:
        return Cell("", between)
    share = _share(row["mix_value"], document["sales"]["value"])
    return Cell(amount(row["mix_value"], document["currency"]), _joined(share, between))


def _path(row: Mapping[str, Any], model: str) -> Mapping[str, Any] | None:
    return next((one for one in row["paths"] if one["model"] == model), None)


def _largest(row: Mapping[str, Any], model: str) -> float:
    found = _path(row, model)
    return max(row["claimed_value"] or 0, row["mix_value"] or 0, found["value"] if found else 0)


def _share(value: float, whole: float) -> str:
    return percent(value / whole, digits=0) if whole > 0 else ""


def _between(low: float, high: float, currency: str) -> str:
    return f"{compact_amount(low, currency, full_below=1_000)} – {compact_amount(high, currency, full_below=1_000)}"


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _totals(document: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], model: str) -> tuple[str, ...]:
    currency = document["currency"]
    paths = {name: [one["value"] for row in rows if (one := _path(row, name))] for name in (LAST_CLICK, model)}
    return tuple(
        amount(sum(values), currency) if values else MISSING
        for values in (
            [row["claimed_value"] for row in rows if row["claimed_value"] is not None],
            paths[LAST_CLICK],
            paths[model],
            [row["mix_value"] for row in rows if row["mix_value"] is not None],
        )
    )


def _quality(document: Mapping[str, Any]) -> list[Quality]:
    table, orders, mix = document["table"], document["orders"], document["mix"]
    sales, has_paths = document["sales"]["value"], bool(document["paths"]["channels"])
    brought = mix["brought"] if mix and sales > 0 else None
    between = (
        f"{LEVEL} % range {percent(brought['low'] / sales, digits=0)} to {percent(brought['high'] / sales, digits=0)}"
        if brought
        else "Work out the attribution to see it"
    )
    return [
        Quality(
            "claims",
            "Claims ÷ sales",
            "What all sources together say that they brought, over what was sold. Above 100 % several claim the same sale.",
            percent(table["claims_share"], digits=0),
            "No source tells what it brought"
            if table["claims_share"] is None
            else "More than 100 % cannot all be true",
        ),
        Quality(
            "touched",
            "Sales after a touch",
            "The part of your customers' orders before which any touch with a channel was told. Only these can be credited.",
            percent(orders["share_with_touch"], digits=0) if has_paths else MISSING,
            f"Of {count(orders['count'])} orders" if orders["count"] else "No orders were told",
        ),
        Quality(
            "mix",
            "Mix model ÷ sales",
            "What the channels that can be told brought, over what was sold. The rest would have come anyway, or cannot be told.",
            percent(brought["value"] / sales, digits=0) if brought else MISSING,
            between,
        ),
        Quality(
            "orders",
            "Orders ÷ sales",
            "How much of the recorded revenue your customers' orders make up. Paths say nothing about the rest.",
            percent(orders["share_of_sales"], digits=0),
            "Sales are these orders" if orders["share_of_sales"] is None and orders["count"] else "100 % is best",
        ),
    ]


def _chart(document: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], model: str) -> BarChart | None:
    """Claims, last click, the chosen model and the mix model, each as a share of the sales that it is about; in money where these
    are not known."""
    is_share = document["sales"]["value"] > 0
    sales, orders = (document["sales"]["value"], document["orders"]["value"]) if is_share else (1.0, 1.0)
    shown = list(rows[:_MOST_ROWS])
    series = [
        *_claims_series(shown, sales),
        *_path_series(shown, LAST_CLICK, orders, slot=2, with_range=False),
        *_path_series(shown, model, orders, slot=3),
        *_mix_series(shown, sales),
    ]
    if not series:
        return None
    unit = Format("share") if is_share else Format("money", document["currency"])
    said = ", ".join(f"{one.name} {unit.full(one.values[0])}" for one in series if one.values[0] is not None)
    return BarChart(
        title="Who gives a channel how much",
        note=("Share of sales" if is_share else document["currency"])
        + (f", the {_MOST_ROWS} largest channels" if len(rows) > _MOST_ROWS else ""),
        finding=f"{shown[0]['channel']}: {said}.",
        labels=[row["channel"] for row in shown],
        series=series,
        format=unit,
        interval=INTERVAL if any(one.low for one in series) else "",
    )


def _claims_series(rows: Sequence[Mapping[str, Any]], sales: float) -> list[BarSeries]:
    values = [_over(row["claimed_value"], sales) for row in rows]
    return [BarSeries(name="Sources claim", values=values, slot=1)] if _any(values) else []


def _path_series(
    rows: Sequence[Mapping[str, Any]], model: str, orders: float, *, slot: int, with_range: bool = True
) -> list[BarSeries]:
    found = [_path(row, model) for row in rows]
    middle, low, high = (
        [_over(one[end] if one else None, orders) for one in found] for end in ("value", "low", "high")
    )
    if not _any(middle):
        return []
    ends = {"low": low, "high": high} if with_range else {}
    return [BarSeries(name=MODELS[model][0], values=middle, slot=slot, **ends)]


def _mix_series(rows: Sequence[Mapping[str, Any]], sales: float) -> list[BarSeries]:
    middle, low, high = ([_over(row[end], sales) for row in rows] for end in ("mix_value", "mix_low", "mix_high"))
    return [BarSeries(name="Mix model", values=middle, slot=4, low=low, high=high)] if _any(low) else []


def _over(value: float | None, whole: float) -> float | None:
    return None if value is None or whole <= 0 else value / whole


def _any(values: Sequence[float | None]) -> bool:
    return any(value is not None for value in values)


def model_choices(base: str, run_id: str, chosen: str) -> tuple[tuple[str, str, bool], ...]:
    """The models to put beside last click, as links."""
    return tuple((MODELS[name][0], f"{base}?run={run_id}&model={name}", name == chosen) for name in CHOICES)
