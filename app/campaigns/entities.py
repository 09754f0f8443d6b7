"""Writing what platforms list: campaigns, ad groups, ads and creatives of an account, set by set, only what changed.

`Numbers` is an account's map from platform ids to the short keys of days. What has days without ever having been listed gets a
row of its own, so that no day is lost.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.orm import Session

from adloom_sdk.records import Ad, AdGroup, Campaign, Creative
from kit.ids import new_id


@dataclass(frozen=True)
class Owner:
    """The account that entities belong to, and the channel that its spend counts for."""

    account_id: UUID
    connector_key: str
    channel_id: UUID
    currency: str


@dataclass
class Numbers:
    """Platform id → number, of one account."""

    campaigns: dict[str, int] = field(default_factory=dict)
    ad_groups: dict[str, int] = field(default_factory=dict)
    ads: dict[str, int] = field(default_factory=dict)


_KNOWN = {
    "campaigns": text("SELECT platform_id, number FROM campaigns WHERE account_id = :account_id"),
    "ad_groups": text("SELECT platform_id, number FROM ad_groups WHERE account_id = :account_id"),
    "ads": text("SELECT platform_id, number FROM ads WHERE account_id = :account_id"),
}


def known_numbers(session: Session, *, account_id: UUID) -> Numbers:
    """What the account has so far."""
    found: dict[str, dict[str, int]] = {
        name: {row[0]: row[1] for row in session.execute(statement, {"account_id": account_id})}
        for name, statement in _KNOWN.items()
    }
    return Numbers(**found)


_CAMPAIGN_FIELDS = {
    "name": "text",
    "status": "text",
    "raw_status": "text",
    "objective": "text",
    "kind": "text",
    "currency": "text",
    "daily_budget_micros": "bigint",
    "lifetime_budget_micros": "bigint",
    "budget_owner": "text",
    "starts_on": "date",
    "ends_on": "date",
    "platform_updated_at": "timestamptz",
}
_AD_GROUP_FIELDS = {
    "campaign_number": "bigint",
    "name": "text",
    "status": "text",
    "raw_status": "text",
    "daily_budget_micros": "bigint",
    "lifetime_budget_micros": "bigint",
}
_AD_FIELDS = {
    "campaign_number": "bigint",
    "ad_group_number": "bigint",
    "creative_platform_id": "text",
    "name": "text",
    "status": "text",
    "raw_status": "text",
}
_CREATIVE_FIELDS = {
    "kind": "text",
    "name": "text",
    "title": "text",
    "body": "text",
    "link_url": "text",
    "media_urls": "jsonb",
}


def _upsert(table: str, fields: Mapping[str, str], *, key: str = "number", more: str = "", values: str = "") -> str:
    """The statement that writes a JSON array of rows and tells the new and changed ones' (platform_id, key).

    `more` are further columns of new rows, with their `values`.
    """
    columns = ", ".join(fields)
    typed = ", ".join(f"{name} {kind}" for name, kind in {"id": "uuid", "platform_id": "text", **fields}.items())
    touch = ", changed_at = now()" if table == "campaigns" else ""
    return f"""
        INSERT INTO {table} AS stored (account_id, platform_id, {columns}{more})
        SELECT :account_id, platform_id, {columns}{values}
        FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS given({typed})
        ON CONFLICT (account_id, platform_id) DO UPDATE
          SET {", ".join(f"{name} = excluded.{name}" for name in fields)}{touch}
          WHERE ({", ".join(f"stored.{name}" for name in fields)})
                IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in fields)})
        RETURNING platform_id, {key}
        """  # noqa: S608 the names are this module's own constants


_PUT_CAMPAIGNS = text(
    _upsert(
        "campaigns",
        _CAMPAIGN_FIELDS,
        more=", id, connector_key, channel_id",
        values=", id, :connector_key, :channel_id",
    )
)
_PUT_AD_GROUPS = text(_upsert("ad_groups", _AD_GROUP_FIELDS))
_PUT_ADS = text(_upsert("ads", _AD_FIELDS))
_PUT_CREATIVES = text(_upsert("creatives", _CREATIVE_FIELDS, key="0"))


def put_campaigns(session: Session, owner: Owner, numbers: Numbers, records: Iterable[Campaign]) -> int:
    """Write campaigns down; returns how many were new or had changed."""
    rows = [
        {
            "id": new_id(),
            "platform_id": one.id,
            "name": one.name,
            "status": one.status,
            "raw_status": one.raw_status,
            "objective": one.objective,
            "kind": one.kind,
            "currency": owner.currency,
            "daily_budget_micros": one.daily_budget_micros,
            "lifetime_budget_micros": one.lifetime_budget_micros,
            "budget_owner": one.budget_owner,
            "starts_on": one.starts_on,
            "ends_on": one.ends_on,
            "platform_updated_at": one.updated_at,
        }
        for one in records
    ]
    values = {"connector_key": owner.connector_key, "channel_id": owner.channel_id}
    return _put(session, _PUT_CAMPAIGNS, owner, rows, known=numbers.campaigns, **values)


def put_ad_groups(session: Session, owner: Owner, numbers: Numbers, records: Sequence[AdGroup]) -> int:
    """Write ad groups down; returns how many were new or had changed."""
    ensure_campaigns(session, owner, numbers, {one.campaign_id for one in records})
    rows = [
        {
            "platform_id": one.id,
            "campaign_number": numbers.campaigns[one.campaign_id],
            "name": one.name,
            "status": one.status,
            "raw_status": one.raw_status,
            "daily_budget_micros": one.daily_budget_micros,
            "lifetime_budget_micros": one.lifetime_budget_micros,
        }
        for one in records
    ]
    return _put(session, _PUT_AD_GROUPS, owner, rows, known=numbers.ad_groups)


def put_ads(session: Session, owner: Owner, numbers: Numbers, records: Sequence[Ad]) -> int:
    """Write ads down; returns how many were new or had changed."""
    ensure_campaigns(session, owner, numbers, {one.campaign_id for one in records})
    rows = [
        {
            "platform_id": one.id,
            "campaign_number": numbers.campaigns[one.campaign_id],
            "ad_group_number": numbers.ad_groups.get(one.ad_group_id),
            "creative_platform_id": one.creative_id,
            "name": one.name,
            "status": one.status,
            "raw_status": one.raw_status,
        }
        for one in records
    ]
    return _put(session, _PUT_ADS, owner, rows, known=numbers.ads)


def put_creatives(session: Session, owner: Owner, records: Iterable[Creative]) -> int:
    """Write creatives down; returns how many were new or had changed."""
    rows = [
        {
            "platform_id": one.id,
            "kind": one.kind,
            "name": one.name,
            "title": one.title,
            "body": one.body,
            "link_url": one.link_url,
            "media_urls": one.media_urls,
        }
        for one in records
    ]
    return _put(session, _PUT_CREATIVES, owner, rows, known={})


_ENSURE_CAMPAIGNS = text(
    """
    INSERT INTO campaigns (account_id, platform_id, id, connector_key, channel_id, name, status, currency)
    SELECT :account_id, platform_id, id, :connector_key, :channel_id, platform_id, 'other', :currency
    FROM unnest(cast(:ids AS uuid[]), cast(:names AS text[])) AS given(id, platform_id)
    ON CONFLICT (account_id, platform_id) DO UPDATE SET platform_id = excluded.platform_id RETURNING platform_id, number
    """
)
_ENSURE_ADS = text(
    """
    INSERT INTO ads (account_id, platform_id, campaign_number, name, status)
    SELECT :account_id, platform_id, campaign_number, platform_id, 'other'
    FROM unnest(cast(:names AS text[]), cast(:campaigns AS bigint[])) AS given(platform_id, campaign_number)
    ON CONFLICT (account_id, platform_id) DO UPDATE SET platform_id = excluded.platform_id RETURNING platform_id, number
    """
)


def ensure_campaigns(session: Session, owner: Owner, numbers: Numbers, wanted: Iterable[str]) -> None:
    """Campaigns that are named without having been listed, such as ones made a minute ago, get a row under their id."""
    names = sorted(set(wanted).difference(numbers.campaigns))
    if names:
        values = {
            "account_id": owner.account_id,
            "connector_key": owner.connector_key,
            "channel_id": owner.channel_id,
            "currency": owner.currency,
            "ids": [new_id() for _ in names],
            "names": names,
        }
        numbers.campaigns.update({row[0]: row[1] for row in session.execute(_ENSURE_CAMPAIGNS, values)})


def ensure_ads(session: Session, owner: Owner, numbers: Numbers, wanted: Mapping[str, str]) -> None:
    """The same for ads, given as ad id → campaign id."""
    names = sorted(set(wanted).difference(numbers.ads))
    if names:
        ensure_campaigns(session, owner, numbers, {wanted[name] for name in names})
        campaigns = [numbers.campaigns[wanted[name]] for name in names]
        values = {"account_id": owner.account_id, "names": names, "campaigns": campaigns}
        numbers.ads.update({row[0]: row[1] for row in session.execute(_ENSURE_ADS, values)})


_REMOVE = {
    name: text(
        f"UPDATE {name} SET status = 'removed', raw_status = 'not listed' WHERE number = ANY(:gone) AND status != 'removed'"  # noqa: S608 the names are this module's own
        " RETURNING number"
    )
    for name in _KNOWN
}


def mark_unlisted(session: Session, name: str, *, known: Mapping[str, int], listed: Set[str]) -> int:
    """What a whole list no longer has was removed on the platform; its days stay. Returns how many that newly is."""
    gone = [number for platform_id, number in known.items() if platform_id not in listed]
    return len(session.execute(_REMOVE[name], {"gone": gone}).all()) if gone else 0


def _put(
    session: Session, statement: Any, owner: Owner, rows: list[dict[str, Any]], *, known: dict[str, int], **values: Any
) -> int:
    # The same entity may come twice in a batch: the last one wins.
    unique = {row["platform_id"]: row for row in rows}
    if not unique:
        return 0
    values |= {
        "account_id": owner.account_id,
        "rows": msgspec.json.encode([_clean(row) for row in unique.values()]).decode(),
    }
    changed = {row[0]: row[1] for row in session.execute(statement, values)}
    known.update(changed)
    return len(changed)


def _clean(row: dict[str, Any]) -> dict[str, Any]:
    """PostgreSQL's text cannot hold the character 0, and a platform's name may."""
    return {name: value.replace("\0", "") if isinstance(value, str) else value for name, value in row.items()}
