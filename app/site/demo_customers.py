"""The demo shop's customers: eighteen months of orders, refunds, touches by its channels and offers, made up the same way each time.

They buy again at a rate of their own until they stop for good, so that lifetime value and churn have something to find; Google closes
what Facebook and Instagram begin; who is shown which offer is drawn by lot, so that its effect can be learnt.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import numpy as np
from sqlalchemy.orm import Session

from app.customers.queries import customer_count
from app.customers.taking import take_events
from app.customers.telling import Told
from app.imports.customer_running import learn_channels
from app.offers.schemas import OfferRequest
from app.offers.service import add_offer
from app.predictions.jobs import TrainCustomers
from billing.plans import PREMIUM
from kit.jobs import enqueue
from kit.money import MICROS
from tenants.workspaces.principal import WorkspaceRef

CUSTOMERS, BUYERS, DAYS = 2_000, 1_750, 548
SOURCE = "shop"
# Of an order's touches: how often a channel begins a path, and how often it ends one.
_CHANNELS = ("Google Search", "Facebook Ads", "Instagram Ads", "TikTok Ads", "Email", "Pinterest Ads")
_BEGINS = np.array([0.20, 0.32, 0.24, 0.12, 0.02, 0.10])
_ENDS = np.array([0.46, 0.14, 0.10, 0.03, 0.24, 0.03])
# Name → (acceptance of somebody who has just ordered, what a sale with it leaves in per cent of one without).
_OFFERS = {
    "Free shipping": (0.16, 90),
    "10 % off": (0.20, 72),
    "Gift with the next order": (0.11, 85),
    "none": (0.0, 100),
}
_USUAL_MARGIN = 31
_FIRST = (
    "Ada",
    "Ben",
    "Cleo",
    "Dario",
    "Edda",
    "Finn",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Kaja",
    "Lars",
    "Mira",
    "Nils",
    "Olga",
    "Per",
)
_LAST = ("Aune", "Berg", "Dahl", "Engen", "Foss", "Grande", "Haug", "Lie", "Moen", "Nes", "Ruud", "Skog", "Strand", "Vik")  # fmt: skip
_COUNTRIES = ("NO", "SE", "DK", "DE", "GB")


def tell_of_customers(session: Session, *, workspace: WorkspaceRef, seed: int, end_on: date) -> int:
    """Store the customers where there are none yet, with the shop's offers; returns how many things were told."""
    if customer_count(session):
        return 0
    told = sorted(_everything(np.random.default_rng(seed), end_on), key=lambda one: one.happened_at)
    learn_channels(session, told, plan=PREMIUM, known=set())
    take_events(session, told, source=SOURCE)
    for name, (_, share) in _OFFERS.items():
        if name != "none":
            add_offer(session, _offer(name, share), workspace=workspace)
    job = TrainCustomers(currency=workspace.currency, timezone=workspace.timezone)
    enqueue(session, job, dedupe_key="predictions.train_customers")
    return len(told)


def _offer(name: str, share: int) -> OfferRequest:
    return OfferRequest(
        name=name,
        margin_micros=_USUAL_MARGIN * share * MICROS // 100,
        usual_margin_micros=_USUAL_MARGIN * MICROS,
        cost_micros=MICROS // 20,
    )


def _everything(rng: np.random.Generator, end_on: date) -> Iterator[Told]:
    start = datetime(end_on.year, end_on.month, end_on.day, tzinfo=UTC) - timedelta(days=DAYS - 1)
    # The shop grows: later days bring more new customers.
    first_days = np.sort((DAYS - 2) * np.sqrt(rng.uniform(0.02, 1.0, CUSTOMERS)))
    is_buyer = rng.permutation(CUSTOMERS) < BUYERS
    for number, (day, buys) in enumerate(zip(first_days, is_buyer, strict=True), start=1):
        who = _Person(rng, number, start)
        if buys:
            yield from who.buys(float(day))
        else:
            yield from who.path(float(day), 1 + int(rng.integers(3)))


class _Person:
    """One customer. Days are counted from the demo's first one."""

    def __init__(self, rng: np.random.Generator, number: int, start: datetime) -> None:
        self.rng, self.start, self.told = rng, start, 0
        first, last = _FIRST[int(rng.integers(len(_FIRST)))], _LAST[int(rng.integers(len(_LAST)))]
        self.key, self.name = f"C-{number:05}", f"{first} {last}"
        self.email = f"{first}.{last}.{number}@example.com".lower()
        self.country = str(rng.choice(_COUNTRIES, p=(0.5, 0.2, 0.12, 0.12, 0.06)))
        # Gamma rates and beta chances to stop: the world of BG/NBD. Orders' values vary less within a customer than between them.
        self.per_day = float(rng.gamma(0.75, 1 / 42))
        self.stops = float(rng.beta(0.9, 2.6))
        self.usual_value = float(rng.gamma(6.0, 12.0))

    def buys(self, day: float) -> Iterator[Told]:
        """Orders until the customer stops or the demo's last day, each with its path, some refunded, some followed by an offer."""
        orders = 0
        while day < DAYS - 1:
            orders += 1
            yield from self.path(day, 1 + int(self.rng.poisson(1.1)))
            yield from self._order(day, orders)
            yield from self._offered(day, orders)
            if self.rng.uniform() < self.stops:
                return
            day += float(self.rng.exponential(1 / max(self.per_day, 1e-3)))

    def path(self, day: float, touches: int) -> Iterator[Told]:
        """Touches of the two weeks before a day."""
        for place, before in enumerate(np.sort(self.rng.uniform(0.05, 14, touches))[::-1], start=1):
            weights = _ENDS if place == touches else _BEGINS
            channel = str(self.rng.choice(_CHANNELS, p=weights / weights.sum()))
            yield self._said("touch", day - float(before), channel=channel, name=channel)

    def _order(self, day: float, orders: int) -> Iterator[Told]:
        value = max(9.0, float(self.rng.gamma(5.0, self.usual_value / 5.0)))
        number = f"{self.key[2:]}-{orders}"
        yield self._said("order", day, value=value, order=number)
        if self.rng.uniform() < 0.06:
            share = 1.0 if self.rng.uniform() < 0.4 else float(self.rng.uniform(0.2, 0.7))
            yield self._said("refund", day + float(self.rng.uniform(3, 20)), value=value * share, order=number)

    def _offered(self, day: float, orders: int) -> Iterator[Told]:
        if self.rng.uniform() > 0.55:
            return
        name = str(self.rng.choice(list(_OFFERS)))
        at = day + float(self.rng.uniform(10, 60))
        yield self._said("offer_shown", at, name=name)
        likely = _OFFERS[name][0] * (0.7 + 0.2 * min(orders, 4))
        if self.rng.uniform() < likely:
            yield self._said("offer_taken", at + float(self.rng.uniform(0.1, 8)), name=name)

    def _said(
        self, kind: str, day: float, *, value: float | None = None, order: str = "", channel: str = "", name: str = ""
    ) -> Told:
        self.told += 1
        return Told(
            customer=self.key,
            kind=kind,
            happened_at=self.start + timedelta(days=min(max(day, 0.0), DAYS - 0.01)),
            value_micros=None if value is None else round(value * 100) * (MICROS // 100),
            order_ref=order,
            channel=channel,
            campaign="",
            name=name,
            properties={},
            external_id=f"{self.key}:{self.told}",
            customer_name=self.name,
            email=self.email,
            country=self.country,
        )
