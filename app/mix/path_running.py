"""Computing a touch-path run: customers' paths credited by every model, set beside claims, last click and the mix model.

`path_result` is the entry. What cannot be known stays empty: without touches there are no path models, without an attribution no mix.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.mix.errors import RunRefused
from app.mix.path_data import History, Window, read_history
from app.mix.queries import latest_run
from app.mix.schemas import SEED, Kind, PathsRequest
from app.mix.service import fit_of
from kit.money import MICROS
from ml.attribution import (
    JourneyOptions,
    MixCredit,
    Orders,
    PathAttribution,
    Reconciliation,
    Refunds,
    Touches,
    TouchPaths,
    attribute_paths,
    paths_from_touches,
    reconcile,
)
from ml.errors import NoConversions, TooManyChannels
from ml.frames import FloatArray
from ml.mix.intervals import central_interval
from ml.mix.results import ChannelResult, MixFit

# What orders may differ from the recorded revenue (tax, delivery, days) before path models no longer stand for all sales.
COVERED = 0.9
_OF_PATHS = {"no_touches", "paths_miss_sales", "paths_have_no_baseline", "last_click_above_mix", "last_click_below_mix"}
_OF_ALL_SALES = _OF_PATHS - {"no_touches"}


@dataclass(frozen=True)
class MixPart:
    """What the newest attribution says of a window, and which part of the window it knows. `brought`: what all channels that it can
    tell brought together, with its 95 % interval; a sum is surer than its parts."""

    run_id: UUID
    credits: dict[str, MixCredit]
    brought: tuple[float, float, float] | None
    data_to: date
    covered: float


def path_result(
    session: Session,
    request: PathsRequest,
    *,
    currency: str,
    today: date,
    zone: str,
    progress: Callable[[float, str], None],
) -> dict[str, Any]:
    """What is stored of a run: one document with the period, the paths' credit, the table and its flags."""
    progress(0.02, "Reading orders and touches")
    history = read_history(session, request, today=today, zone=zone)
    progress(0.2, "Putting paths together")
    paths, notes = paths_of(history, request, currency=currency)
    progress(0.4, "Crediting sales to channels")
    attribution = _credited(paths, currency)
    progress(0.9, "Setting it beside the mix model")
    mix = _mix_part(session, history.window)
    if not (attribution.conversions or history.claims or mix):
        raise RunRefused(
            "There is nothing to set side by side yet: no orders, no claims of a platform, and no attribution.",
            "Upload customers' orders and touches, or import your channels' days, then run this again.",
        )
    document = _document(history, request, attribution, mix, notes=notes)
    progress(1.0, "Done")
    return {"document": document}


def paths_of(history: History, request: PathsRequest, *, currency: str) -> tuple[TouchPaths | None, list[str]]:
    """The paths to the orders of the window and those without one, and what had to be put right; None where there is no order.

    A touch before the window counts only where its customer's next order lies in the window.
    """
    if not history.orders:
        return None, []
    person = {
        customer: number for number, customer in enumerate({row[0] for row in (*history.orders, *history.touches)})
    }
    ids, back, notes = _refunded(history)
    touches = _counting(history, timedelta(days=request.look_back_days))
    try:
        paths = paths_from_touches(
            Touches(
                [person[row[0]] for row in touches], _seconds(row[1] for row in touches), [row[2] for row in touches]
            ),
            Orders(
                [person[row[0]] for row in history.orders],
                _seconds(row[1] for row in history.orders),
                [row[2] / MICROS for row in history.orders],
                ids,
            ),
            refunds=Refunds(list(back), [micros / MICROS for micros in back.values()]),
            options=JourneyOptions(look_back_days=request.look_back_days, session_minutes=request.session_minutes),
            currency=currency,
        )
    except TooManyChannels as refusal:
        raise RunRefused(refusal.detail, refusal.hint) from refusal
    return paths, notes


def _counting(history: History, look_back: timedelta) -> list[tuple[UUID, datetime, str]]:
    ordered_at: dict[UUID, list[datetime]] = {}
    for customer, at, *_ in (*history.earlier, *history.orders):
        ordered_at.setdefault(customer, []).append(at)
    for moments in ordered_at.values():
        moments.sort()

    def counts(customer: UUID, at: datetime) -> bool:
        if at >= history.starts_at:
            return True
        moments = ordered_at.get(customer, [])
        following = bisect_left(moments, at)
        return following < len(moments) and history.starts_at <= moments[following] <= at + look_back

    return [row for row in history.touches if counts(row[0], row[1])]


def _refunded(history: History) -> tuple[list[str], dict[str, int], list[str]]:
    """An id for each order, micros given back by id, and notes. What goes beyond an order's value, delivery say, is left out."""
    ids, value = [""] * len(history.orders), dict[str, int]()
    # Of orders with one number the first in time may be refunded; the others are orders of their own.
    for place in sorted(range(len(ids)), key=lambda place: history.orders[place][1]):
        _, _, micros, ref = history.orders[place]
        ids[place] = ref if ref and ref not in value else f"order {place} of {len(ids)}"
        value[ids[place]] = micros
    back = dict[str, int]()
    for ref, micros in history.refunds:
        if ref in value:
            back[ref] = back.get(ref, 0) + micros
    above = sum(micros > value[ref] for ref, micros in back.items())
    notes = [f"{above:,} refunds exceed the value of their order and count as all of it."] if above else []
    return ids, {ref: min(micros, value[ref]) for ref, micros in back.items()}, notes


def _seconds(moments: Iterable[datetime]) -> NDArray[np.datetime64]:
    return np.array([int(at.timestamp()) for at in moments], np.int64).astype("datetime64[s]")


def _credited(paths: TouchPaths | None, currency: str) -> PathAttribution:
    """Every model's credit; without channels where no sale has a touch, which is an answer too."""
    if paths is None:
        return _uncredited(currency)
    try:
        return attribute_paths(paths, seed=SEED)
    except NoConversions:
        return _uncredited(currency, paths.people, paths.conversions, paths.total_value, paths.notes)


def _uncredited(
    currency: str, people: int = 0, conversions: float = 0.0, value: float = 0.0, notes: tuple[str, ...] = ()
) -> PathAttribution:
    return PathAttribution(
        channels=(),
        credits=(),
        currency=currency,
        people=people,
        conversions=conversions,
        value=value,
        untouched_conversions=conversions,
        untouched_value=value,
        level=0.95,
        draws=0,
        seed=SEED,
        notes=notes,
    )


def _mix_part(session: Session, window: Window) -> MixPart | None:
    run = latest_run(session, kind=Kind.ATTRIBUTION, state="done")
    if run is None:
        return None
    fit = fit_of(run)
    weight, covered = _overlap(fit, window)
    last: date = fit.dates[-1].astype(object) + timedelta(days=fit.cadence_days - 1)
    if covered < COVERED:
        return MixPart(run.id, {}, None, last, covered)
    parts = np.array([_part(fit, name, weight) for name in fit.names])
    credits = {one.channel: _scaled(one, part) for one, part in zip(fit.channels, parts, strict=True)}
    return MixPart(run.id, credits, _brought(fit, parts), last, covered)


def _overlap(fit: MixFit, window: Window) -> tuple[FloatArray, float]:
    """Which part of each of the fit's periods lies in the window, (n,), and which part of the window the fit knows."""
    begins = (fit.dates - np.datetime64(window.since)).astype(int)
    days = np.minimum(begins + fit.cadence_days, window.days) - np.maximum(begins, 0)
    inside = np.clip(days, 0, None)
    return inside / fit.cadence_days, float(inside.sum()) / window.days


def _part(fit: MixFit, name: str, weight: FloatArray) -> float:
    """Which part of what a channel brought falls into the window; its days' part where it brought nothing."""
    series = fit.contribution_series[:, fit.index(name)]
    total = float(series.sum())
    return float((series * weight).sum()) / total if total > 0 else float(weight.sum()) / len(weight)


def _scaled(one: ChannelResult, part: float) -> MixCredit:
    """The interval keeps its relative width, for what is unsure is how much a channel brings, hardly when."""
    return MixCredit(one.contribution * part, one.contribution_low * part, one.contribution_high * part, one.grade)


def _brought(fit: MixFit, parts: FloatArray) -> tuple[float, float, float] | None:
    told = np.array([one.grade != "cannot_tell" for one in fit.channels])
    if not told.any():
        return None
    spend = np.array([one.spend for one in fit.channels])
    low, high = central_interval((fit.draws.roi * spend * parts)[:, told].sum(1))
    middle = sum(one.contribution * part for one, part, known in zip(fit.channels, parts, told, strict=True) if known)
    return float(middle), min(float(low), float(middle)), max(float(high), float(middle))


def _document(
    history: History, request: PathsRequest, attribution: PathAttribution, mix: MixPart | None, *, notes: list[str]
) -> dict[str, Any]:
    """The documented form. Money is in units of the currency; shares are of 1, and None where they are not known."""
    sales, basis = _sales(history, attribution)
    table = reconcile(attribution, claims=history.claims, mix=mix.credits if mix else None, sales_value=sales)
    covered = attribution.value / sales if basis == "recorded" else None
    touched = attribution.value - attribution.untouched_value
    return {
        "currency": attribution.currency,
        "since": history.window.since.isoformat(),
        "until": history.window.until.isoformat(),
        "days": history.window.days,
        "look_back_days": request.look_back_days,
        "session_minutes": request.session_minutes,
        "sales": {"value": sales, "basis": basis},
        "orders": {
            "count": attribution.conversions,
            "value": attribution.value,
            "share_of_sales": covered,
            "share_with_touch": touched / attribution.value if attribution.value > 0 else None,
        },
        "mix": None
        if mix is None
        else {
            "run_id": str(mix.run_id),
            "data_to": mix.data_to.isoformat(),
            "covered": mix.covered,
            "brought": None if mix.brought is None else dict(zip(("value", "low", "high"), mix.brought, strict=True)),
        },
        "table": table.to_dict() | {"flags": _flags(table, covered, has_touches=bool(attribution.channels))},
        "paths": attribution.to_dict(),
        "notes": [*notes, *attribution.notes],
    }


def _sales(history: History, attribution: PathAttribution) -> tuple[float, str]:
    """What was sold: the revenue that a shop or a file told, else the orders; platforms' claims alone tell nothing of it."""
    if history.is_told and history.recorded > 0:
        return history.recorded, "recorded"
    return (attribution.value, "orders") if attribution.value > 0 else (0.0, "unknown")


def _flags(table: Reconciliation, covered: float | None, *, has_touches: bool) -> list[dict[str, Any]]:
    """The core's sentences, without those that only hold where the paths stand for all sales."""
    partial = covered is not None and not COVERED <= covered <= 2 - COVERED
    hidden = _OF_ALL_SALES if partial and has_touches else set[str]() if has_touches else _OF_PATHS
    kept = [dict(flag) for flag in table.to_dict()["flags"] if flag["code"] not in hidden]
    if not (partial and has_touches):
        return kept
    sentence = (
        f"The orders that were told with their customers come to {covered:.0%} of the recorded revenue. "
        "Last click and the path models divide up these orders only, so compare their shares, not their amounts."
    )
    return [{"code": "orders_are_not_all_sales", "detail": sentence, "channel": None}, *kept]
