"""A simulated business as the tables people import: one row per day and channel, events, and planned spend."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path

import numpy as np

from ml.frames import Event, FloatArray
from ml.synth.business import ChannelTruth
from ml.synth.simulate import Simulated

DIRECT = "Direct"
AVERAGE_ORDER = 68.0
RETURNING_SHARE = 0.38


@dataclass(frozen=True)
class ImportRow:
    """One row of an import. `revenue` is last-click credit; by the row rule a day's rows sum to the business's revenue."""

    date: date
    channel: str
    campaign: str
    spend: float
    revenue: float
    impressions: int
    clicks: int
    conversions: int
    new_customers: int
    returning_customers: int


def import_rows(run: Simulated, *, seed: int = 0) -> list[ImportRow]:
    """All rows of `run`, by date and channel, with a spend-free `Direct` channel that takes the revenue no ad is credited
    with. A channel's days without spend and credit are left out, as platforms do. Counts are drawn with `seed`."""
    rng = np.random.default_rng(seed)
    claims = _claimed_revenue(run)
    rows = []
    for day, on in enumerate(run.dates):
        when = on.astype(object)
        for index, channel in enumerate(run.channels):
            spend, revenue = float(run.spend[day, index]), float(claims[day, index])
            if spend > 0 or revenue > 0:
                rows.append(_paid_row(rng, channel, when, spend, revenue))
        rows.append(_direct_row(rng, when, round(float(run.revenue[day] - claims[day].sum()), 2)))
    return rows


def weekly_rows(rows: Iterable[ImportRow]) -> list[ImportRow]:
    """`rows` summed by channel and ISO week, dated on its Monday; campaigns are left out."""
    sums: dict[tuple[date, str], FloatArray] = {}
    for row in rows:
        monday = date.fromordinal(row.date.toordinal() - row.date.weekday())
        values = np.array(astuple(row)[3:], float)
        sums[monday, row.channel] = sums.get((monday, row.channel), np.zeros(len(values))) + values
    return [
        ImportRow(on, channel, "", round(float(v[0]), 2), round(float(v[1]), 2), *(int(count) for count in v[2:]))
        for (on, channel), v in sums.items()
    ]


def write_import_csv(path: Path | str, rows: Sequence[ImportRow]) -> None:
    """Write `rows` with the columns of an import."""
    _write(path, [field.name for field in fields(ImportRow)], (astuple(row) for row in rows))


def write_events_csv(path: Path | str, events: Iterable[Event]) -> None:
    """Write `events` as date, event."""
    _write(path, ["date", "event"], ((event.on, event.name) for event in events))


def write_plan_csv(path: Path | str, plan: dict[tuple[date, str], float]) -> None:
    """Write planned spend as date, channel, spend."""
    _write(path, ["date", "channel", "spend"], ((on, channel, spend) for (on, channel), spend in plan.items()))


def _claimed_revenue(run: Simulated) -> FloatArray:
    """Last-click revenue (n, C): part of what each channel brought and part of what would have sold anyway, together never
    more than 90 % of a day's revenue."""
    active = run.spend > 0
    claimed = np.array([channel.claimed for channel in run.channels]) * run.contribution
    poached = np.array([channel.poached for channel in run.channels]) * run.baseline[:, None] * active
    claims = claimed + poached
    excess = np.maximum(claims.sum(1) / np.maximum(0.9 * run.revenue, 1e-9), 1.0)
    rounded: FloatArray = np.round(claims / excess[:, None], 2)
    return rounded


def _paid_row(rng: np.random.Generator, channel: ChannelTruth, on: date, spend: float, revenue: float) -> ImportRow:
    impressions = int(rng.poisson(1000 * spend / channel.cost_per_thousand))
    orders = int(rng.poisson(revenue / AVERAGE_ORDER))
    clicks = max(int(rng.binomial(impressions, channel.click_rate)), orders)
    returning = int(rng.binomial(orders, RETURNING_SHARE))
    campaign = f"{channel.name} {'Q' + str((on.month + 2) // 3)} {on.year}"
    return ImportRow(
        on,
        channel.name,
        campaign,
        spend,
        revenue,
        max(impressions, clicks),
        clicks,
        orders,
        orders - returning,
        returning,
    )


def _direct_row(rng: np.random.Generator, on: date, revenue: float) -> ImportRow:
    orders = int(rng.poisson(max(revenue, 0.0) / AVERAGE_ORDER))
    returning = int(rng.binomial(orders, RETURNING_SHARE))
    return ImportRow(on, DIRECT, "", 0.0, revenue, 0, 0, orders, orders - returning, returning)


def _write(path: Path | str, header: list[str], rows: Iterable[tuple[object, ...]]) -> None:
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
