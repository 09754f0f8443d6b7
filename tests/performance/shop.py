"""Facts for tests, in units of the currency, and how they get into a workspace: staged and merged, as imports do it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from app.campaigns.channels import StandardName, learn_names
from app.campaigns.facts import merge_staged
from app.imports.staging import StagedValues, stage
from billing.plans import PREMIUM
from kit.db import ScopedSession

LAST_DAY = date(2026, 11, 20)
TODAY = date(2026, 11, 21)
MICROS = 1_000_000


@dataclass(frozen=True)
class Fact:
    """A day of a campaign; None is unknown."""

    day: date
    channel: str
    campaign: str = ""
    spend: int = 0
    revenue: int | None = None
    conversions: int | None = None
    new_customers: int | None = None


def store(session: ScopedSession, facts: Sequence[Fact]) -> None:
    """Make the facts' channels known and merge the facts."""
    learn_names(
        session, names={fact.channel: StandardName(_key(fact.channel), fact.channel) for fact in facts}, plan=PREMIUM
    )
    import_id = uuid4()
    stage(session, import_id=import_id, rows=(_staged(fact, row) for row, fact in enumerate(facts, 1)))
    merge_staged(session, import_id=import_id)


def _key(name: str) -> str:
    return re.sub(r"\W+", "_", name.lower()).strip("_")


def _staged(fact: Fact, row: int) -> StagedValues:
    return StagedValues(
        row=row,
        day=fact.day,
        source_name=fact.channel,
        campaign=fact.campaign,
        spend_micros=fact.spend * MICROS,
        revenue_micros=None if fact.revenue is None else fact.revenue * MICROS,
        impressions=None,
        clicks=None,
        conversions=fact.conversions,
        new_customers=fact.new_customers,
        returning_customers=None,
    )
