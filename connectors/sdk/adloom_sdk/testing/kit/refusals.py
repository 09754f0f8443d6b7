"""Points about bad days: every refusal gets its class, storms are sat out, tokens are renewed once, and a stop is a stop."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec

from adloom_sdk import oauth2
from adloom_sdk.connector import Context
from adloom_sdk.credentials import StaticCredentials
from adloom_sdk.errors import (
    AccountDisabled,
    AppMisconfigured,
    AppNotApproved,
    AuthExpired,
    AuthRevoked,
    BadRequest,
    Cancelled,
    NotFound,
    PlatformError,
    RateLimited,
    SchemaDrift,
    ScopeMissing,
    Transient,
    VersionSunset,
)
from adloom_sdk.manifest import OAuth2
from adloom_sdk.records import Account
from adloom_sdk.replies import Reply
from adloom_sdk.testing.bench import APP, Bench
from adloom_sdk.testing.faults import Fault, Faults
from adloom_sdk.testing.kit.points import point
from adloom_sdk.testing.kit.rig import DoesNotApply, Failed, Found, Read, Rig, Tap, an_account, difference

_MEANINGS: dict[str, tuple[type[PlatformError], ...]] = {
    "no_token": (AuthExpired, AuthRevoked),
    "expired": (AuthExpired,),
    "revoked": (AuthRevoked, AuthExpired),
    "scope": (ScopeMissing,),
    "app_not_approved": (AppNotApproved,),
    "account_disabled": (AccountDisabled,),
    "sunset": (VersionSunset,),
    "throttled": (RateLimited,),
    "not_found": (NotFound,),
    "bad_request": (BadRequest,),
    "server_error": (Transient,),
    "html": (SchemaDrift, VersionSunset),
    "cut_body": (Transient,),
    "lost_response": (Transient,),
}
# What concerns one account or one request may be told by accounts() in `problem` instead of an error.
_NOT_BY_CHECK = {"account_disabled", "not_found", "bad_request"}
_MOST_WASTED = 0.03
_ENOUGH_CALLS, _CALL_S = 100, 8.0  # so that tokens of five minutes run out on the way


@point(4, "Every refusal gets its class")
def refusals(rig: Rig) -> str:
    """Fourteen refusals, by check() and by a read; and a wrong client secret at the token address."""
    tried = 0
    for kind, classes in _MEANINGS.items():
        bench = rig.bench()
        account = an_account(bench)
        bench.fake.faults.add(Fault(kind=kind))
        _expect(
            kind,
            classes,
            f"a read of {rig.first_read()}",
            lambda b=bench, a=account: rig.collect(b, a, rig.first_read()),
        )
        if kind not in _NOT_BY_CHECK:
            _expect(kind, classes, "check()", lambda b=bench: b.connector.check(b.ctx()))
        tried += 1
    _wrong_secret(rig)
    return f"{tried} refusals"


def _expect(kind: str, classes: tuple[type[PlatformError], ...], where: str, act: Any) -> None:
    names = " or ".join(one.__name__ for one in classes)
    try:
        act()
    except classes as error:
        if not error.message or "\n" in error.message or len(error.message) > 400:
            raise Failed(
                f"The message for “{kind}” is no plain sentence ({error.message!r}): say what is wrong in one."
            ) from error
    except PlatformError as error:
        told = f"{type(error).__name__} ({error})"
        raise Failed(
            f"“{kind}” at {where} became {told}, and should be {names}: map the platform's code in error_of."
        ) from error
    else:
        raise Failed(
            f"“{kind}” at {where} raised nothing, and should raise {names}: map the platform's reply in error_of."
        )


def _wrong_secret(rig: Rig) -> None:
    auth = rig.manifest.auth
    if not isinstance(auth, OAuth2):
        return
    bench = rig.bench()
    wrong = APP | {"client_secret": "not-the-secret"}
    client = bench.ctx(StaticCredentials("", app=wrong)).http
    try:
        if auth.refresh == "none":
            oauth2.exchange_code(client, app=wrong, code="a-code", redirect_uri="http://localhost/back")
        else:
            oauth2.renew(client, app=wrong, token=bench.token())
    except AppMisconfigured:
        return
    except PlatformError as error:
        raise Failed(
            f"A wrong client secret became {type(error).__name__} ({error}), and should be AppMisconfigured: "
            "let the fake's token address check the secret, and error_of map its refusal."
        ) from error
    raise Failed(
        "The fake's token address accepts a wrong client secret: compare it with testing.consent.CLIENT_SECRET."
    )


@dataclass
class _Storm:
    """What a read in a storm costs."""

    calls: int = 0
    injected: int = 0
    throttled: int = 0
    renewals: int = 0
    early: int = 0
    hints: int = 0
    at_once: int = 0
    wasted: int = 0

    def add(self, other: "_Storm", calm: "_Storm") -> None:
        """Count another storm; `calm` is what the same work costs on a quiet day."""
        self.calls += other.calls
        self.injected += other.injected
        self.throttled += other.throttled
        self.renewals += other.renewals
        self.early += other.early
        self.hints += other.hints
        self.at_once = max(self.at_once, other.at_once)
        self.wasted += other.calls - calm.calls - other.injected


@point(12, "A storm is sat out")
def storm(rig: Rig) -> str:
    """5 % throttled, 2 % server errors, 1 % cut bodies, tokens that live five minutes: everything is read, little is wasted.

    Wasted are the calls beyond those of a quiet day and beyond one repetition of each call that a fault hit.
    """
    quiet, calm = _read_everything(rig, seed=0)
    wild = _Storm()
    for seed in range(1, 6):
        if wild.calls < _ENOUGH_CALLS:
            stormy, cost = _read_everything(rig, seed=seed)
            _expect_same(quiet, stormy)
            wild.add(cost, calm)
    if wild.wasted > max(2, _MOST_WASTED * wild.calls):
        raise Failed(
            f"{wild.wasted} of {wild.calls} calls were wasted: after a fault, repeat one call and not the whole read."
        )
    if wild.early:
        raise Failed(
            f"{wild.early} calls came before the instant that the platform had told: put it into RateLimited.retry_at."
        )
    if wild.at_once > rig.manifest.rate.concurrency:
        raise Failed(f"{wild.at_once} calls ran at once, the manifest says {rig.manifest.rate.concurrency}.")
    if _tells_when(rig) and wild.throttled and not wild.hints:
        raise Failed("The platform tells when to call again, but RateLimited has no retry_at: read it in error_of.")
    return (
        f"{max(0, wild.wasted)} of {wild.calls} calls wasted, {wild.injected} hit by faults, {wild.renewals} renewals"
    )


def _expect_same(quiet: dict[str, Found], stormy: dict[str, Found]) -> None:
    for what, found in quiet.items():
        if told := difference(found, stormy[what]):
            raise Failed(
                f"In the storm, the read of {what} differs: {told}. Let errors pass to the host's client, swallow none."
            )


def _read_everything(rig: Rig, *, seed: int) -> tuple[dict[str, Found], _Storm]:
    """Every read, in a storm of this seed; 0 is a quiet day."""
    bench = rig.bench(page_size=3)
    account = an_account(bench)
    clock, cost = bench.fake.world.clock, _Storm()
    held: list[datetime] = []
    running = [0]
    bench.fake.journal.clear()

    def before(_request: httpx.Request) -> None:
        running[0] += 1
        cost.at_once = max(cost.at_once, running[0])
        if held and clock.now() < held.pop() - timedelta(seconds=1):
            cost.early += 1
        clock.advance(_CALL_S)

    def after(_request: httpx.Request, response: httpx.Response) -> httpx.Response:
        running[0] -= 1
        return response

    def error_of(reply: Reply) -> Exception | None:
        error = bench.connector.error_of(reply)
        if isinstance(error, RateLimited) and error.retry_at:
            cost.hints += 1
            held.append(error.retry_at)
        return error

    is_stormy = seed > 0
    if is_stormy:
        bench.fake.faults = Faults(seed=seed)
        bench.fake.consent.lifetime_s = 300 if _can_renew(rig) else bench.fake.consent.lifetime_s
        for kind, share in (("throttled", 0.05), ("server_error", 0.02), ("cut_body", 0.01)):
            bench.fake.faults.add(Fault(kind=kind, probability=share))
    token = bench.token(lifetime_s=300 if is_stormy and _can_renew(rig) else 86_400)
    tap = _CountedTap(bench.fake, before=before, after=after, running=running)
    ctx = bench.ctx(bench.credentials(token), transport=tap, error_of=error_of)
    found: dict[str, Found] = {}
    for read in rig.reads():
        for earlier_days in (0, 10):
            days = rig.settled_days(days=6, earlier_days=earlier_days)
            found[f"{read} until {days[1]}"] = rig.collect(bench, account, read, *days, ctx=ctx)
    cost.calls = tap.calls
    cost.injected = sum(1 for entry in bench.fake.journal if entry.fault)
    cost.renewals = bench.fake.consent.refreshes
    cost.throttled = sum(1 for entry in bench.fake.journal if entry.fault == "throttled")
    return found, cost


@dataclass
class _CountedTap(Tap):
    """A tap that knows how many calls run at once, also where they break."""

    running: list[int] | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return super().handle_request(request)
        except httpx.HTTPError:
            if self.running:
                self.running[0] -= 1
            raise


def _tells_when(rig: Rig) -> bool:
    """Whether the platform's throttling reply depends on how long to wait, ids that change by themselves left out."""
    fake = rig.bench().fake
    first, again = (_flat(fake.refusal("throttled", retry_after_s=300)) for _ in range(2))
    other = _flat(fake.refusal("throttled", retry_after_s=7000))
    return any(other.get(name) != value for name, value in first.items() if again.get(name) == value)


def _flat(answer: Any) -> dict[str, Any]:
    content, headers = answer.wire()
    return dict(headers) | dict(_leaves(msgspec.json.decode(content) if content else None, ""))


def _leaves(value: Any, path: str) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in _leaves(item, f"{path}/{key}")]
    if isinstance(value, list):
        return [leaf for index, item in enumerate(value) for leaf in _leaves(item, f"{path}/{index}")]
    return [(path, value)]


def _can_renew(rig: Rig) -> bool:
    auth = rig.manifest.auth
    return isinstance(auth, OAuth2) and auth.refresh != "none"


@point(13, "An expired token is renewed once")
def renewed_once(rig: Rig) -> None:
    """The token runs out in the middle of four parallel reads: one renewal, and nothing is lost."""
    if not _can_renew(rig):
        raise DoesNotApply("This sign-in's tokens cannot be renewed.")
    bench = rig.bench(page_size=2)
    account = an_account(bench)
    whole = rig.collect(bench, account, rig.first_read())
    before = bench.fake.consent.refreshes
    bench.fake.faults.add(Fault(kind="expire_token", skip=2, times=1))
    ctx = bench.ctx()
    results: list[Found] = []
    problems: list[BaseException] = []
    threads = [threading.Thread(target=_reader, args=(rig, bench, account, ctx, results, problems)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    if any(difference(whole, found) for found in results):
        raise Failed(
            "A read lost records when its token ran out: let AuthExpired pass to the client, it renews and repeats."
        )
    renewals = bench.fake.consent.refreshes - before
    if renewals != 1:
        raise Failed(
            f"The token was renewed {renewals} times instead of once: map the platform's “expired” to AuthExpired."
        )


def _reader(
    rig: Rig, bench: Bench, account: Account, ctx: Context, results: list[Found], problems: list[BaseException]
) -> None:
    try:
        results.append(rig.collect(bench, account, rig.first_read(), ctx=ctx))
    except Exception as error:  # handed to the thread that started this one
        problems.append(error)


@point(16, "A stop is a stop")
def stops(rig: Rig) -> None:
    """Asked to stop, a read raises Cancelled within two seconds and one call."""
    for read in rig.reads():
        bench = rig.bench(page_size=2)
        account = an_account(bench)
        whole = rig.collect(bench, account, read, *rig.settled_days(days=3))
        for number in (1, 2, 4):
            _stop(rig, bench, account, read, number, whole)


def _stop(rig: Rig, bench: Bench, account: Account, read: Read, number: int, whole: Found) -> None:
    asked_at: list[datetime] = []

    def after(_request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if tap.calls == number:
            asked_at.append(bench.fake.world.clock.now())
        return response

    tap = Tap(bench.fake, after=after)
    bench.is_cancelled = lambda: bool(asked_at)
    try:
        found = rig.collect(bench, account, read, *rig.settled_days(days=3), ctx=bench.ctx(transport=tap))
    except Cancelled:
        waited_s = (bench.fake.world.clock.now() - asked_at[0]).total_seconds()
        if tap.calls > number + 1 or waited_s > 2:
            raise Failed(
                f"Asked to stop after call {number} of {read}, it went on for {tap.calls - number} calls and {waited_s:.0f} s: "
                "call ctx.stop_if_cancelled() per page, and wait with ctx.http.pause()."
            ) from None
        return
    if asked_at and difference(whole, found):
        raise Failed(f"Asked to stop, the read of {read} ended as if it were complete: let Cancelled pass.")
