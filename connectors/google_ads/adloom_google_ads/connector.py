"""Google Ads: the connector's door. Reading is in `reading`, changes in `writing`."""

from collections.abc import Iterator

from msgspec.structs import replace

from adloom_google_ads import mapping, reading, refusals, wire, writing
from adloom_google_ads.manifest import MANIFEST, SCOPE
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
)
from adloom_sdk.errors import AccountDisabled, NotFound

_TREE = (
    "SELECT customer_client.id, customer_client.descriptive_name, customer_client.level, customer_client.manager, "
    "customer_client.currency_code, customer_client.time_zone, customer_client.status FROM customer_client"
)


class GoogleAds(Connector):
    """The Google Ads API over REST."""

    manifest = MANIFEST

    def check(self, ctx: Context) -> CheckResult:
        """Google has one permission for reading and writing, and tells nothing of the person."""
        self._roots(ctx)
        return CheckResult(scopes=(SCOPE,))

    def accounts(self, ctx: Context) -> Iterator[Account]:
        """Every account: those reached directly, and all below managers. Reached both ways, the direct one counts."""
        found: dict[str, Account] = {}
        for root in self._roots(ctx):
            ctx.stop_if_cancelled()
            for account in self._below(ctx, root):
                if account.id not in found or account.parent_id is None:
                    found[account.id] = account
        yield from found.values()

    def read(self, ctx: Context, request: ReadRequest) -> Iterator[Message]:
        """Entities, or one window of daily numbers."""
        of = request.account
        request = replace(request, account=replace(of, id=mapping.account_id(of.id)))
        return reading.read_daily(ctx, request) if request.kind is Kind.DAILY else reading.read_entities(ctx, request)

    def state(self, ctx: Context, ref: EntityRef) -> EntityState:
        """What Google tells of the entity now."""
        return writing.state(ctx, ref)

    def write(self, ctx: Context, action: Action, *, dry_run: bool = False) -> str:
        """Send one change; a dry run is checked by Google and not applied."""
        return writing.write(ctx, action, dry_run=dry_run)

    @classmethod
    def error_of(cls, reply: Reply) -> Exception | None:
        """What a refusal means."""
        return refusals.error_of(reply)

    def _roots(self, ctx: Context) -> list[str]:
        """The manager that was entered, or whatever the sign-in reaches directly."""
        told: wire.Customers = ctx.http.get("/{version}/customers:listAccessibleCustomers", wire.Customers)
        manager = reading.login_header(ctx.config.get("login_customer_id", "")).get("login-customer-id")
        return [manager] if manager else [name.removeprefix("customers/") for name in told.resource_names]

    def _below(self, ctx: Context, root: str) -> list[Account]:
        try:
            tree = list(reading.rows(ctx, root, _TREE, login=root))
        except (AccountDisabled, NotFound) as error:
            return [mapping.unreachable(root, error.message)]
        return [
            mapping.account(row.customer_client, root) for row in tree if row.customer_client and row.customer_client.id
        ]
