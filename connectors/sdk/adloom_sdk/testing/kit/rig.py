"""What the points work with: a connector at a fresh fake, a tap on the wire between them, and reads whose contract is checked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import msgspec

from adloom_sdk.connector import Connector, Context
from adloom_sdk.credentials import Credentials
from adloom_sdk.days import today_in
from adloom_sdk.manifest import Capability, Manifest
from adloom_sdk.messages import (
    MAX_BATCH_RECORDS,
    MAX_CHECKPOINT_BYTES,
    Batch,
    Checkpoint,
    Kind,
    Message,
    Progress,
    ReadRequest,
)
from adloom_sdk.records import (
    Account,
    Ad,
    AdGroup,
    AnyRecord,
    Campaign,
    Creative,
    DailyMetric,
    Level,
    RevenueDay,
)
from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.fakes import FakePlatform
from adloom_sdk.testing.world import Clock, Shape, World

# Half past two in the night in London: the day before in New York, and long after both changes of daylight-saving time.
NOW = datetime(2026, 11, 27, 2, 30, tzinfo=UTC)
SMALL = Shape(campaigns=6, ad_groups=1, ads=2, history_days=400)
WRITES = (Capability.PAUSE, Capability.ENABLE, Capability.DAILY_BUDGET)
_MAX_CALLS = 5000
_RECORDS: dict[Kind, type[msgspec.Struct]] = {
    Kind.CAMPAIGNS: Campaign,
    Kind.AD_GROUPS: AdGroup,
    Kind.ADS: Ad,
    Kind.CREATIVES: Creative,
    Kind.DAILY: DailyMetric,
    Kind.REVENUE: RevenueDay,
}
_CAPABILITIES = {
    Capability.CAMPAIGNS: Kind.CAMPAIGNS,
    Capability.AD_GROUPS: Kind.AD_GROUPS,
    Capability.ADS: Kind.ADS,
    Capability.CREATIVES: Kind.CREATIVES,
    Capability.DAILY: Kind.DAILY,
    Capability.REVENUE: Kind.REVENUE,
}
Found = dict[tuple[Any, ...], AnyRecord]


class Failed(Exception):
    """The point failed; the message is one sentence that tells the author what to do."""


class DoesNotApply(Exception):
    """The connector does not declare what the point is about."""


class Endless(BaseException):
    """More calls than any read can need; a BaseException, so that no connector swallows it."""


class KitBench(Bench):
    """A bench whose fake sees the platform's real host names."""

    def ctx(self, credentials: Credentials | None = None, **options: Any) -> Context:
        """As of `Bench`."""
        return super().ctx(credentials, **{"base_url": "http://{host}", **options})


@dataclass(frozen=True)
class Read:
    """One thing to read: a kind, for daily numbers with its level."""

    kind: Kind
    level: Level | None = None

    @property
    def has_days(self) -> bool:
        """Whether a window belongs to it."""
        return self.kind in {Kind.DAILY, Kind.REVENUE}

    def __str__(self) -> str:
        return f"{self.kind} of level {self.level}" if self.level else str(self.kind)


@dataclass
class Tap(httpx.BaseTransport):
    """Between client and fake: counts, looks, bends. `before` may answer instead of the fake, `after` may change its answer.

    `forgives`: a fake that breaks on a question is taken for a platform that refuses it.
    """

    fake: FakePlatform
    before: Callable[[httpx.Request], httpx.Response | None] = lambda _request: None
    after: Callable[[httpx.Request, httpx.Response], httpx.Response] = lambda _request, response: response
    forgives: bool = False
    calls: int = 0
    seen: list[str] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Hand the call on."""
        self.calls += 1
        if self.calls > _MAX_CALLS:
            raise Endless
        self.seen.append(f"{request.method} {request.url}")
        early = self.before(request)
        return early if early is not None else self.after(request, self._asked(request))

    def _asked(self, request: httpx.Request) -> httpx.Response:
        try:
            return self.fake.transport().handle_request(request)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            if not self.forgives:
                raise
            answer = self.fake.refusal("bad_request")
            content, headers = answer.wire()
            return httpx.Response(answer.status, headers=headers, content=content)


class Rig:
    """A connector class and the class of its fake; every point builds its own world from them."""

    def __init__(self, connector_class: type[Connector], fake_class: type[FakePlatform]) -> None:
        self.connector_class, self.fake_class = connector_class, fake_class

    @property
    def manifest(self) -> Manifest:
        """The connector's."""
        return self.connector_class.manifest

    def bench(
        self,
        *,
        shape: Shape = SMALL,
        page_size: int = 100,
        currency: str = "USD",
        connector: type[Connector] | None = None,
    ) -> Bench:
        """The connector at a fresh fake whose clock stands still, connected so that it sees an account of this currency."""
        world = World(self.fake_class.key, shape=shape, clock=Clock(NOW, is_frozen=True))
        fake = self.fake_class(world, page_size=page_size)
        account = next(one for one in world.accounts if one.currency == currency)
        return KitBench(connector or self.connector_class, fake, config=fake.config_for(account))

    def reads(self) -> list[Read]:
        """Everything that the manifest promises to read."""
        kinds = [kind for capability, kind in _CAPABILITIES.items() if self.manifest.can(capability)]
        levels = {Kind.DAILY: self.manifest.levels}
        return [Read(kind, level) for kind in kinds for level in levels.get(kind, (None,))]

    def first_read(self) -> Read:
        """What a new connection reads first."""
        reads = self.reads()
        if not reads:
            raise Failed("The manifest declares nothing to read: name at least one read capability.")
        return reads[0]

    def settled_days(self, days: int = 5, *, earlier_days: int = 0) -> tuple[date, date]:
        """A window whose numbers no longer change, and which the platform still tells."""
        age_days = min(max(45, self.manifest.restatement_days + 5), self.manifest.retention_days - 25) + earlier_days
        until = NOW.date() - timedelta(days=age_days)
        return until - timedelta(days=min(days, self.manifest.max_window_days) - 1), until

    def messages(
        self, bench: Bench, ctx: Context, account: Account, read: Read, *days: date, state: dict[str, Any] | None = None
    ) -> Iterator[Message]:
        """One window as a host would ask for it; every message is held to the contract."""
        since, until = (days or self.settled_days()) if read.has_days else (None, None)
        request = ReadRequest(
            kind=read.kind, account=account, since=since, until=until, level=read.level, checkpoint=state
        )
        for message in bench.connector.read(ctx, request):
            _hold_to_contract(message, request)
            yield message

    def collect(self, bench: Bench, account: Account, read: Read, *days: date, ctx: Context | None = None) -> Found:
        """Every record of one window by its key; of those that came twice the last."""
        found: Found = {}
        for message in self.messages(bench, ctx or bench.ctx(), account, read, *days):
            if isinstance(message, Batch):
                found.update((key_of(record), record) for record in message.records)
        return found


def an_account(bench: Bench, currency: str = "USD") -> Account:
    """The first account of a currency that works."""
    good = [one for one in bench.accounts() if not one.problem and one.currency == currency]
    if not good:
        raise Failed(
            f"accounts() gave no working account in {currency}, though the fake has one: "
            "follow the paging, and take currency and zone from the platform."
        )
    return good[0]


def today_of(bench: Bench, account: Account) -> date:
    """The account's day now."""
    return today_in(account.timezone, bench.fake.world.clock.now())


def key_of(record: AnyRecord) -> tuple[Any, ...]:
    """What makes a record the same one."""
    if isinstance(record, DailyMetric):
        return (record.level, record.entity_id, record.day)
    if isinstance(record, RevenueDay):
        return (record.day, record.source)
    return (type(record).__name__, record.id)


def difference(wanted: Found, got: Found) -> str:
    """The first way in which two results differ, '' where they do not."""
    if lost := wanted.keys() - got.keys():
        return f"{len(lost)} records are missing, the first is {min(map(str, lost))}"
    if new := got.keys() - wanted.keys():
        return f"{len(new)} records are too many, the first is {min(map(str, new))}"
    for key, record in wanted.items():
        if got[key] != record:
            return f"record {key} was {record} and is {got[key]}"
    return ""


def _hold_to_contract(message: Message, request: ReadRequest) -> None:
    if isinstance(message, Checkpoint):
        size = len(msgspec.json.encode(message.state))
        if size > MAX_CHECKPOINT_BYTES:
            raise Failed(f"A checkpoint has {size} bytes: keep only what a read needs to go on, at most 4 KB.")
    elif isinstance(message, Batch):
        if len(message.records) > MAX_BATCH_RECORDS:
            raise Failed(f"A batch has {len(message.records)} records: hand over at most {MAX_BATCH_RECORDS} at once.")
        for record in message.records:
            _hold_record(record, request)
    elif not isinstance(message, Progress):
        raise Failed(
            f"read() handed over {type(message).__name__}: only Batch, Checkpoint and Progress are understood."
        )


def _hold_record(record: AnyRecord, request: ReadRequest) -> None:
    wanted = _RECORDS[request.kind]
    if type(record) is not wanted:
        raise Failed(
            f"A read of {request.kind} gave a {type(record).__name__}: hand over {wanted.__name__} records only."
        )
    try:
        msgspec.convert(msgspec.to_builtins(record), wanted, strict=True)
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        raise Failed(
            f"A {wanted.__name__} has a field of the wrong type ({error}): convert it in mapping.py."
        ) from error
    if record.account_id != request.account.id:
        raise Failed(
            f"A {wanted.__name__} says account {record.account_id} instead of {request.account.id}: copy the request's."
        )
    if isinstance(record, (DailyMetric, RevenueDay)):
        _hold_day(record, request)


def _hold_day(record: DailyMetric | RevenueDay, request: ReadRequest) -> None:
    since, until = request.days()
    if not since <= record.day <= until:
        raise Failed(
            f"A row is for {record.day}, outside {since} to {until}: both ends are inclusive days of the account's zone."
        )
    if record.currency != request.account.currency:
        raise Failed(
            f"A row is in {record.currency}, the account in {request.account.currency}: copy the account's currency."
        )
    if isinstance(record, DailyMetric) and record.level is not request.level:
        raise Failed(f"A row says level {record.level}, asked was {request.level}: set the level of the request.")
