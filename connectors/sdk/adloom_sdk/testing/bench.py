"""A connector at its fake, in process and in virtual time: what tests and the conformance kit read, count and break."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from adloom_sdk.connector import Connector, Context
from adloom_sdk.credentials import Credentials, RenewingCredentials, Token
from adloom_sdk.days import windows
from adloom_sdk.http import Client, Exchange
from adloom_sdk.messages import Batch, Checkpoint, Kind, Message, ReadRequest
from adloom_sdk.records import Account, AccountStatus, AnyRecord, DailyMetric, Level
from adloom_sdk.testing.canary import CANARY
from adloom_sdk.testing.consent import CLIENT_ID, CLIENT_SECRET
from adloom_sdk.testing.fakes import FakePlatform
from adloom_sdk.testing.world import Numbers

DEVELOPER_TOKEN = f"{CANARY}-developer"
APP = {
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "developer_token": DEVELOPER_TOKEN,
    "consumer_key": CLIENT_ID,
    "consumer_secret": CLIENT_SECRET,
}


class Bench:
    """One connector class at one fake. `exchanges` lists every call that was made."""

    def __init__(
        self,
        connector_class: type[Connector],
        fake: FakePlatform,
        *,
        config: dict[str, str] | None = None,
        base_url: str = "http://fake.test",
    ) -> None:
        self.connector, self.fake = connector_class(), fake
        self.config, self.base_url = config or {}, base_url
        self.exchanges: list[Exchange] = []
        self.is_cancelled: Callable[[], bool] = lambda: False

    def token(self, *scopes: str, lifetime_s: float = 86_400) -> Token:
        """A token of the fake, for reading and writing unless said otherwise."""
        granted = scopes or (self.fake.read_scope, self.fake.write_scope)
        issued = self.fake.consent.issue(granted, lifetime=timedelta(seconds=lifetime_s))
        return self._typed(issued)

    def credentials(self, token: Token | None = None, app: dict[str, str] | None = None) -> Credentials:
        """Credentials that renew themselves at the fake, as a host's do."""
        stored = [token or self.token()]

        def renew(old: Token) -> Token:
            issued = self.fake.consent.refresh(old.refresh_token)
            if issued is None:
                from adloom_sdk.errors import AuthRevoked

                raise AuthRevoked("The sign-in cannot be renewed.")
            stored[0] = self._typed(issued)
            return stored[0]

        clock = self.fake.world.clock.now
        return RenewingCredentials(
            load=lambda: stored[0], renew_token=renew, clock=clock, app=APP if app is None else app
        )

    def ctx(self, credentials: Credentials | None = None, **options: Any) -> Context:
        """What the host would hand over, with the fake as the platform and its clock as the time."""
        clock = self.fake.world.clock
        client = Client(
            self.connector.manifest,
            credentials or self.credentials(),
            **{
                "base_url": self.base_url,
                "config": self.config,
                "error_of": self.connector.error_of,
                "throttle_of": self.connector.throttle_of,
                "clock": clock.now,
                "sleep": clock.sleep,
                "on_exchange": self.exchanges.append,
                "is_cancelled": self._must_stop,
                "transport": self.fake.transport(),
                "patience_s": 3600.0,
                **options,
            },
        )
        return Context(http=client, config=self.config, clock=clock.now, is_cancelled=self._must_stop)

    def _must_stop(self) -> bool:
        return self.is_cancelled()

    def accounts(self, ctx: Context | None = None) -> list[Account]:
        """Every account that the sign-in reaches."""
        return list(self.connector.accounts(ctx or self.ctx()))

    def account(self, currency: str = "USD") -> Account:
        """The working account of this currency."""
        good = (AccountStatus.ACTIVE, AccountStatus.LIMITED)
        return next(
            one for one in self.accounts() if one.currency == currency and one.status in good and not one.problem
        )

    def messages(
        self,
        kind: Kind,
        account: Account,
        since: date | None = None,
        until: date | None = None,
        *,
        level: Level | None = None,
        checkpoint: dict[str, Any] | None = None,
        ctx: Context | None = None,
    ) -> Iterator[Message]:
        """One read as the host would ask for it, window after window."""
        ctx = ctx or self.ctx()
        if since is None or until is None:
            yield from self.connector.read(ctx, ReadRequest(kind=kind, account=account, checkpoint=checkpoint))
            return
        for start, end in windows(since, until, max_days=self.connector.manifest.max_window_days):
            yield from self.connector.read(
                ctx,
                ReadRequest(kind=kind, account=account, since=start, until=end, level=level, checkpoint=checkpoint),
            )

    def read(self, kind: Kind, account: Account, *window: date, **options: Any) -> list[AnyRecord]:
        """Every record of a read."""
        messages = self.messages(kind, account, *window, **options)
        return [record for message in messages if isinstance(message, Batch) for record in message.records]

    def daily(
        self, account: Account, since: date, until: date, level: Level = Level.CAMPAIGN, **options: Any
    ) -> list[DailyMetric]:
        """Daily numbers."""
        found = self.read(Kind.DAILY, account, since, until, level=level, **options)
        return [record for record in found if isinstance(record, DailyMetric)]

    def checkpoints(self, messages: Iterator[Message]) -> Iterator[tuple[list[AnyRecord], dict[str, Any] | None]]:
        """After each message: what was handed over, and the newest checkpoint's state."""
        records: list[AnyRecord] = []
        state: dict[str, Any] | None = None
        for message in messages:
            if isinstance(message, Batch):
                records.extend(message.records)
            elif isinstance(message, Checkpoint):
                state = message.state
            yield list(records), state

    def ledger(self, account: Account, since: date, until: date, *, settled: bool = True) -> dict[date, Numbers]:
        """The truth per day. Dressed ids ("act_92810") are found by their digits; a fake with other ids overrides `undressed`."""
        found = self.fake.world.account(self.fake.undressed(account.id))
        if found is None:
            raise LookupError(f"The fake has no account {account.id}")
        return self.fake.world.ledger(found, since, until, settled=settled)

    def mature(self, until: date) -> datetime:
        """Let time pass until every day up to `until` has its final numbers; returns the new instant."""
        days = (until - self.fake.world.clock.now().date()).days + self.fake.world.shape.maturity_days + 3
        self.fake.world.clock.advance(days * 86_400.0)
        return self.fake.world.clock.now()

    def _typed(self, issued: dict[str, str]) -> Token:
        expires_at = self.fake.world.clock.now() + timedelta(seconds=float(issued["expires_in"]))
        return Token(
            access_token=issued["access_token"],
            refresh_token=issued["refresh_token"],
            secret=issued.get("token_secret", ""),
            expires_at=expires_at,
            scopes=tuple(issued["scope"].split()),
        )


def sums(records: list[DailyMetric]) -> dict[date, tuple[int, int, int, float, int]]:
    """Per day: spend, impressions, clicks, conversions and their value, days without delivery left out."""
    found: dict[date, tuple[int, int, int, float, int]] = {}
    for one in records:
        spend, impressions, clicks, conversions, value = found.get(one.day, (0, 0, 0, 0.0, 0))
        found[one.day] = (
            spend + one.spend_micros,
            impressions + (one.impressions or 0),
            clicks + (one.clicks or 0),
            round(conversions + (one.conversions or 0), 6),
            value + (one.conversion_value_micros or 0),
        )
    return {day: total for day, total in found.items() if any(total)}


def truth(ledger: dict[date, Numbers]) -> dict[date, tuple[int, int, int, float, int]]:
    """A ledger in the form of `sums`."""
    return {
        day: (one.spend_micros, one.impressions, one.clicks, float(one.conversions), one.conversion_value_micros)
        for day, one in ledger.items()
    }
