"""A shop with a year of steady days, in which a test bends some."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import uuid4

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.campaigns.channels import StandardName, learn_names
from app.campaigns.facts import merge_staged
from app.imports.staging import StagedValues, stage
from app.performance.anomaly_finding import Look, look_for_anomalies
from app.performance.models import AnomalyReading, AnomalyRow
from billing.plans import PREMIUM
from kit.clock import today_in
from kit.money import MICROS

CHANNELS = {"google_ads": ("Google Ads", 1.0), "facebook_ads": ("Facebook Ads", 0.6)}
Bend = Callable[[date, str, dict[str, float]], dict[str, float] | None]


def today() -> date:
    return today_in("UTC")


def days_ago(number: int) -> date:
    return today() - timedelta(days=number)


@dataclass
class SteadyShop:
    """Two channels with about 100 and 60 of spend a day, three times as much revenue, a weekday pattern and a little noise."""

    session: Session
    days: int = 150
    seed: int = 3
    sums: dict[tuple[date, str], dict[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        random = np.random.default_rng(self.seed)
        for offset in range(self.days, 0, -1):
            day = days_ago(offset)
            weekday = 1 + 0.15 * np.sin(day.weekday() / 7 * 2 * np.pi)
            for key, (_, size) in CHANNELS.items():
                noise = np.exp(random.normal(0, 0.04, 5))
                spend = 1000 * size * weekday * noise[0]
                impressions = spend * 100 * noise[1]
                clicks = impressions * 0.02 * noise[2]
                conversions = clicks * 0.05 * noise[3]
                self.sums[day, key] = {
                    "spend": spend,
                    "impressions": impressions,
                    "clicks": clicks,
                    "conversions": conversions,
                    "revenue": conversions * 30 * noise[4],
                }

    def stored(self, bend: Bend = lambda _day, _channel, sums: sums) -> None:
        """Write the days down as an import would, each as `bend` makes it; None leaves it out."""
        names = {name: StandardName(key, name) for key, (name, _) in CHANNELS.items()}
        learn_names(self.session, names=names, plan=PREMIUM)
        import_id = uuid4()
        stage(self.session, import_id=import_id, rows=self._rows(bend))
        merge_staged(self.session, import_id=import_id)

    def look(self) -> Look:
        """What the daily job does."""
        return look_for_anomalies(self.session, today=today(), progress=lambda _share, _sentence: None)

    def found(self, metric: str, *, of_business: bool = True) -> list[AnomalyRow]:
        """What is known of a metric and not withdrawn, in the order of the days."""
        scope = AnomalyRow.channel_id.is_(None) if of_business else AnomalyRow.channel_id.is_not(None)
        asked = select(AnomalyRow).where(AnomalyRow.metric == metric, scope, AnomalyRow.withdrawn_at.is_(None))
        return list(self.session.scalars(asked.order_by(AnomalyRow.starts_on)))

    def reading(self, metric: str) -> AnomalyReading:
        """The newest look at a metric of the business."""
        asked = select(AnomalyReading).where(AnomalyReading.metric == metric, AnomalyReading.channel_id.is_(None))
        return self.session.scalars(asked).one()

    def _rows(self, bend: Bend) -> Iterable[StagedValues]:
        for row, ((day, key), sums) in enumerate(self.sums.items(), 1):
            bent = bend(day, key, dict(sums))
            if bent is not None:
                yield _staged(row, day, CHANNELS[key][0], bent)


def scaled(days: Iterable[date], **factors: float) -> Bend:
    """On these days the named sums are so many times what they were."""
    chosen = set(days)

    def bend(day: date, _channel: str, sums: dict[str, float]) -> dict[str, float]:
        return {name: value * factors.get(name, 1.0) if day in chosen else value for name, value in sums.items()}

    return bend


def _staged(row: int, day: date, name: str, sums: dict[str, float]) -> StagedValues:
    return StagedValues(
        row=row,
        day=day,
        source_name=name,
        campaign="",
        spend_micros=round(sums["spend"] * MICROS),
        revenue_micros=round(sums["revenue"] * MICROS),
        impressions=round(sums["impressions"]),
        clicks=round(sums["clicks"]),
        conversions=round(sums["conversions"]),
        new_customers=None,
        returning_customers=None,
    )
