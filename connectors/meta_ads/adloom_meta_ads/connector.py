"""Meta Ads: the connector's door. Reading is in `reading`, changes in `writing`."""

from collections.abc import Iterator

from msgspec.structs import replace

from adloom_meta_ads import mapping, reading, refusals, wire, writing
from adloom_meta_ads.manifest import MANIFEST
from adloom_sdk import (
    Account,
    Action,
    CheckResult,
    Connector,
    Context,
    EntityRef,
    EntityState,
    Kind,
    Message,
    ReadRequest,
    Reply,
    Throttle,
)

_ACCOUNT_FIELDS = "id,name,currency,timezone_name,account_status,business,user_tasks"


class MetaAds(Connector):
    """Meta's Graph API, Marketing part."""

    manifest = MANIFEST

    def check(self, ctx: Context) -> CheckResult:
        """Who is signed in, and what was granted."""
        me: wire.NamedId = ctx.http.get("/{version}/me", wire.NamedId, params={"fields": "id,name"})
        told: wire.Permissions = ctx.http.get("/{version}/me/permissions", wire.Permissions)
        granted = tuple(one.permission for one in told.data if one.status == "granted")
        return CheckResult(
            signed_in_as=me.name or mapping.text(me.id), scopes=granted, can_write="ads_management" in granted
        )

    def accounts(self, ctx: Context) -> Iterator[Account]:
        """Every ad account of the person."""
        after = ""
        while True:
            ctx.stop_if_cancelled()
            params = {"fields": _ACCOUNT_FIELDS, "limit": reading.PAGE_SIZE, "after": after or None}
            page: wire.AdAccounts = ctx.http.get("/{version}/me/adaccounts", wire.AdAccounts, params=params)
            yield from map(mapping.account, page.data)
            after = page.after
            if not after:
                return

    def read(self, ctx: Context, request: ReadRequest) -> Iterator[Message]:
        """Entities, or one window of daily numbers."""
        of = request.account
        request = replace(request, account=replace(of, id=mapping.account_id(of.id)))
        return reading.read_daily(ctx, request) if request.kind is Kind.DAILY else reading.read_entities(ctx, request)

    def state(self, ctx: Context, ref: EntityRef) -> EntityState:
        """What Meta tells of the entity now."""
        return writing.state(ctx, ref)

    def write(self, ctx: Context, action: Action, *, dry_run: bool = False) -> str:
        """Send one change."""
        if dry_run:
            raise NotImplementedError("Meta has no dry run, so none is declared")
        return writing.write(ctx, action)

    @classmethod
    def error_of(cls, reply: Reply) -> Exception | None:
        """What a refusal means."""
        return refusals.error_of(reply)

    @classmethod
    def throttle_of(cls, reply: Reply) -> Throttle | None:
        """What the headers say of the call budget."""
        return refusals.throttle_of(reply)
