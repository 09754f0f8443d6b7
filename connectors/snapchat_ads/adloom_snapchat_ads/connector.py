"""Snapchat Ads: what it reads is in `reading`; changes are made to the whole object, since what is not sent is cleared."""

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from adloom_sdk import (
    Account,
    Action,
    ActionKind,
    Connector,
    Context,
    EntityRef,
    EntityState,
    Kind,
    Level,
    Manifest,
    Message,
    ReadRequest,
    Reply,
    Throttle,
)
from adloom_sdk.errors import BadRequest, NotFound, OutcomeUnknown, SchemaDrift, Transient
from adloom_snapchat_ads import mapping, reading, wire
from adloom_snapchat_ads.manifest import MANIFEST
from adloom_snapchat_ads.refusals import error_of, item_error, throttle_of

# Level: its list, its name in an item, its type, and the list and field of what it lies in.
_PLACES: dict[Level, tuple[str, str, Any, str, str]] = {
    Level.CAMPAIGN: ("campaigns", "campaign", wire.Campaign, "adaccounts", "ad_account_id"),
    Level.AD_GROUP: ("adsquads", "adsquad", wire.AdSquad, "campaigns", "campaign_id"),
    Level.AD: ("ads", "ad", wire.Ad, "adsquads", "ad_squad_id"),
}
_WHOLE = {level: wire.listed(plural, singular, dict[str, Any]) for level, (plural, singular, *_) in _PLACES.items()}
_READ_ONLY = {"created_at", "updated_at", "deleted", "effective_status", "delivery_status"}


class SnapchatAds(Connector):
    """Snapchat's Marketing API."""

    manifest: ClassVar[Manifest] = MANIFEST

    @classmethod
    def error_of(cls, reply: Reply) -> Exception | None:
        """By status and words."""
        return error_of(reply)

    @classmethod
    def throttle_of(cls, reply: Reply) -> Throttle | None:
        """Snapchat tells what is left."""
        return throttle_of(reply)

    def accounts(self, ctx: Context) -> Iterator[Account]:
        """The ad accounts of every organization."""
        return reading.accounts(ctx)

    def read(self, ctx: Context, request: ReadRequest) -> Iterator[Message]:
        """Pages of a list or of a report."""
        return (reading.daily if request.kind is Kind.DAILY else reading.entities)(ctx, request)

    def state(self, ctx: Context, ref: EntityRef) -> EntityState:
        """The entity as Snapchat has it now."""
        return mapping.state(_typed(_found(ctx, ref), ref.level))

    def write(self, ctx: Context, action: Action, *, dry_run: bool = False) -> str:  # noqa: ARG002 - no dry run is declared
        """Read the whole object, change one field, send all of it."""
        plural, _, _, parents, parent_name = _PLACES[action.ref.level]
        whole = _found(ctx, action.ref)
        changed = {name: value for name, value in whole.items() if name not in _READ_ONLY} | _change(action, whole)
        if not whole.get(parent_name):
            raise SchemaDrift(f"Snapchat's reply has no {parent_name}.")
        path = f"/{{version}}/{parents}/{whole[parent_name]}/{plural}"
        reply = ctx.http.write("PUT", path, json={plural: [changed]}, scope=action.ref.account.id)
        try:
            told = reply.json(_WHOLE[action.ref.level])
        except (SchemaDrift, Transient) as error:
            raise OutcomeUnknown("Snapchat's answer to the change cannot be read.", code=error.code) from error
        for item in told.items:
            if item.has_failed:
                raise item_error(item, told.request_id or "")
        return str(told.request_id or "")


def _found(ctx: Context, ref: EntityRef) -> dict[str, Any]:
    """The whole object with every field, also those that nobody here knows."""
    plural, *_ = _PLACES[ref.level]
    page = ctx.http.get(f"/{{version}}/{plural}/{ref.id}", _WHOLE[ref.level], scope=ref.account.id)
    if not page.items:
        raise NotFound("Snapchat does not find this any more.", request_id=page.request_id or "")
    item = page.items[0]
    if item.has_failed:
        raise item_error(item, page.request_id or "")
    if item.value is None:
        raise SchemaDrift("Snapchat's reply holds nothing.", code=plural, request_id=page.request_id or "")
    whole: dict[str, Any] = item.value
    if ref.level is Level.CAMPAIGN and whole.get("ad_account_id") != ref.account.id:
        raise NotFound("This campaign belongs to another Snapchat ad account.", request_id=page.request_id or "")
    return whole


def _typed(whole: dict[str, Any], level: Level) -> Any:
    try:
        return msgspec.convert(whole, _PLACES[level][2])
    except msgspec.ValidationError as error:
        raise SchemaDrift("Snapchat's reply came in a form that this connector does not know.", str(error)) from error


def _change(action: Action, whole: dict[str, Any]) -> dict[str, Any]:
    if action.kind is not ActionKind.SET_DAILY_BUDGET:
        return {"status": "PAUSED" if action.kind is ActionKind.PAUSE else "ACTIVE"}
    if action.daily_budget_micros is None or whole.get("daily_budget_micro") is None:
        raise BadRequest("This has no daily budget at Snapchat that could be changed.", field="daily_budget_micro")
    return {"daily_budget_micro": action.daily_budget_micros}
