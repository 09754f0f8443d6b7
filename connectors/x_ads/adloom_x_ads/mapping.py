"""X → records: the only place that knows what its words, units, columns and gaps mean."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

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
from adloom_x_ads import wire

ATTRIBUTION = "purchases by X's pixel, after a view or an engagement, windows as set in the ad account"
METRIC_GROUPS = ("ENGAGEMENT", "BILLING", "VIDEO", "WEB_CONVERSION")
_STATUS = {"ACTIVE": EntityStatus.ACTIVE, "PAUSED": EntityStatus.PAUSED, "DRAFT": EntityStatus.PAUSED}
_STOPPED = {"REJECTED", "CANCELLED", "CANCELED", "SUSPENDED"}
_WRITERS = {"ACCOUNT_ADMIN", "AD_MANAGER"}
Entity = wire.Campaign | wire.LineItem | wire.PromotedTweet


class Owner(NamedTuple):
    """The campaign that an entity belongs to, and the currency it is paid in ('' where X does not tell)."""

    campaign_id: str
    currency: str = ""


@dataclass
class Day:
    """What the placements told of one entity's day; None where none of them told it."""

    spend_micros: int | None = None
    impressions: int | None = None
    clicks: int | None = None
    video_views: int | None = None
    conversions: float | None = None
    conversion_value_micros: int | None = None

    @property
    def is_untold(self) -> bool:
        """Whether no placement told anything."""
        return all(getattr(self, one.name) is None for one in fields(self))


def account(one: wire.Account, funding: Iterable[wire.FundingInstrument], permissions: Sequence[str] | None) -> Account:
    """An ad account, its currency taken from how it pays: from what is valid, if there is such."""
    by_use = sorted(funding, key=lambda paid: bool(paid.deleted or paid.cancelled))
    currency = next((paid.currency for paid in by_use if paid.currency), "")
    raw, problem, zone = one.approval_status or "", "", one.timezone or ""
    status = AccountStatus.LIMITED if raw.startswith(("UNDER_REVIEW", "PENDING")) else AccountStatus.ACTIVE
    if one.deleted or raw in _STOPPED:
        status = AccountStatus.CLOSED if one.deleted else AccountStatus.DISABLED
        problem = "X has closed this ad account." if one.deleted else "X has stopped this ad account."
    elif not currency:
        problem = "X tells no currency for this ad account: it has no way to pay yet."
    elif not is_zone(zone):
        problem = "X tells no time zone that is known for this ad account."
    return Account(
        id=_id(one.id),
        name=one.name or _id(one.id),
        currency=currency,
        timezone=zone if is_zone(zone) else "UTC",
        status=status,
        raw_status=raw,
        can_write=bool(_WRITERS.intersection(permissions)) if permissions is not None else None,
        problem=problem,
    )


def campaign(one: wire.Campaign, of: Account) -> Campaign:
    """A campaign; where X optimises by line item, the line items own the budgets."""
    owns = one.budget_optimization != "LINE_ITEM"
    return Campaign(
        id=_known(one.id),
        account_id=of.id,
        name=one.name or "",
        status=status(one),
        raw_status=_raw_status(one),
        currency=currency_code(one.currency) or of.currency,
        daily_budget_micros=_micros(one.daily_budget_amount_local_micro),
        lifetime_budget_micros=_micros(one.total_budget_amount_local_micro),
        budget_owner=BudgetOwner.CAMPAIGN if owns else BudgetOwner.AD_GROUPS,
        starts_on=_local_day(one.start_time, of),
        ends_on=_local_day(one.end_time, of),
        updated_at=_instant(one.updated_at),
    )


def ad_group(one: wire.LineItem, of: Account) -> AdGroup:
    """A line item."""
    return AdGroup(
        id=_known(one.id),
        account_id=of.id,
        campaign_id=_id(one.campaign_id),
        name=one.name or "",
        status=status(one),
        raw_status=_raw_status(one),
        daily_budget_micros=_micros(one.daily_budget_amount_local_micro),
        lifetime_budget_micros=_micros(one.total_budget_amount_local_micro),
        updated_at=_instant(one.updated_at),
    )


def ad(one: wire.PromotedTweet, of: Account, owners: Mapping[str, Owner]) -> Ad:
    """A promoted post; `owners` maps line items to their campaign. Its name is the post's number, as it has no other."""
    group = _id(one.line_item_id)
    return Ad(
        id=_known(one.id),
        account_id=of.id,
        campaign_id=owners[group].campaign_id if group in owners else "",
        ad_group_id=group,
        name=f"Post {_id(one.tweet_id)}",
        status=status(one),
        raw_status=_raw_status(one),
        creative_id=_id(one.tweet_id) or None,
        updated_at=_instant(one.updated_at),
    )


def creative(post_id: str, of: Account, words: Mapping[str, str]) -> Creative:
    """A post by its address, with its words as far as X tells them."""
    address, body = f"https://x.com/i/status/{post_id}", words.get(post_id, "")
    return Creative(id=post_id, account_id=of.id, kind="text", name=f"Post {post_id}", body=body, link_url=address)


def words_of(posts: Iterable[wire.Post]) -> dict[str, str]:
    """The words of posts by their id."""
    return {_id(one.tweet_id) or one.id_str or _id(one.id): one.full_text or one.text or "" for one in posts}


def state(one: Entity) -> EntityState:
    """What can be written of an entity."""
    budget = None if isinstance(one, wire.PromotedTweet) else _micros(one.daily_budget_amount_local_micro)
    return EntityState(
        status=status(one), raw_status=_raw_status(one), daily_budget_micros=budget, version=one.updated_at or ""
    )


def currency_code(told: str | None) -> str:
    """An ISO code; '' for anything else that stands in its place."""
    return told if told and len(told) == 3 and told.isalpha() and told.isupper() else ""


def status(one: Entity) -> EntityStatus:
    """What the advertiser set; deleted entities keep their last status, and an active one whose time is over has ended."""
    if one.deleted:
        return EntityStatus.REMOVED
    found = _STATUS.get(one.entity_status or "", EntityStatus.OTHER)
    is_over = found is EntityStatus.ACTIVE and "EXPIRED" in (one.reasons_not_servable or ())
    return EntityStatus.ENDED if is_over else found


def add(days: Sequence[Day], segment: wire.Segment) -> None:
    """Add one placement's columns to the days; a null column or value adds nothing."""
    told = segment.metrics or {}
    purchases = told.get("conversion_purchases")
    parts = purchases if isinstance(purchases, dict) else {"metric": purchases}
    kinds = ("metric",) if _is_column(parts.get("metric")) else ("post_view", "post_engagement", "assisted")
    values = (parts.get(name) for name in ("sale_amount_local_micro", "sale_amount"))
    value = next((column for column in values if _is_column(column)), None)
    columns: list[tuple[str, Any]] = [
        ("spend_micros", told.get("billed_charge_local_micro")),
        ("impressions", told.get("impressions")),
        ("clicks", told.get("clicks")),
        ("video_views", told.get("video_total_views")),
        ("conversion_value_micros", value),
        *(("conversions", parts.get(kind)) for kind in kinds),
    ]
    for name, column in columns:
        for day, number in zip(days, column if _is_column(column) else (), strict=False):
            if (exact := _number(number)) is not None:
                amount = float(exact) if name == "conversions" else round(exact)
                setattr(day, name, (getattr(day, name) or 0) + amount)


def daily(told: Day, on: date, of: Account, level: Level, entity_id: str, owner: Owner) -> DailyMetric:
    """One entity's day; amounts are in the currency that its campaign is paid in."""
    return DailyMetric(
        account_id=of.id,
        level=level,
        entity_id=entity_id,
        campaign_id=owner.campaign_id,
        day=on,
        currency=owner.currency or of.currency,
        spend_micros=told.spend_micros or 0,
        impressions=told.impressions,
        clicks=told.clicks,
        conversions=None if told.conversions is None else round(told.conversions, 6),
        conversion_value_micros=told.conversion_value_micros,
        video_views=told.video_views,
        attribution=ATTRIBUTION,
    )


def _raw_status(one: Entity) -> str:
    return "DELETED" if one.deleted else one.entity_status or ""


def _micros(value: wire.Number) -> int | None:
    found = _number(value)
    return None if found is None else round(found)


def _is_column(value: Any) -> bool:
    return isinstance(value, list)


def _number(value: Any) -> Decimal | None:
    """The exact number; None for a gap, however it is written."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _known(value: wire.Id) -> str:
    """The id of what is stored under it."""
    if value is None:
        raise SchemaDrift("X sent a campaign or an ad without its id.")
    return str(value)


def _id(value: wire.Id) -> str:
    return "" if value is None else str(value)


def _instant(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _local_day(text: str | None, of: Account) -> date | None:
    instant = _instant(text)
    return instant.astimezone(ZoneInfo(of.timezone)).date() if instant else None
