"""From raw touches and orders to paths: sessions, look-back window, duplicates and refunds. `paths_from_touches` starts it.

A person's touches are cut at each order: a touch belongs to the next order of that person if that comes within the
look-back window, else to a path without a sale. Orders begin a new path; an order with no touch before it in its window
is a sale without touch. Sources: the conventions of session-based web analytics (30 minutes, 30 days).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.attribution.paths import IntArray, TouchPaths
from ml.errors import BadOption, BadPaths
from ml.frames import FIRST_DAY, LAST_DAY, BoolArray, FloatArray

DAY_S = 86_400
SecondArray = NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class Touches:
    """T touches in any order: the person (T,), the UTC time `at` (T,) to the second, the channel's name (T,)."""

    person: ArrayLike
    at: ArrayLike
    channel: Sequence[str]


@dataclass(frozen=True, eq=False)
class Orders:
    """m orders in any order: person (m,), UTC time `at` (m,), `value` (m,) ≥ 0 in currency units, order ids (m,)."""

    person: ArrayLike
    at: ArrayLike
    value: ArrayLike
    order_id: ArrayLike


@dataclass(frozen=True, eq=False)
class Refunds:
    """Refunds by order id (r,), `value` (r,) ≥ 0 in currency units. Several for one order add up."""

    order_id: ArrayLike = ()
    value: ArrayLike = ()


@dataclass(frozen=True)
class JourneyOptions:
    """`look_back_days` from a touch to the sale that it may count for; touches in the same channel with at most
    `session_minutes` between them are one touch, its first (0 keeps all but exact duplicates); nothing may lie after
    `as_of` (aware or UTC), where given. Raises `BadOption`."""

    look_back_days: float = 30.0
    session_minutes: float = 30.0
    as_of: datetime | None = None

    def __post_init__(self) -> None:
        if not 0 < self.look_back_days <= 3650:
            raise BadOption(f"A look-back of {self.look_back_days} days makes no sense.", "Choose up to 3,650 days.")
        if not 0 <= self.session_minutes <= 1440:
            raise BadOption(
                f"A session of {self.session_minutes} minutes makes no sense.", "Choose 0 to 1,440 minutes."
            )


@dataclass(frozen=True, eq=False)
class _Sales:
    """Orders sorted by person and time, net of refunds; `sold` is False where everything was given back."""

    person: IntArray
    at_s: IntArray
    value: FloatArray
    sold: BoolArray
    notes: list[str] = field(default_factory=list)


def paths_from_touches(
    touches: Touches,
    orders: Orders,
    *,
    refunds: Refunds | None = None,
    options: JourneyOptions | None = None,
    currency: str = "USD",
) -> TouchPaths:
    """One path per order and per run of touches without one; channels in alphabetical order, counts of 1.

    A refund lowers its order's value; an order given back in full is no sale. What was left out or put right is named in
    `notes`. Raises `BadPaths` (naming the row, from 1) for missing or absurd times, values below zero, unequal lengths
    and refunds above the order's value; `BadOption` for options outside their domain.
    """
    chosen = options or JourneyOptions()
    touch_at, order_at = (_seconds(part.at, what, chosen) for part, what in ((touches, "touch"), (orders, "order")))
    both = _comparable(_ids(touches.person, "person"), _ids(orders.person, "person"))
    people = np.unique(np.concatenate(both), return_inverse=True)[1].astype(np.int64)
    _same_length("touch", len(touch_at), np.size(touches.person), len(touches.channel))
    _same_length("order", len(order_at), *(np.size(part) for part in (orders.person, orders.value, orders.order_id)))
    sales = _net_sales(orders, refunds or Refunds(), people[len(touch_at) :], order_at)
    channels, codes = _channels(touches.channel)
    person, at_s, code, repeats = _sessions(people[: len(touch_at)], touch_at, codes, chosen.session_minutes)
    notes = [*sales.notes]
    if repeats:
        notes.append(f"{repeats:,} touches repeat one of the same session and count once.")
    return _cut(channels, person, at_s, code, sales, chosen, currency, notes)


def _cut(
    channels: tuple[str, ...],
    person: IntArray,
    at_s: IntArray,
    code: IntArray,
    sales: _Sales,
    options: JourneyOptions,
    currency: str,
    notes: list[str],
) -> TouchPaths:
    """Sorted touches to paths: a slot is one person's stretch up to an order; its touches are too old first, then in time."""
    following = np.searchsorted(_key(sales.person, sales.at_s), _key(person, at_s), side="left")
    has_order = following < len(sales.person)
    order = np.minimum(following, max(len(sales.person) - 1, 0))
    if len(sales.person):
        has_order &= sales.person[order] == person
        has_order &= sales.at_s[order] - at_s <= options.look_back_days * DAY_S
    _, first, lengths = np.unique((following + person) * 2 + has_order, return_index=True, return_counts=True)
    with_sale = has_order[first]
    of_order = order[first][with_sale]
    bare = np.setdiff1d(np.flatnonzero(sales.sold), of_order)
    end_s = at_s[first + lengths - 1]
    end_s[with_sale] = sales.at_s[of_order]
    converted = np.zeros(len(first), bool)
    converted[with_sale] = sales.sold[of_order]
    value = np.zeros(len(first))
    value[with_sale] = sales.value[of_order]
    rows = len(first) + len(bare)
    return TouchPaths(
        channels=channels,
        starts=np.concatenate([[0], np.cumsum(np.concatenate([lengths, np.zeros(len(bare), np.int64)]))]),
        codes=code,
        days_before_end=(np.repeat(end_s, lengths) - at_s) / DAY_S,
        converted=np.concatenate([converted, np.ones(len(bare), bool)]),
        value=np.concatenate([value, sales.value[bare]]),
        count=np.ones(rows, np.int64),
        currency=currency,
        notes=tuple(notes),
    )


def _net_sales(orders: Orders, refunds: Refunds, person: IntArray, at_s: IntArray) -> _Sales:
    value, ids = _amounts(orders.value, "order"), _ids(orders.order_id, "order id").astype(str)
    _refuse(~np.isfinite(value), "the order's value is missing or infinite.")
    _refuse(value < 0, "the order's value is below zero. Give refunds as refunds, with the id of their order.")
    notes = []
    known, first = np.unique(ids, return_index=True)
    if len(known) < len(ids):
        notes.append(f"{len(ids) - len(known):,} orders carry an id that was there before and are left out.")
    back, unknown = _given_back(refunds, known)
    if unknown:
        notes.append(f"{unknown:,} refunds name an order that is not here and are left out.")
    net = value[first] - back
    _refuse_at(first, back > value[first] * (1 + 1e-9), "more was refunded than the order was worth.")
    sold = ~((back > 0) & (net <= 1e-9 * value[first]))
    if not sold.all():
        notes.append(f"{int((~sold).sum()):,} orders were refunded in full and do not count as sales.")
    line = np.lexsort((at_s[first], person[first]))
    return _Sales(
        person[first][line], at_s[first][line], np.where(sold, np.maximum(net, 0), 0.0)[line], sold[line], notes
    )


def _given_back(refunds: Refunds, known: NDArray[np.generic]) -> tuple[FloatArray, int]:
    """Refunds per known order, and how many refunds name none."""
    ids, value = _ids(refunds.order_id, "order id").astype(str), _amounts(refunds.value, "refund")
    _same_length("refund", len(ids), len(value))
    _refuse(~np.isfinite(value) | (value < 0), "the refund is missing, infinite or below zero.")
    if not len(ids) or not len(known):
        return np.zeros(len(known)), len(ids)
    place = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    found = known[place] == ids
    back = np.bincount(place[found], value[found], minlength=len(known)).astype(float)
    return back, int((~found).sum())


def _sessions(
    person: IntArray, at_s: IntArray, code: IntArray, session_minutes: float
) -> tuple[IntArray, IntArray, IntArray, int]:
    """Touches sorted by person and time with repeats within a session left out, and how many those were."""
    line = np.lexsort((at_s, person))
    person, at_s, code = person[line], at_s[line], code[line]
    same = (np.diff(person) == 0) & (np.diff(code) == 0) & (np.diff(at_s) <= session_minutes * 60)
    kept = np.concatenate([np.ones(min(len(person), 1), bool), ~same])
    return person[kept], at_s[kept], code[kept], int((~kept).sum())


def _channels(names: Sequence[str]) -> tuple[tuple[str, ...], IntArray]:
    listed = [str(name).strip() for name in names]
    _refuse(np.array([not name for name in listed], bool), "the touch has no channel.")
    if not listed:
        return (), np.zeros(0, np.int64)
    known, codes = np.unique(np.array(listed, dtype=object).astype(str), return_inverse=True)
    return tuple(known.tolist()), codes.astype(np.int64)


def _seconds(at: ArrayLike, what: str, options: JourneyOptions) -> IntArray:
    """UTC seconds since 1970. Refuses what is missing, before 1990, after 2100 or after `as_of`."""
    try:
        times: SecondArray = np.asarray(at, "datetime64[s]") if np.size(at) else np.zeros(0, "datetime64[s]")
    except (TypeError, ValueError) as unreadable:
        raise BadPaths(
            f"The time of a {what} cannot be read.", "Give UTC times such as 2026-03-01T14:05:00."
        ) from unreadable
    _refuse(np.isnat(times), f"the time of the {what} is missing.")
    _refuse((times < FIRST_DAY) | (times >= LAST_DAY), f"the time of the {what} is not between 1990 and 2100.")
    seconds = times.astype(np.int64)
    if options.as_of is not None:
        zone_free = options.as_of.timestamp() if options.as_of.tzinfo else np.datetime64(options.as_of, "s").astype(int)
        _refuse(seconds > zone_free, f"the {what} lies in the future.")
    return seconds


def _amounts(values: ArrayLike, what: str) -> FloatArray:
    try:
        return np.atleast_1d(np.asarray(values, float))
    except (TypeError, ValueError) as unreadable:
        raise BadPaths(f"The value of a {what} is not a number.", "Give plain numbers.") from unreadable


def _ids(values: ArrayLike, what: str) -> NDArray[np.generic]:
    ids = np.asarray(values)
    if ids.ndim != 1:
        raise BadPaths(f"The {what} must be one column.", "Give one value per row.")
    if ids.dtype.kind in "iu":
        return ids
    names = ids.astype(str)
    _refuse(np.isin(names, ("", "nan", "None", "<NA>", "NaT")), f"the {what} is missing.")
    return names


def _comparable(*columns: NDArray[np.generic]) -> list[NDArray[np.generic]]:
    """Ids as numbers where all are numbers, else as text."""
    numeric = all(column.dtype.kind in "iu" for column in columns)
    return [column if numeric else column.astype(str) for column in columns]


def _key(person: IntArray, at_s: IntArray) -> IntArray:
    """One number that sorts by person, then by time: 2³³ seconds reach from 1970 to 2242."""
    return person.astype(np.int64) * 2**33 + at_s


def _same_length(what: str, *lengths: int) -> None:
    if len(set(lengths)) > 1:
        raise BadPaths(f"The columns of the {what} table differ in length.", "Give one value per row.")


def _refuse(wrong: BoolArray, sentence: str) -> None:
    _refuse_at(np.arange(len(wrong)), wrong, sentence)


def _refuse_at(rows: IntArray, wrong: BoolArray, sentence: str) -> None:
    if wrong.any():
        raise BadPaths(sentence, "Correct this row or leave it out.", row=int(rows[int(np.argmax(wrong))]) + 1)
