"""Customers with touches and orders for tests: single events, and a population whose paths follow a chain with a known truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4

import numpy as np
from sqlalchemy import insert, select

from app.campaigns.models import Channel
from app.customers.models import Customer, CustomerEvent
from app.customers.taking import count_anew
from kit.db import ScopedSession
from tests.mix.history import MICROS, yesterday

# What follows a touch: the chance of the next touch being in each channel, of a sale, and of nothing more.
CHAIN = {
    "": (0.5, 0.2, 0.3, 0.0),
    "Google Search": (0.1, 0.1, 0.1, 0.35),
    "Email": (0.1, 0.05, 0.05, 0.5),
    "Facebook Ads": (0.3, 0.1, 0.1, 0.05),
}
NAMES = tuple(name for name in CHAIN if name)


@dataclass(frozen=True)
class Told:
    """One event of one customer."""

    customer: str
    kind: str
    at: datetime
    channel: str = ""
    value: float = 0.0
    ref: str = ""


def noon(days_ago: int, *, minutes: int = 0) -> datetime:
    """Noon UTC so many days before yesterday."""
    return datetime.combine(yesterday() - timedelta(days=days_ago), time(12), UTC) + timedelta(minutes=minutes)


def touch(customer: str, channel: str, at: datetime) -> Told:
    return Told(customer, "touch", at, channel=channel)


def order(customer: str, value: float, at: datetime, ref: str) -> Told:
    return Told(customer, "order", at, value=value, ref=ref)


def refund(customer: str, value: float, at: datetime, ref: str) -> Told:
    return Told(customer, "refund", at, value=value, ref=ref)


def tell(session: ScopedSession, events: Sequence[Told]) -> None:
    """Write events down, with the customers and channels that they name."""
    channels = dict(session.execute(select(Channel.name, Channel.id)).all())
    for name in dict.fromkeys(one.channel for one in events if one.channel):
        if name not in channels:
            channels[name] = uuid4()
            key = name.lower().replace(" ", "_")
            session.execute(insert(Channel).values(id=channels[name], key=key, name=name, slot=len(channels) - 1))
    people = dict(session.execute(select(Customer.external_id, Customer.id)).all())
    new = {name: uuid4() for name in dict.fromkeys(one.customer for one in events) if name not in people}
    if new:
        session.execute(insert(Customer), [{"id": key, "external_id": name} for name, key in new.items()])
    session.execute(
        insert(CustomerEvent),
        [_row(one, {**people, **new}, channels) for one in events],
    )
    session.flush()
    known = {**people, **new}
    count_anew(session, {known[one.customer] for one in events})


def _row(one: Told, people: dict[str, UUID], channels: dict[str, UUID]) -> dict[str, object]:
    has_value = one.kind in ("order", "refund")
    return {
        "customer_id": people[one.customer],
        "kind": one.kind,
        "happened_at": one.at,
        "value_micros": round(one.value * MICROS) if has_value else None,
        "order_ref": one.ref,
        "channel_id": channels.get(one.channel),
        "source": "test",
        "external_id": uuid4().hex,
    }


def population(people: int, *, seed: int = 7) -> list[Told]:
    """People whose touches follow `CHAIN`, an hour apart, within two months; a sale is worth 50."""
    rng = np.random.default_rng(seed)
    events: list[Told] = []
    for number in range(people):
        at, last = noon(int(rng.integers(1, 60))), ""
        while True:
            step = rng.choice(5, p=[*CHAIN[last], 1 - sum(CHAIN[last])])
            at += timedelta(hours=1)
            if step >= len(NAMES):
                break
            last = NAMES[step]
            events.append(touch(f"p{number}", last, at))
        if step == len(NAMES):
            events.append(order(f"p{number}", 50.0, at, f"o{number}"))
    return events


def removal_truth() -> dict[str, float]:
    """Each channel's share by removal effects in the chain itself: what would be lost of sales without it, over the sum."""
    full = _sold(frozenset())
    effect = {name: 1 - _sold(frozenset({name})) / full for name in NAMES}
    return {name: value / sum(effect.values()) for name, value in effect.items()}


def _sold(without: frozenset[str]) -> float:
    """The chance of a sale from the start; who would meet a removed channel leaves."""
    states = ["", *NAMES]
    step = np.array(
        [[0.0, *(0.0 if name in without else CHAIN[state][at] for at, name in enumerate(NAMES))] for state in states]
    )
    sale = np.array([CHAIN[state][len(NAMES)] for state in states])
    return float(np.linalg.solve(np.eye(len(states)) - step, sale)[0])
