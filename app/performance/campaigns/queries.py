"""The SELECTs of campaigns with numbers: one pass over the window's days for a page of the list and its totals."""

from dataclasses import dataclass, replace
from typing import Any
from typing import cast as cast_to
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, cast, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger, Float, String

from app.campaigns.models import Channel
from app.campaigns.platform_models import Campaign, CampaignDay, ExchangeRate
from app.connections.models import AdAccount
from app.performance.campaigns.asking import METRIC_COLUMNS, PLANS, Asked
from app.performance.catalogue import METRICS
from app.performance.queries import Extent, extent
from app.performance.windows import Window
from kit.money import MICROS

# The catalogue's bases and where campaigns' days keep them: `revenue` of a campaign is the value that its platform claims.
BASE_COLUMNS = {
    "spend_micros": CampaignDay.spend_micros,
    "revenue_micros": CampaignDay.conversion_value_micros,
    "impressions": CampaignDay.impressions,
    "clicks": CampaignDay.clicks,
    "conversions": CampaignDay.conversions,
}
MONEY_BASES = {"spend_micros", "revenue_micros"}
_TYPES = {base: Float() if base == "conversions" else BigInteger() for base in BASE_COLUMNS}


@dataclass(frozen=True)
class Found:
    """A page of rows, and per currency how many campaigns the filters leave and their summed bases."""

    rows: list[dict[str, Any]]
    totals: list[dict[str, Any]]


def find_campaigns(session: Session, asked: Asked, *, window: Window, currency: str, limit: int, offset: int) -> Found:
    """A page of the list. Money is compared in the workspace's currency where the campaigns' differ."""
    found = campaigns_statement(asked, window=window).cte("found")
    columns = found.c
    per_currency = (
        select(
            columns.currency,
            func.count().label("campaigns"),
            *(cast(func.sum(columns[base]), _TYPES[base]).label(base) for base in BASE_COLUMNS),
        )
        .group_by(columns.currency)
        .subquery()
    )
    named = [part for column in per_currency.c for part in (literal(column.key, String), column)]
    totals = select(func.jsonb_agg(func.jsonb_build_object(*named), type_=JSONB).label("totals")).subquery()
    page = (select(found).order_by(*_ordering(columns, asked, window, currency)).limit(limit).offset(offset)).subquery(
        "page"
    )
    position = func.row_number().over().label("position")
    statement = select(totals.c.totals, position, page).select_from(totals.outerjoin(page, true()))
    rows = [dict(row) for row in session.execute(statement).mappings()]
    return Found([row for row in rows if row["number"] is not None], rows[0]["totals"] or [])


def campaigns_statement(asked: Asked, *, window: Window) -> Select[Any]:
    """Every campaign that the filters leave, with its summed bases in its own currency (None: nothing told)."""
    sums = window_sums(window)
    statement = (
        select(
            Campaign.number,
            Campaign.id,
            Campaign.name,
            Campaign.status,
            Campaign.raw_status,
            Campaign.connector_key,
            Campaign.account_id,
            Campaign.currency,
            Campaign.daily_budget_micros,
            Campaign.lifetime_budget_micros,
            Campaign.budget_owner,
            AdAccount.name.label("account_name"),
            Channel.key.label("channel_key"),
            Channel.name.label("channel_name"),
            Channel.slot,
            *(sums.c[base] for base in BASE_COLUMNS),
        )
        .join(Channel, Channel.id == Campaign.channel_id)
        .outerjoin(AdAccount, AdAccount.id == Campaign.account_id)
        .outerjoin(sums, sums.c.campaign_number == Campaign.number)
        .where(*_filters(asked, sums))
    )
    return cast_to("Select[Any]", statement)


def window_sums(window: Window) -> Subquery:
    """Summed bases per campaign over the window."""
    return (
        select(
            CampaignDay.campaign_number,
            *(cast(func.sum(column), _TYPES[base]).label(base) for base, column in BASE_COLUMNS.items()),
        )
        .where(CampaignDay.day.between(window.since, window.until))
        .group_by(CampaignDay.campaign_number)
        .subquery("sums")
    )


def _filters(asked: Asked, sums: Subquery) -> list[ColumnElement[bool]]:
    spend = func.coalesce(sums.c.spend_micros, 0)
    conditions: list[ColumnElement[bool]] = [
        Campaign.status == asked.status if asked.status else Campaign.status != "removed"
    ]
    if asked.q:
        conditions.append(
            or_(
                Campaign.name.icontains(asked.q, autoescape=True),
                Campaign.platform_id == asked.q,
            )
        )
    if asked.platform:
        conditions.append(
            Campaign.account_id.is_(None) if asked.platform == PLANS else Campaign.connector_key == asked.platform
        )
    if asked.channel:
        conditions.append(Channel.key == asked.channel)
    if asked.account:
        conditions.append(Campaign.account_id == asked.account)
    if asked.min_spend is not None:
        conditions.append(spend >= round(asked.min_spend * MICROS))
    if asked.max_spend is not None:
        conditions.append(spend <= round(asked.max_spend * MICROS))
    return conditions


def _ordering(columns: Any, asked: Asked, window: Window, currency: str) -> list[ColumnElement[Any]]:
    """By the asked column with unknown values last either way, then by name and number, so that pages never shuffle."""
    key = asked.sort_key
    if key in METRIC_COLUMNS:
        column = _metric_column(columns, key, window, currency)
    elif key == "budget":
        column = columns.daily_budget_micros * rate_on(columns.currency, literal(window.until), currency)
    else:
        names = {"platform": "connector_key", "channel": "channel_name", "account": "account_name"}
        column = columns[names.get(key, key)]
        column = func.lower(column) if key in {"name", "account", "channel"} else column
    ordered = column.desc() if asked.descending else column.asc()
    return [ordered.nulls_last(), func.lower(columns.name), columns.number]


def _metric_column(columns: Any, key: str, window: Window, currency: str) -> ColumnElement[Any]:
    metric = METRICS[key]
    value: ColumnElement[Any] = cast(columns[metric.base], Float)
    if metric.per is not None:
        value = value / func.nullif(columns[metric.per], 0)
    is_money = metric.base in MONEY_BASES and metric.per not in MONEY_BASES
    return value * rate_on(columns.currency, literal(window.until), currency) if is_money else value


def rate_on(code: ColumnElement[Any], day: ColumnElement[Any], currency: str) -> ColumnElement[Any]:
    """What a unit of `code` was worth in the workspace's currency on a day, or on the last day before that has a rate."""
    known = (
        select(cast(ExchangeRate.rate, Float))
        .where(ExchangeRate.currency == code, ExchangeRate.day <= day)
        .order_by(ExchangeRate.day.desc())
        .limit(1)
        .scalar_subquery()
    )
    return case((code == literal(currency, String), 1.0), else_=known)


def converted_sums(
    session: Session, asked: Asked, *, window: Window, currency: str
) -> dict[str, tuple[int, int | None] | None]:
    """Foreign money of what the filters leave, each day at that day's rate: (spend, value) per currency; None without a rate."""
    chosen = campaigns_statement(asked, window=window).where(Campaign.currency != currency).subquery("chosen")
    days = (
        select(
            chosen.c.currency,
            CampaignDay.day,
            func.sum(CampaignDay.spend_micros).label("spend"),
            func.sum(CampaignDay.conversion_value_micros).label("value"),
        )
        .join(chosen, chosen.c.number == CampaignDay.campaign_number)
        .where(CampaignDay.day.between(window.since, window.until))
        .group_by(chosen.c.currency, CampaignDay.day)
        .subquery("days")
    )
    rated = select(days, rate_on(days.c.currency, days.c.day, currency).label("rate")).subquery("rated")
    rows = session.execute(
        select(
            rated.c.currency,
            cast(func.sum(rated.c.spend * rated.c.rate), Float),
            cast(func.sum(rated.c.value * rated.c.rate), Float),
            func.bool_and(rated.c.rate.is_not(None)),
        ).group_by(rated.c.currency)
    )
    return {
        code: (round(spend), None if value is None else round(value)) if is_whole else None
        for code, spend, value, is_whole in rows
    }


def known_accounts(session: Session) -> list[tuple[UUID, str, str]]:
    """Accounts that have campaigns: (id, name, platform), for the filter."""
    rows = session.execute(
        select(AdAccount.id, AdAccount.name, AdAccount.connector_key)
        .where(select(Campaign.number).where(Campaign.account_id == AdAccount.id).exists())
        .order_by(AdAccount.connector_key, AdAccount.name)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def known_channels(session: Session) -> list[tuple[str, str]]:
    """Channels that have campaigns: (key, name), for the filter."""
    rows = session.execute(
        select(Channel.key, Channel.name)
        .where(select(Campaign.number).where(Campaign.channel_id == Channel.id).exists())
        .order_by(Channel.slot)
    )
    return [(row[0], row[1]) for row in rows]


def known_extent(session: Session) -> Extent:
    """What is known of the roll-up, stretched to the days that platforms have told but that nobody could convert yet."""
    known = extent(session)
    first, last = session.execute(select(func.min(CampaignDay.day), func.max(CampaignDay.day))).one()
    firsts = [day for day in (known.first_day, first) if day is not None]
    lasts = [day for day in (known.last_day, last) if day is not None]
    return replace(known, first_day=min(firsts, default=None), last_day=max(lasts, default=None))


def of_campaign(number: int, window: Window) -> ColumnElement[bool]:
    """One campaign's days of the window."""
    return and_(CampaignDay.campaign_number == number, CampaignDay.day.between(window.since, window.until))
