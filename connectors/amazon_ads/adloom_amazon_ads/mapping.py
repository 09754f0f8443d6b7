"""Amazon's words to Adloom's: the only place where a field's meaning is decided."""

from datetime import date
from decimal import Decimal, InvalidOperation

from adloom_amazon_ads import wire
from adloom_amazon_ads.products import Product
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
from adloom_sdk.days import is_zone
from adloom_sdk.errors import SchemaDrift
from adloom_sdk.money import micros_from_decimal

_STATUSES = {
    "ENABLED": EntityStatus.ACTIVE,
    "PAUSED": EntityStatus.PAUSED,
    "ARCHIVED": EntityStatus.REMOVED,
    "USER_DELETED": EntityStatus.REMOVED,
}
WRITTEN = {EntityStatus.ACTIVE: "ENABLED", EntityStatus.PAUSED: "PAUSED"}
# Amazon's three regions, told by where a marketplace keeps its days: America, the Far East, and Europe with all the rest.
_FAR_EAST = {"Asia/Tokyo", "Asia/Seoul", "Asia/Singapore", "Australia/Sydney"}


def account(one: wire.Profile) -> Account:
    """A profile: one advertiser in one marketplace."""
    info = one.account_info or wire.AccountInfo()
    is_agency = info.type == "agency"
    name = " ".join(part for part in (info.name, one.country_code and f"({one.country_code})") if part)
    is_whole = not is_agency and info.valid_payment_method is not False
    problem = "This is an agency's profile: it has no campaigns of its own." if is_agency else ""
    if not is_zone(one.timezone):
        problem = problem or "Amazon tells no time zone that is known for this profile."
    elif not one.currency_code:
        problem = problem or "Amazon tells no currency for this profile."
    return Account(
        id=str(one.profile_id),
        name=name or str(one.profile_id),
        currency=one.currency_code or "",
        timezone=one.timezone if one.timezone and is_zone(one.timezone) else "UTC",
        status=AccountStatus.ACTIVE if is_whole else AccountStatus.LIMITED,
        raw_status=info.type or "",
        problem=problem,
    )


def region(account: Account) -> str:
    """The manifest's name of the host that serves this profile."""
    if account.timezone.startswith("America/"):
        return "api"
    return "fe" if account.timezone in _FAR_EAST else "eu"


def status(raw: str | None) -> EntityStatus:
    """The state of an entity, in upper or lower case; a word that nobody knows is OTHER."""
    return _STATUSES.get((raw or "").upper(), EntityStatus.OTHER)


def campaign(one: wire.Campaign, account: Account, product: Product) -> Campaign:
    """A campaign of any product."""
    amount = _budget_micros(one)
    is_lifetime = _budget_type(one) == "LIFETIME"
    return Campaign(
        id=str(one.campaign_id),
        account_id=account.id,
        name=one.name or "",
        status=status(one.state),
        raw_status=one.state or "",
        kind=product.ad_product,
        currency=account.currency,
        daily_budget_micros=None if is_lifetime else amount,
        lifetime_budget_micros=amount if is_lifetime else None,
        budget_owner=BudgetOwner.NONE if amount is None else BudgetOwner.CAMPAIGN,
        starts_on=_day(one.start_date),
        ends_on=_day(one.end_date),
        parent_id=None if one.portfolio_id is None else str(one.portfolio_id),
    )


def state(one: wire.Campaign, product: Product) -> EntityState:
    """What can be written to a campaign, as it is now. `version` is its product, by which a change finds its address at once."""
    daily = None if _budget_type(one) == "LIFETIME" else _budget_micros(one)
    return EntityState(
        status=status(one.state), raw_status=one.state or "", daily_budget_micros=daily, version=product.key
    )


def ad_group(one: wire.AdGroup, account: Account) -> AdGroup:
    """An ad group."""
    return AdGroup(
        id=str(one.ad_group_id),
        account_id=account.id,
        campaign_id=str(one.campaign_id),
        name=one.name or "",
        status=status(one.state),
        raw_status=one.state or "",
    )


def ad(one: wire.Ad, account: Account) -> Ad:
    """An ad; most have no name but the article that they show."""
    return Ad(
        id=str(one.ad_id),
        account_id=account.id,
        campaign_id=str(one.campaign_id),
        ad_group_id=str(one.ad_group_id),
        name=_title(one),
        status=status(one.state),
        raw_status=one.state or "",
        creative_id=str(one.ad_id),
    )


def creative(one: wire.Ad, account: Account) -> Creative:
    """What the ad shows: an article of the catalogue."""
    return Creative(id=str(one.ad_id), account_id=account.id, name=_title(one), title=one.asin or one.sku or "")


def daily(row: wire.Row, level: Level, account: Account, product: Product) -> DailyMetric:
    """A row of a report; money is in whole units of the profile's currency."""
    entity_id = {Level.CAMPAIGN: row.campaign_id, Level.AD_GROUP: row.ad_group_id, Level.AD: row.ad_id}[level]
    if entity_id is None:
        raise SchemaDrift("Amazon's report does not say what a row is about.", code=product.reports[level][0])
    purchases = _number(row.purchases if row.purchases7d is None else row.purchases7d)
    sales = _number(row.sales if row.sales7d is None else row.sales7d)
    day = _day(row.date)
    if day is None:
        raise SchemaDrift("Amazon's report does not say what day a row is about.", code=product.reports[level][0])
    return DailyMetric(
        account_id=account.id,
        level=level,
        entity_id=str(entity_id),
        campaign_id=str(row.campaign_id),
        day=day,
        currency=account.currency,
        spend_micros=micros_from_decimal(_number(row.cost) or 0),
        impressions=_count(row.impressions),
        clicks=_count(row.clicks),
        conversions=None if purchases is None else round(float(purchases), 6),
        conversion_value_micros=None if sales is None else micros_from_decimal(sales),
        attribution=product.attribution,
    )


def _budget_micros(one: wire.Campaign) -> int | None:
    amount = one.budget.budget if isinstance(one.budget, wire.Budget) else one.budget
    exact = _number(amount)
    return None if exact is None else micros_from_decimal(exact)


def _number(value: wire.Number) -> Decimal | None:
    """The exact number; None where Amazon does not tell one."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _count(value: wire.Number) -> int | None:
    found = _number(value)
    return None if found is None else round(found)


def _budget_type(one: wire.Campaign) -> str:
    told = one.budget.budget_type if isinstance(one.budget, wire.Budget) else one.budget_type
    return (told or "DAILY").upper()


def _title(one: wire.Ad) -> str:
    return one.name or one.asin or one.sku or f"Ad {one.ad_id}"


def _day(text: str | None) -> date | None:
    """Days come as 2026-01-31 and as 20260131; what is neither is not known."""
    digits = (text or "")[:10].replace("-", "")
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
