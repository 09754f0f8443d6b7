"""Microsoft's words to Adloom's: the only place where a field's meaning is decided."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from adloom_microsoft_ads import wire
from adloom_microsoft_ads.timezones import ZONES
from adloom_sdk import (
    Account,
    AccountStatus,
    Ad,
    AdGroup,
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

ATTRIBUTION = "Microsoft: last click, counted on the day of the click, within the account's conversion window (30 days by default)"
_ACCOUNT_STATUSES = {
    "Active": AccountStatus.ACTIVE,
    "Draft": AccountStatus.LIMITED,
    "Pending": AccountStatus.LIMITED,
    "Pause": AccountStatus.DISABLED,
    "Suspended": AccountStatus.DISABLED,
    "Inactive": AccountStatus.CLOSED,
}
_PROBLEMS = {
    AccountStatus.DISABLED: "Microsoft has paused this account. Open Microsoft Advertising to see why.",
    AccountStatus.CLOSED: "This account is closed.",
}
_STATUSES = {
    "Active": EntityStatus.ACTIVE,
    "BudgetPaused": EntityStatus.ACTIVE,
    "Paused": EntityStatus.PAUSED,
    "BudgetAndManualPaused": EntityStatus.PAUSED,
    "Expired": EntityStatus.ENDED,
    "Deleted": EntityStatus.REMOVED,
}
WRITTEN = {EntityStatus.ACTIVE: "Active", EntityStatus.PAUSED: "Paused"}
_ENTITY_COLUMNS = {Level.CAMPAIGN: "CampaignId", Level.AD_GROUP: "AdGroupId", Level.AD: "AdId"}
Row = Mapping[str, str]
T = TypeVar("T")


def account(one: wire.Account) -> Account:
    """An account, with the sentence that says why it cannot be read."""
    raw = one.account_life_cycle_status or ""
    status = _ACCOUNT_STATUSES.get(raw, AccountStatus.LIMITED)
    timezone = ZONES.get(one.time_zone or "", "")
    problem = _PROBLEMS.get(status, "")
    if not timezone and not problem:
        problem = f"Microsoft tells a time zone that Adloom does not know: {one.time_zone or 'none'}."
    if not one.currency_code:
        problem = problem or "Microsoft tells no currency for this account."
    return Account(
        id=str(one.id),
        name=one.name or str(one.id),
        currency=one.currency_code or "",
        timezone=timezone or "UTC",
        status=status,
        raw_status=raw,
        parent_id=None if one.parent_customer_id is None else str(one.parent_customer_id),
        problem=problem,
    )


def status(raw: str | None) -> EntityStatus:
    """The state of an entity; a word that nobody knows is OTHER."""
    return _STATUSES.get(raw or "", EntityStatus.OTHER)


def campaign(one: wire.Campaign, account: Account) -> Campaign:
    """A campaign; one whose budget has an id of its own shares it."""
    return Campaign(
        id=str(one.id),
        account_id=account.id,
        name=one.name or "",
        status=status(one.status),
        raw_status=one.status or "",
        kind=one.campaign_type or "",
        currency=account.currency,
        daily_budget_micros=_budget_micros(one),
        budget_owner=BudgetOwner.SHARED if is_shared(one) else BudgetOwner.CAMPAIGN,
    )


def state(one: wire.Campaign) -> EntityState:
    """What can be written to a campaign, as it is now."""
    return EntityState(
        status=status(one.status),
        raw_status=one.status or "",
        daily_budget_micros=_budget_micros(one),
        is_budget_shared=is_shared(one),
    )


def is_shared(one: wire.Campaign) -> bool:
    """Whether the budget feeds other campaigns too."""
    return one.budget_id not in {None, "", 0, "0"}


def ad_group(one: wire.AdGroup, account: Account, campaign_id: str) -> AdGroup:
    """An ad group."""
    return AdGroup(
        id=str(one.id),
        account_id=account.id,
        campaign_id=campaign_id,
        name=one.name or "",
        status=status(one.status),
        raw_status=one.status or "",
    )


def ad(one: wire.Ad, account: Account, campaign_id: str, ad_group_id: str) -> Ad:
    """An ad; Microsoft gives ads no names, so its title serves."""
    return Ad(
        id=str(one.id),
        account_id=account.id,
        campaign_id=campaign_id,
        ad_group_id=ad_group_id,
        name=_title(one),
        status=status(one.status),
        raw_status=one.status or "",
        creative_id=str(one.id),
    )


def creative(one: wire.Ad, account: Account) -> Creative:
    """What the ad says; ad and creative are one thing here."""
    return Creative(
        id=str(one.id),
        account_id=account.id,
        kind="text" if one.headlines or one.title_part1 else "other",
        name=_title(one),
        title=_title(one),
        body=_first(one.descriptions) or one.text or "",
        link_url=(one.final_urls or [""])[0],
    )


def from_row(make: Callable[[Row, Level, Account], T], row: Row, level: Level, account: Account) -> T:
    """A record of a report's row. Raises SchemaDrift where a column is missing, or is not what it was."""
    try:
        return make(row, level, account)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise SchemaDrift("Microsoft's report came in a form that this connector does not know.", str(error)) from error


def deleted(row: Row, level: Level, account: Account) -> Campaign | AdGroup | Ad:
    """An entity that only the report still knows."""
    raw, kind = row.get("Status", ""), EntityStatus.REMOVED
    if level is Level.CAMPAIGN:
        return Campaign(
            id=row["CampaignId"],
            account_id=account.id,
            name=row["Name"],
            status=kind,
            raw_status=raw,
            currency=account.currency,
            budget_owner=BudgetOwner.NONE,
        )
    if level is Level.AD_GROUP:
        return AdGroup(
            id=row["AdGroupId"],
            account_id=account.id,
            campaign_id=row["CampaignId"],
            name=row["Name"],
            status=kind,
            raw_status=raw,
        )
    return Ad(
        id=row["AdId"],
        account_id=account.id,
        campaign_id=row["CampaignId"],
        ad_group_id=row["AdGroupId"],
        name=row["Name"],
        status=kind,
        raw_status=raw,
    )


def daily(row: Row, level: Level, account: Account) -> DailyMetric:
    """A row of a report. Spend is in whole units of the account's currency; "--" says that there is nothing to tell."""
    revenue = _number(row.get("Revenue"))
    conversions = _number(row.get("Conversions"))
    return DailyMetric(
        account_id=account.id,
        level=level,
        entity_id=row[_ENTITY_COLUMNS[level]],
        campaign_id=row["CampaignId"],
        day=_day(row["TimePeriod"]),
        currency=account.currency,
        spend_micros=micros_from_decimal(_number(row.get("Spend")) or "0"),
        impressions=_count(row.get("Impressions")),
        clicks=_count(row.get("Clicks")),
        conversions=None if conversions is None else round(float(conversions), 6),
        conversion_value_micros=None if revenue is None else micros_from_decimal(revenue),
        attribution=ATTRIBUTION,
    )


def _budget_micros(one: wire.Campaign) -> int | None:
    told = None if one.daily_budget is None else _number(str(one.daily_budget))
    return None if told is None else micros_from_decimal(told)


def _title(one: wire.Ad) -> str:
    return _first(one.headlines) or one.title_part1 or f"Ad {one.id}"


def _first(links: list[wire.AssetLink] | None) -> str:
    return next((link.asset.text for link in links or () if link.asset and link.asset.text), "")


def _number(text: str | None) -> str | None:
    """A number without its thousands commas; None where Microsoft tells nothing."""
    plain = (text or "").replace(",", "").strip()
    return None if plain in {"", "--", "-"} else plain


def _count(text: str | None) -> int | None:
    plain = _number(text)
    return None if plain is None else round(Decimal(plain))


def _day(text: str) -> date:
    """Days are ISO dates in format version 2.0, and month/day/year in some markets."""
    return datetime.strptime(text, "%m/%d/%Y").date() if "/" in text else date.fromisoformat(text[:10])  # noqa: DTZ007 - a day only
