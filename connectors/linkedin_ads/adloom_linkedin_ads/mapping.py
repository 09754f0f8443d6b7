"""LinkedIn's objects as Adloom's records: the only place where LinkedIn's words, URNs and units are understood."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Literal

import msgspec
from msgspec.structs import replace

from adloom_linkedin_ads import wire
from adloom_sdk import (
    Account,
    AccountStatus,
    Ad,
    BudgetOwner,
    Campaign,
    Creative,
    DailyMetric,
    EntityState,
    EntityStatus,
    Level,
)
from adloom_sdk.errors import SchemaDrift
from adloom_sdk.money import micros_from_decimal

ZONE = "UTC"
STATUSES = {
    "ACTIVE": EntityStatus.ACTIVE,
    "PAUSED": EntityStatus.PAUSED,
    "DRAFT": EntityStatus.OTHER,
    "ARCHIVED": EntityStatus.ENDED,
    "COMPLETED": EntityStatus.ENDED,
    "CANCELED": EntityStatus.ENDED,
    "PENDING_DELETION": EntityStatus.REMOVED,
    "REMOVED": EntityStatus.REMOVED,
}
EXTRAS = (
    "landing_page_clicks",
    "one_click_leads",
    "total_engagements",
    "external_website_post_click_conversions",
    "external_website_post_view_conversions",
)
METRICS = (
    "cost_in_local_currency",
    "impressions",
    "clicks",
    "external_website_conversions",
    "conversion_value_in_local_currency",
    "video_views",
    "approximate_member_reach",
    *EXTRAS,
)
FIELD_NAMES = {field.name: field.encode_name for field in msgspec.structs.fields(wire.ReportRow)}
ATTRIBUTION = "Website conversions up to 30 days after a click and 7 days after a view, unless the conversion's rule says otherwise."

_URNS = {Level.CAMPAIGN: "sponsoredCampaign", Level.AD: "sponsoredCreative"}
_MICRO = Decimal("0.000001")
_CLOSED = {"CANCELED", "PENDING_DELETION", "REMOVED"}


def named(account: Account) -> Account:
    """The account by its number, which paths want, where somebody gave its URN."""
    return replace(account, id=urn_id(account.id))


def account(row: wire.Account) -> Account:
    """An ad account. What is on hold for money still reads; what is restricted or closed does not."""
    serving, raw = row.serving_statuses or [], row.status or ""
    status, problem = AccountStatus.ACTIVE, ""
    if raw in _CLOSED:
        status, problem = AccountStatus.CLOSED, "This LinkedIn ad account is closed."
    elif "RESTRICTED_HOLD" in serving:
        status, problem = AccountStatus.DISABLED, "LinkedIn has restricted this ad account."
    elif raw != "ACTIVE" or "RUNNABLE" not in (serving or ["RUNNABLE"]):
        status = AccountStatus.LIMITED
    return Account(
        id=str(row.id),
        name=row.name or str(row.id),
        currency=row.currency or "",
        timezone=ZONE,
        status=status,
        raw_status=raw,
        parent_id=row.reference,
        problem=problem,
    )


def campaign(row: wire.Campaign, account: Account) -> Campaign:
    """A campaign; its group is the parent."""
    state, schedule = campaign_state(row), row.run_schedule or wire.Schedule()
    stamp = row.change_audit_stamps.last_modified if row.change_audit_stamps else None
    money = row.daily_budget or row.total_budget or wire.Money()
    return Campaign(
        id=str(row.id),
        account_id=account.id,
        name=row.name or "",
        status=state.status,
        raw_status=state.raw_status,
        objective=row.objective_type or "",
        kind=row.type or "",
        currency=money.currency_code or account.currency,
        daily_budget_micros=state.daily_budget_micros,
        lifetime_budget_micros=_money(row.total_budget),
        budget_owner=BudgetOwner.SHARED if state.is_budget_shared else BudgetOwner.CAMPAIGN,
        starts_on=_day_of(schedule.start),
        ends_on=_day_of(schedule.end),
        updated_at=_instant(stamp.time if stamp else None),
        parent_id=urn_id(row.campaign_group) or None,
    )


def campaign_state(row: wire.Campaign) -> EntityState:
    """What can be written of a campaign. Where neither budget is its own, the group's feeds it."""
    return EntityState(
        status=STATUSES.get(row.status or "", EntityStatus.OTHER),
        raw_status=row.status or "",
        daily_budget_micros=_money(row.daily_budget),
        is_budget_shared=row.daily_budget is None and row.total_budget is None,
        version=str((row.version.version_tag if row.version else None) or ""),
    )


def ad(row: wire.Creative, account: Account) -> Ad:
    """A creative as an ad. There is nothing between campaign and creative, so the campaign is its ad group too."""
    campaign_id, state = urn_id(row.campaign), ad_state(row)
    return Ad(
        id=urn_id(row.id),
        account_id=account.id,
        campaign_id=campaign_id,
        ad_group_id=campaign_id,
        name=row.name or f"Creative {urn_id(row.id)}",
        status=state.status,
        raw_status=state.raw_status,
        creative_id=urn_id(row.id),
        updated_at=_instant(row.last_modified_at),
    )


def ad_state(row: wire.Creative) -> EntityState:
    """What can be written of a creative: its status."""
    status = STATUSES.get(row.intended_status or "", EntityStatus.OTHER)
    return EntityState(status=status, raw_status=row.intended_status or "")


def creative(row: wire.Creative, account: Account) -> Creative:
    """The words of a creative, where they are its own."""
    text = row.content.text_ad if row.content else None
    kind: Literal["text", "other"] = "text" if text else "other"
    text = text or wire.TextAd()
    return Creative(
        id=urn_id(row.id),
        account_id=account.id,
        kind=kind,
        name=row.name or "",
        title=text.headline or "",
        body=text.description or "",
        link_url=text.landing_page or "",
    )


def joined(reports: Iterable[list[wire.ReportRow]]) -> list[wire.ReportRow]:
    """Rows of reports that asked for different fields, put together by entities and day; the reports' order is kept."""
    found: dict[tuple[object, ...], wire.ReportRow] = {}
    for report in reports:
        for row in report:
            known = found.setdefault((tuple(row.pivot_values), _date(row.date_range.start)), row)
            for name in FIELD_NAMES:
                if getattr(known, name) is None:
                    setattr(known, name, getattr(row, name))
    return list(found.values())


def daily(row: wire.ReportRow, account: Account, level: Level) -> DailyMetric:
    """One entity's day in UTC."""
    ids = {urn.rpartition(":")[0].rpartition(":")[2]: urn_id(urn) for urn in row.pivot_values}
    entity_id = ids.get(_URNS[level], "")
    if not entity_id:
        raise SchemaDrift(f"LinkedIn's report names no {level}.")
    cost = row.cost_in_local_currency
    if cost is None and account.currency == "USD":
        cost = row.cost_in_usd
    return DailyMetric(
        account_id=account.id,
        level=level,
        entity_id=entity_id,
        campaign_id=ids.get(_URNS[Level.CAMPAIGN], ""),
        day=_date(row.date_range.start),
        currency=account.currency,
        spend_micros=_micros(cost) or 0,
        impressions=_count(row.impressions),
        clicks=_count(row.clicks),
        conversions=_number(row.external_website_conversions),
        conversion_value_micros=_micros(row.conversion_value_in_local_currency),
        video_views=_count(row.video_views),
        reach=_count(row.approximate_member_reach),
        extras={name: value for name in EXTRAS if (value := _number(getattr(row, name))) is not None},
        attribution=ATTRIBUTION,
    )


def urn_id(urn: str | int | None) -> str:
    """The number at the end of a URN, or the number itself."""
    return str(urn or "").rpartition(":")[2]


def _money(money: wire.Money | None) -> int | None:
    return _micros(money.amount) if money else None


def _micros(value: wire.Value) -> int | None:
    """Binary dust goes in the rounding ("99.99999999999996" is 100), and what is less than a micro is nothing ("-2e-18" is 0)."""
    try:
        micros = None if value is None else micros_from_decimal(value)
        return 0 if micros is not None and abs(Decimal(str(value).replace(",", ""))) < _MICRO else micros
    except ValueError as error:
        raise SchemaDrift(f"LinkedIn tells an amount that is no number: {value}") from error


def _number(value: wire.Value) -> float | None:
    try:
        number = None if value is None else float(value)
    except ValueError as error:
        raise SchemaDrift(f"LinkedIn tells a count that is no number: {value}") from error
    if number is not None and not isfinite(number):
        raise SchemaDrift(f"LinkedIn tells a count that is no number: {value}")
    return None if number is None else round(number, 6) + 0.0  # no minus before a zero


def _count(value: wire.Value) -> int | None:
    number = _number(value)
    return None if number is None else round(number)


def _date(told: wire.Day) -> date:
    try:
        return date(int(told.year), int(told.month), int(told.day))
    except (ValueError, OverflowError) as error:
        raise SchemaDrift("LinkedIn tells a day that is none.") from error


def _instant(milliseconds: int | str | None) -> datetime | None:
    """An instant; None where what was told is none, as no number hangs on it."""
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC) if milliseconds else None
    except (ValueError, OverflowError, OSError):
        return None


def _day_of(milliseconds: int | str | None) -> date | None:
    instant = _instant(milliseconds)
    return instant.date() if instant else None
