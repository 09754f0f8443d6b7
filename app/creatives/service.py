"""Reading every ad that runs, and telling what was found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from app.campaigns.facts import data_version
from app.campaigns.models import Channel
from app.creatives.models import CreativeReading
from app.creatives.queries import (
    RUNS_WITHIN_DAYS,
    AccountDays,
    AdHistory,
    Filters,
    Listed,
    accounts_with_ads,
    counts_by_level,
    days_of_all,
    last_read,
    listed,
    running_ads,
)
from app.creatives.reading import judged, together
from kit.clock import utc_now
from kit.errors import FieldError, InvalidInput
from kit.money import MICROS
from ml.fatigue import Fatigue, FatigueLevel

LEVELS: tuple[FatigueLevel, ...] = get_args(FatigueLevel)
Progress = Callable[[float, str], Any]


@dataclass(frozen=True)
class FoundAds:
    """A part of the list. `counts` are of all ads by level, whatever the level asked for; None where nothing was read yet."""

    rows: tuple[Listed, ...]
    total: int
    counts: dict[str, int]
    read_at: datetime | None
    is_current: bool


def read_ads(session: Session, *, progress: Progress) -> int | None:
    """Judge every ad that was shown in the last four weeks, and keep what was found in place of what was. Answers how many; None
    where no fact has changed since."""
    version, known = data_version(session), last_read(session)
    if known is not None and known[0] == version:
        return None
    rows, accounts = [], accounts_with_ads(session)
    for index, account in enumerate(accounts):
        progress(index / len(accounts), "Comparing each ad with its own first days")
        rows += list(_readings(session, account, version=version))
    session.execute(delete(CreativeReading))
    if rows:
        session.execute(insert(CreativeReading), rows)
    return len(rows)


def _readings(session: Session, account: AccountDays, *, version: int) -> Iterator[dict[str, Any]]:
    ads = running_ads(session, account)
    if not ads:
        return
    all_ads, now = together(days_of_all(session, account.account_id)), utc_now()
    for ad in ads:
        found = judged(ad, all_ads)
        yield _row(ad, found, account) | {"data_version": version, "read_at": now}


def _row(ad: AdHistory, found: Fatigue, account: AccountDays) -> dict[str, Any]:
    begins = account.until - timedelta(days=RUNS_WITHIN_DAYS)
    spend = sum(amount for day, amount in zip(ad.days, ad.spend, strict=True) if day > begins)
    return {
        "ad_number": ad.number,
        "level": found.level,
        "ratio": found.ctr.ratio if found.ctr else None,
        "low": found.ctr.low if found.ctr else None,
        "high": found.ctr.high if found.ctr else None,
        "spend_micros": round(spend * MICROS),
        "since": ad.days[0],
        "until": ad.days[-1],
        "document": found.to_dict(),
    }


def list_ads(session: Session, filters: Filters, *, limit: int, offset: int) -> FoundAds:
    """What was found, worn out ads first. Raises InvalidInput for a level or channel that there is not."""
    _check(session, filters)
    counts, known = counts_by_level(session, filters), last_read(session)
    return FoundAds(
        rows=tuple(listed(session, filters, limit=limit, offset=offset)),
        total=counts.get(filters.level, 0) if filters.level else sum(counts.values()),
        counts=counts,
        read_at=known[1] if known else None,
        is_current=known is not None and known[0] == data_version(session),
    )


def asked_filters(level: str | None, channel: str | None, campaign: UUID | None) -> Filters:
    """Filters as an address says them."""
    return Filters(level or "", channel or "", campaign)


def _check(session: Session, filters: Filters) -> None:
    if filters.level and filters.level not in LEVELS:
        choices = f"Choose one of: {', '.join(LEVELS)}."
        raise InvalidInput("There is no such level.", choices, [FieldError(choices, "level", value=filters.level)])
    if filters.channel and session.query(Channel.id).filter(Channel.key == filters.channel).first() is None:
        raise InvalidInput(
            "There is no such channel.",
            "Take the key of a channel of yours.",
            [FieldError("is no channel of yours", "channel", value=filters.channel)],
        )
