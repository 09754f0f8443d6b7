"""Reddit Ads: the connector's door. Reading is in `reading`, changes in `writing`."""

from collections.abc import Iterator

from adloom_reddit_ads import reading, refusals, writing
from adloom_reddit_ads.manifest import MANIFEST
from adloom_sdk import (
    Account,
    Action,
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


class RedditAds(Connector):
    """Reddit's Ads API v3."""

    manifest = MANIFEST

    def accounts(self, ctx: Context) -> Iterator[Account]:
        """Every ad account of every business."""
        return reading.accounts(ctx)

    def read(self, ctx: Context, request: ReadRequest) -> Iterator[Message]:
        """Entities or one window of daily numbers."""
        if request.kind is Kind.DAILY:
            return reading.read_daily(ctx, request)
        return reading.read_entities(ctx, request)

    def state(self, ctx: Context, ref: EntityRef) -> EntityState:
        """What Reddit tells of the entity now."""
        return writing.state(ctx, ref)

    def write(self, ctx: Context, action: Action, *, dry_run: bool = False) -> str:
        """Send one change."""
        if dry_run:
            raise NotImplementedError("Reddit has no dry run, so none is declared")
        return writing.write(ctx, action)

    @classmethod
    def error_of(cls, reply: Reply) -> Exception | None:
        """What a refusal means."""
        return refusals.error_of(reply)

    @classmethod
    def throttle_of(cls, reply: Reply) -> Throttle | None:
        """What the headers say of the calls that are left."""
        return refusals.throttle_of(reply)
