"""Pinterest Ads: the connector's door. Reading is in `reading`, changes in `writing`."""

from collections.abc import Iterator

from adloom_pinterest_ads import mapping, reading, refusals, wire, writing
from adloom_pinterest_ads.manifest import MANIFEST
from adloom_sdk import (
    Account,
    Action,
    Connector,
    Context,
    EntityRef,
    EntityState,
    Kind,
    Level,
    Message,
    ReadRequest,
    Reply,
    Throttle,
)
from adloom_sdk.errors import AccountDisabled, NotFound, ScopeMissing


class PinterestAds(Connector):
    """Pinterest's API v5."""

    manifest = MANIFEST

    def accounts(self, ctx: Context) -> Iterator[Account]:
        """Every ad account. Pinterest tells nothing of their state, so each is asked for one campaign. Where the sign-in may read
        none, that is its own fault.
        """
        refused: list[tuple[Account, ScopeMissing]] = []
        is_any_read = False
        for one in self._listed(ctx):
            try:
                yield self._account(ctx, one)
                is_any_read = True
            except ScopeMissing as refusal:
                refused.append((mapping.account(one, problem=refusal.message), refusal))
        if refused and not is_any_read:
            raise refused[0][1]
        yield from (account for account, _ in refused)

    def _listed(self, ctx: Context) -> Iterator[wire.AdAccount]:
        bookmark: str | None = None
        while True:
            ctx.stop_if_cancelled()
            params = {"page_size": reading.PAGE_SIZE, "include_shared_accounts": "true", "bookmark": bookmark}
            page: wire.Accounts = ctx.http.get("/{version}/ad_accounts", wire.Accounts, params=params)
            yield from (one for one in page.items if one.id)
            bookmark = page.bookmark
            if not bookmark:
                return

    def read(self, ctx: Context, request: ReadRequest) -> Iterator[Message]:
        """Entities or one window of daily numbers."""
        if request.kind is Kind.DAILY:
            return reading.read_daily(ctx, request)
        return reading.read_entities(ctx, request)

    def state(self, ctx: Context, ref: EntityRef) -> EntityState:
        """What Pinterest tells of the entity now."""
        return writing.state(ctx, ref)

    def write(self, ctx: Context, action: Action, *, dry_run: bool = False) -> str:
        """Send one change."""
        if dry_run:
            raise NotImplementedError("Pinterest has no dry run, so none is declared")
        return writing.write(ctx, action)

    @classmethod
    def error_of(cls, reply: Reply) -> Exception | None:
        """What a refusal means."""
        return refusals.error_of(reply)

    @classmethod
    def throttle_of(cls, reply: Reply) -> Throttle | None:
        """What the headers say of the calls that are left."""
        return refusals.throttle_of(reply)

    def _account(self, ctx: Context, one: wire.AdAccount) -> Account:
        found = mapping.account(one)
        try:
            next(reading.pages(ctx, found, Level.CAMPAIGN, size=1))
        except (AccountDisabled, NotFound) as refusal:
            return mapping.account(one, problem=refusal.message)
        return found
