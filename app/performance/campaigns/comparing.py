"""Platforms beside each other in the workspace's currency, and the best and worst campaigns by a metric."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Float, Select, cast, func, select
from sqlalchemy.orm import Session

from app.campaigns.platform_models import Campaign, CampaignDay
from app.performance.campaigns.asking import Asked
from app.performance.campaigns.queries import BASE_COLUMNS, MONEY_BASES, find_campaigns, known_extent, rate_on
from app.performance.campaigns.service import NO_RATE, CampaignRow, added, campaign_row, metric_values
from app.performance.catalogue import METRICS, Good
from app.performance.queries import Extent
from app.performance.service import Notice, PeriodRequest, Value, choose_window
from app.performance.windows import Window
from billing.plans import Plan
from kit.errors import FieldError, InvalidInput

RANKED_BY = ("roas", "cpa", "conversions", "revenue", "conversion_rate", "ctr", "cpc", "cpm")
RANKED = 10


@dataclass(frozen=True)
class PlatformRow:
    """A platform in the period; money in the workspace's currency. `campaigns` had spend or were shown."""

    platform: str
    campaigns: int
    values: dict[str, Value]
    spend_share: float | None
    value_share: float | None


@dataclass(frozen=True)
class Platforms:
    """All platforms with days in the period, those that cost most first."""

    window: Window
    known: Extent
    currency: str
    rows: tuple[PlatformRow, ...]
    totals: dict[str, Value]
    notices: tuple[Notice, ...]


@dataclass(frozen=True)
class Ranking:
    """The best and the worst campaigns by a metric among those that spent enough; none is in both."""

    window: Window
    known: Extent
    metric: str
    min_spend: float
    best: tuple[CampaignRow, ...]
    worst: tuple[CampaignRow, ...]
    notices: tuple[Notice, ...]


def compare_platforms(session: Session, *, period: PeriodRequest, plan: Plan, currency: str, today: date) -> Platforms:
    """Every day at that day's rate; money of a currency without a rate is left out, and said."""
    known = known_extent(session)
    window, notices = choose_window(known, period=period, plan=plan, today=today)
    sums, counts, missing = _platform_sums(session, window, currency)
    whole = added(list(sums.values()))
    if missing:
        notices.append(Notice(NO_RATE.format(codes=", ".join(sorted(missing)))))
    rows = [
        PlatformRow(
            platform,
            counts.get(platform, 0),
            metric_values(bases),
            _share(bases["spend_micros"], whole["spend_micros"]),
            _share(bases["revenue_micros"], whole["revenue_micros"]),
        )
        for platform, bases in sums.items()
    ]
    ordered = sorted(rows, key=lambda row: (-(row.values["spend"] or 0), row.platform))
    return Platforms(window, known, currency, tuple(ordered), metric_values(whole), tuple(notices))


def rank_campaigns(
    session: Session,
    *,
    metric: str,
    min_spend: float,
    period: PeriodRequest,
    plan: Plan,
    currency: str,
    today: date,
) -> Ranking:
    """Ten from either end. Low is good where the catalogue says so, as for CPA; unknown values are ranked nowhere."""
    if metric not in RANKED_BY:
        raise InvalidInput(
            f"Campaigns cannot be ranked by “{metric}”.",
            f"Use one of: {', '.join(RANKED_BY)}.",
            [FieldError("is unknown", "metric", value=metric)],
        )
    known = known_extent(session)
    window, notices = choose_window(known, period=period, plan=plan, today=today)
    best_first = "" if METRICS[metric].good is Good.DOWN else "-"
    asked = Asked(min_spend=max(min_spend, 0.000001), sort=best_first + metric)
    turned = replace(asked, sort=metric if best_first else f"-{metric}")
    best, worst = (_ends(session, one, window, currency, metric) for one in (asked, turned))
    shown = {row.number for row in best}
    rest = tuple(row for row in worst if row.number not in shown)
    return Ranking(window, known, metric, min_spend, best, rest, tuple(notices))


def _ends(session: Session, asked: Asked, window: Window, currency: str, metric: str) -> tuple[CampaignRow, ...]:
    found = find_campaigns(session, asked, window=window, currency=currency, limit=RANKED, offset=0)
    return tuple(row for row in map(campaign_row, found.rows) if row.values[metric] is not None)


def _platform_sums(
    session: Session, window: Window, currency: str
) -> tuple[dict[str, dict[str, Any]], dict[str, int], set[str]]:
    """Bases per platform in the workspace's currency, how many campaigns had days, and currencies without a rate."""
    parts: dict[str, list[dict[str, int | float | None]]] = {}
    missing: set[str] = set()
    for platform, code, is_rated, *bases in session.execute(_converted(window, currency)):
        if not is_rated:
            missing.add(code)
            continue
        told = zip(BASE_COLUMNS, bases, strict=True)
        parts.setdefault(platform, []).append({base: _whole(base, value) for base, value in told})
    return {key: added(told) for key, told in parts.items()}, _campaigns_with_days(session, window), missing


def _converted(window: Window, currency: str) -> Select[Any]:
    """Summed bases per platform and currency, each day's money at that day's rate; whether every day had one."""
    days = (
        select(
            Campaign.connector_key,
            Campaign.currency,
            CampaignDay.day,
            *(func.sum(column).label(base) for base, column in BASE_COLUMNS.items()),
        )
        .join(Campaign, Campaign.number == CampaignDay.campaign_number)
        .where(CampaignDay.day.between(window.since, window.until))
        .group_by(Campaign.connector_key, Campaign.currency, CampaignDay.day)
        .subquery("days")
    )
    columns = select(days, rate_on(days.c.currency, days.c.day, currency).label("rate")).subquery("rated").c
    sums = (func.sum(columns[base] * columns.rate if base in MONEY_BASES else columns[base]) for base in BASE_COLUMNS)
    return select(
        columns.connector_key,
        columns.currency,
        func.bool_and(columns.rate.is_not(None)),
        *(cast(total, Float) for total in sums),
    ).group_by(columns.connector_key, columns.currency)


def _campaigns_with_days(session: Session, window: Window) -> dict[str, int]:
    had_days = (
        select(CampaignDay.day)
        .where(CampaignDay.campaign_number == Campaign.number, CampaignDay.day.between(window.since, window.until))
        .exists()
    )
    counted = select(Campaign.connector_key, func.count()).where(had_days).group_by(Campaign.connector_key)
    return {key: number for key, number in session.execute(counted) if key}


def _whole(base: str, value: float | None) -> int | float | None:
    return value if value is None or base == "conversions" else round(value)


def _share(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None
