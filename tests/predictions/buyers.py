"""Customers who buy again and leave as customers do, written as an import would have written them."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.customers.models import Customer, CustomerEvent
from app.offers.training import train_offers
from app.predictions.customer_training import Setting, train_customers
from app.predictions.registry import Trained
from app.predictions.schemas import ModelKind
from kit.clock import today_in
from kit.ids import new_id
from kit.money import MICROS
from ml.predict.lifetime import BgNbd
from ml.predict.lifetime.simulate import EPOCH_DAY, simulate_cohort

ZONE = "UTC"
TRUTH = BgNbd(0.8, 6.0, 0.8, 2.5)
EPOCH = date.fromordinal(date(1970, 1, 1).toordinal() + EPOCH_DAY)


def today() -> date:
    return today_in(ZONE)


@dataclass
class Buyers:
    """Writes a cohort whose last day is `ends_days_ago` days ago, so that its newest order is of that day or the days before."""

    session: Session
    ids: list[UUID] = field(default_factory=list)
    number: int = 0

    def buy(
        self,
        customers: int = 400,
        *,
        days: int = 480,
        ends_days_ago: int = 1,
        seed: int = 1,
        truth: BgNbd = TRUTH,
        worth: float = 1.0,
    ) -> None:
        """Orders of about 30 each, times `worth`, of people who joined over the first two thirds of the days."""
        cohort = simulate_cohort(truth, customers=customers, days=days, joining_days=days * 2 // 3, seed=seed).purchases
        shift = today() - timedelta(days=ends_days_ago) - (EPOCH + timedelta(days=days))
        ids = [new_id() for _ in range(customers)]
        when = [
            datetime.combine(EPOCH + timedelta(days=int(day) - EPOCH_DAY) + shift, time(12), UTC) for day in cohort.day
        ]
        first: dict[UUID, datetime] = {}
        last: dict[UUID, datetime] = {}
        spent: dict[UUID, int] = dict.fromkeys(ids, 0)
        events: list[dict[str, Any]] = []
        for row, customer in enumerate(cohort.customer):
            who, micros = ids[int(customer)], round(float(cohort.value[row]) * worth * MICROS)
            first.setdefault(who, when[row])
            last[who] = when[row]
            spent[who] += micros
            events.append(self._order(who, when[row], micros))
        counts = np.bincount(cohort.customer, minlength=customers)
        self.session.execute(
            insert(Customer),
            [
                {
                    "id": who,
                    "external_id": f"c-{seed}-{place}",
                    "name": f"Customer {place}",
                    "orders": int(counts[place]),
                    "revenue_micros": spent[who],
                    "first_order_at": first[who],
                    "last_order_at": last[who],
                }
                for place, who in enumerate(ids)
            ],
        )
        self.session.execute(insert(CustomerEvent), events)
        self.ids += ids

    def order(self, customer: UUID, on: date, amount: float) -> None:
        """One more order."""
        at = datetime.combine(on, time(12), UTC)
        self.session.execute(insert(CustomerEvent), [self._order(customer, at, round(amount * MICROS))])

    def refund(self, order: CustomerEvent) -> None:
        """All of it, an hour later."""
        back = self._order(order.customer_id, order.happened_at + timedelta(hours=1), order.value_micros or 0)
        self.session.execute(insert(CustomerEvent), [back | {"kind": "refund", "order_ref": order.order_ref}])

    def show(self, offer: str, *, times: int, rate: float, seed: int = 1, since_days: int = 200) -> None:
        """An offer that customers drawn at random saw between `since_days` and twenty days ago; a share of `rate` took it a day later."""
        random = np.random.default_rng(seed)
        now = datetime.combine(today(), time(9), UTC)
        events: list[dict[str, Any]] = []
        for who, days_ago, answer in zip(
            random.choice(len(self.ids), times),
            random.integers(20, since_days, times),
            random.random(times) < rate,
            strict=True,
        ):
            at = now - timedelta(days=int(days_ago), minutes=len(events))
            events.append(self._event(self.ids[who], at) | {"kind": "offer_shown", "name": offer})
            if answer:
                later = self._event(self.ids[who], at + timedelta(days=1))
                events.append(later | {"kind": "offer_taken", "name": offer})
        self.session.execute(insert(CustomerEvent), events)

    def choose(self, *, currency: str = "USD") -> Trained:
        """As the job that works out next offers does."""
        setting = Setting(currency, ZONE, today())
        return train_offers(self.session, setting, progress=lambda _share, _sentence: None)

    def train(self, *, currency: str = "USD", on: date | None = None) -> dict[ModelKind, Trained]:
        """As the weekly job does."""
        setting = Setting(currency, ZONE, on or today())
        return train_customers(self.session, setting, progress=lambda _share, _sentence: None)

    def _order(self, customer: UUID, at: datetime, micros: int) -> dict[str, Any]:
        event = self._event(customer, at)
        return event | {"kind": "order", "value_micros": micros, "order_ref": event["external_id"]}

    def _event(self, customer: UUID, at: datetime) -> dict[str, Any]:
        self.number += 1
        return {"customer_id": customer, "happened_at": at, "source": "test", "external_id": f"e{self.number}"}
