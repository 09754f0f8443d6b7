"""The connector to Amazon Ads."""

from collections.abc import Iterator
from typing import ClassVar

from adloom_amazon_ads import mapping, refusals, wire, writing
from adloom_amazon_ads.manifest import MANIFEST
from adloom_amazon_ads.reading import read_daily, read_entities
from adloom_sdk import Account, Action, Connector, Context, EntityRef, EntityState, Kind, Manifest, Message, ReadRequest
from adloom_sdk.errors import AuthExpired, BadRequest, PlatformError, ScopeMissing

_REGIONS = ("api", "eu", "fe")


class AmazonAds(Connector):
    """Sponsored campaigns and below, daily numbers, and changes to campaigns."""

    manifest: ClassVar[Manifest] = MANIFEST
    error_of = staticmethod(refusals.error_of)

    def accounts(self, ctx: Context) -> Iterator[Account]:
        """The profiles of every region. A region that refuses the sign-in has none; where all refuse, that is the error."""
        seen: set[str] = set()
        refused: list[PlatformError] = []
        for host in _REGIONS:
            ctx.stop_if_cancelled()
            try:
                profiles = ctx.http.get("/v2/profiles", list[wire.Profile], host=host)
            except (AuthExpired, ScopeMissing) as error:
                refused.append(error)
                continue
            for one in map(mapping.account, profiles):
                if one.id not in seen:
                    seen.add(one.id)
                    yield one
        if len(refused) == len(_REGIONS):
            raise refused[0]

    def read(self, ctx: Context, request: ReadRequest) -> Iterator[Message]:
        """Answer one request."""
        if request.kind is Kind.REVENUE:
            raise BadRequest("Amazon Ads has no revenue of its own.")
        return read_daily(ctx, request) if request.kind is Kind.DAILY else read_entities(ctx, request)

    def state(self, ctx: Context, ref: EntityRef) -> EntityState:
        """A campaign's status and budget now."""
        product, campaign = writing.found(ctx, ref)
        return mapping.state(campaign, product)

    def write(self, ctx: Context, action: Action, *, dry_run: bool = False) -> str:  # noqa: ARG002 - Amazon has no dry run
        """Send one change of a campaign."""
        return writing.send(ctx, action)
