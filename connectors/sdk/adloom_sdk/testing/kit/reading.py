"""Points about reading: all pages, odd fields, interruption, repetition, deleted entities, memory."""

import gc
import tracemalloc
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec

import adloom_sdk
from adloom_sdk.errors import PlatformError
from adloom_sdk.manifest import Capability
from adloom_sdk.messages import Batch, Checkpoint, Kind
from adloom_sdk.records import Account, Campaign, EntityStatus
from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.kit.bending import (
    NEW_NUMBER,
    NEW_WORD,
    bent,
    dashed,
    dropped,
    noted,
    nulled,
    with_new_fields,
    with_new_statuses,
)
from adloom_sdk.testing.kit.installed import package_of
from adloom_sdk.testing.kit.points import point
from adloom_sdk.testing.kit.rig import (
    SMALL,
    DoesNotApply,
    Endless,
    Failed,
    Found,
    Read,
    Rig,
    Tap,
    an_account,
    difference,
    key_of,
)
from adloom_sdk.testing.world import Shape

_LEAST_POINTS, _MOST_POINTS = 25, 48
_TINY = Shape(campaigns=2, ad_groups=1, ads=1, history_days=400)
_BYTES_PER_ROW = 50  # 50 MB for a million rows
_SLACK_BYTES = 16_000


@point(5, "Every page is read, whatever its size")
def every_page(rig: Rig) -> None:
    """Page sizes 1, 2 and all at once give the same; an account without campaigns gives nothing, and no error."""
    bench = rig.bench(shape=SMALL)
    account = an_account(bench)
    for read in rig.reads():
        results = {}
        for size in (100, 2, 1):
            bench.fake.page_size = size
            results[size] = rig.collect(bench, account, read)
            if told := difference(results[100], results[size]):
                raise Failed(f"With pages of {size}, the read of {read} differs: {told}. Follow the paging to its end.")
        _count(rig, bench, account, read, results[100])
    empty = rig.bench(shape=Shape(campaigns=0, ad_groups=0, ads=0, history_days=60))
    for read in rig.reads():
        if read.kind is not Kind.REVENUE and rig.collect(empty, an_account(empty), read):
            raise Failed(f"An account without campaigns gave records of {read}: filter by the account asked for.")


def _count(rig: Rig, bench: Bench, account: Account, read: Read, found: Found) -> None:
    levels = {Kind.CAMPAIGNS: "campaign", Kind.AD_GROUPS: "ad_group", Kind.ADS: "ad"}
    if read.kind not in levels:
        if not found and read.kind is not Kind.CREATIVES:
            raise Failed(f"The read of {read} gave nothing, though the fake has some: check parameters and mapping.")
        return
    own = bench.fake.world.account(bench.fake.undressed(account.id))
    entities = bench.fake.world.entities(own, levels[read.kind]) if own else ()
    wanted = [one for one in entities if rig.manifest.can(Capability.DELETED) or one.status is not EntityStatus.REMOVED]
    if len(found) < len(wanted):
        raise Failed(
            f"{len(found)} of {len(wanted)} {read} arrived: look for a filter on status, or a page not followed."
        )


@point(8, "Odd fields do no harm")
def odd_fields(rig: Rig) -> str:
    """New fields are ignored, new statuses become OTHER, and a field that is null, "-" or gone never breaks the connector."""
    bench = rig.bench()
    account = an_account(bench)
    for read in rig.reads():
        calm = rig.collect(bench, account, read)
        tap = Tap(bench.fake, after=bent(with_new_fields))
        if told := difference(calm, rig.collect(bench, account, read, ctx=bench.ctx(transport=tap))):
            raise Failed(
                f"A field that nobody knows changed the read of {read} ({told}): let wire.py ignore unknown fields."
            )
    _unknown_statuses(rig, bench, account)
    small = rig.bench(shape=_TINY)
    return f"{_missing_fields(rig, small, an_account(small))} fields were taken away, one at a time"


def _unknown_statuses(rig: Rig, bench: Bench, account: Account) -> None:
    if not rig.manifest.can(Capability.CAMPAIGNS):
        return
    tap = Tap(bench.fake, after=bent(with_new_statuses))
    found = rig.collect(bench, account, Read(Kind.CAMPAIGNS), ctx=bench.ctx(transport=tap))
    for record in found.values():
        assert isinstance(record, Campaign)  # noqa: S101 - the rig has checked it
        if (
            NEW_WORD in record.raw_status or record.raw_status == str(NEW_NUMBER)
        ) and record.status is not EntityStatus.OTHER:
            raise Failed(f"A status that nobody knows became {record.status}: map what is new to EntityStatus.OTHER.")
        if record.status is EntityStatus.OTHER and not record.raw_status:
            raise Failed("A campaign of status OTHER has no raw_status: keep the platform's word there.")
    if not any(record.status is EntityStatus.OTHER for record in found.values() if isinstance(record, Campaign)):
        raise Failed(
            "No campaign became OTHER with statuses that nobody knows: do not guess a status from other fields."
        )


def _missing_fields(rig: Rig, bench: Bench, account: Account) -> int:
    tried = 0
    for read in rig.reads():
        names: set[str] = set()
        seen = Tap(bench.fake, after=bent(partial(noted, into=names)))
        rig.collect(bench, account, read, *rig.settled_days(days=1), ctx=bench.ctx(transport=seen))
        for name in sorted(names):
            for bend in (nulled, dashed, dropped):
                tap = Tap(bench.fake, after=bent(partial(bend, name=name)), forgives=True)
                _survives(rig, bench, account, read, tap, f"“{name}” {bend.__doc__}")
        tried += len(names)
    return tried


def _survives(rig: Rig, bench: Bench, account: Account, read: Read, tap: Tap, what: str) -> None:
    """A clean error is an answer, a crash or an endless loop is none."""
    try:
        rig.collect(bench, account, read, *rig.settled_days(days=1), ctx=bench.ctx(transport=tap, patience_s=1.0))
    except PlatformError:
        return
    except Endless:
        raise Failed(
            f"With {what} in replies to {read} the connector asks for ever: give up after some minutes with Transient."
        ) from None
    except Failed:
        raise
    except Exception as error:
        name, words = type(error).__name__, str(error)
        raise Failed(
            f"With {what} in replies to {read}, the connector crashed with {name} ({words}): give it a default in wire.py."
        ) from error


@point(9, "A read goes on where it was interrupted")
def resumes(rig: Rig) -> str:
    """Killed after any message or at any call, and resumed from the last checkpoint, it gives the same records."""
    tried = 0
    each = max(4, _MOST_POINTS // (2 * len(rig.reads())))
    for earlier_days in (0, 5, 10):
        if tried < _LEAST_POINTS:
            tried += sum(
                _interruptions(rig, read, rig.settled_days(3, earlier_days=earlier_days), each) for read in rig.reads()
            )
    if tried < _LEAST_POINTS:
        return f"only {tried} places to interrupt were found; yield a checkpoint after each page"
    return f"interrupted at {tried} places"


def _interruptions(rig: Rig, read: Read, days: tuple[date, date], each: int) -> int:
    bench = rig.bench(page_size=2)
    account = an_account(bench)
    tap = Tap(bench.fake)
    whole: Found = {}
    messages = list(rig.messages(bench, bench.ctx(transport=tap), account, read, *days))
    for message in messages:
        if isinstance(message, Batch):
            whole.update((key_of(record), record) for record in message.records)
    stops = [("message", n) for n in _spread(len(messages), each)] + [("call", n) for n in _spread(tap.calls, each)]
    for unit, number in stops:
        got = _interrupted(rig, bench, account, read, days, (unit, number))
        if told := difference(whole, got):
            raise Failed(
                f"Killed at {unit} {number} of {read} and resumed, {told}: "
                "hand over everything before a checkpoint, and go on exactly behind it."
            )
    return len(stops)


class _Killed(BaseException):
    """The process is gone: nothing of the connector may run."""


def _interrupted(
    rig: Rig, bench: Bench, account: Account, read: Read, days: tuple[date, date], stop: tuple[str, int]
) -> Found:
    """What a host has made durable after the interruption and the second run."""
    unit, number = stop
    durable: Found = {}
    state: dict[str, Any] | None = None
    pending: Found = {}

    def kill(_request: httpx.Request) -> None:
        if unit == "call" and tap.calls >= number:
            raise _Killed

    tap = Tap(bench.fake, before=kill)
    try:
        first = rig.messages(bench, bench.ctx(transport=tap), account, read, *days)
        for count, message in enumerate(first, start=1):
            if unit == "message" and count > number:
                raise _Killed
            if isinstance(message, Batch):
                pending.update((key_of(record), record) for record in message.records)
            elif isinstance(message, Checkpoint):
                durable.update(pending)
                pending = {}
                state = msgspec.json.decode(msgspec.json.encode(message.state))
    except _Killed:
        pending = {}
    for message in rig.messages(bench, bench.ctx(), account, read, *days, state=state):
        if isinstance(message, Batch):
            durable.update((key_of(record), record) for record in message.records)
    return durable | pending


def _spread(count: int, most: int) -> list[int]:
    """Up to `most` numbers from 1 to `count`, first and last among them."""
    if count <= most:
        return list(range(1, count + 1))
    return sorted({1 + round(step * (count - 1) / (most - 1)) for step in range(most)})


@point(10, "Reading again changes nothing")
def repeats(rig: Rig) -> None:
    """Two reads of the same instant are equal in every field."""
    bench = rig.bench()
    account = an_account(bench)
    for read in rig.reads():
        first = rig.collect(bench, account, read)
        if told := difference(first, rig.collect(bench, account, read)):
            raise Failed(f"Reading {read} again changed it: {told}. Leave out what differs from call to call.")


@point(17, "Memory stays flat")
def flat_memory(rig: Rig) -> str:
    """What stays behind after a window is at most 50 bytes per row (50 MB for a million rows)."""
    reads = [read for read in rig.reads() if read.has_days]
    if not reads:
        raise DoesNotApply("The connector reads no daily numbers.")
    bench = rig.bench()
    account, read = an_account(bench), reads[-1]
    days = min(8, rig.manifest.max_window_days)
    ctx = bench.ctx(on_exchange=lambda _exchange: None)
    _windows(rig, bench, account, read, ctx, days, count=2)
    tracemalloc.start()
    try:
        _windows(rig, bench, account, read, ctx, days, count=2)
        before = _held_bytes(rig)
        rows = _windows(rig, bench, account, read, ctx, days, count=4)
        grown = _held_bytes(rig) - before
    finally:
        tracemalloc.stop()
    if grown > rows * _BYTES_PER_ROW + _SLACK_BYTES:
        raise Failed(f"{grown // 1024} KiB stayed behind after {rows} rows: keep no records, yield them page by page.")
    return f"{max(0, grown) // max(1, rows)} bytes per row stayed behind"


def _held_bytes(rig: Rig) -> int:
    """What the connector and the SDK's own part hold; the fake's memory is not theirs."""
    gc.collect()
    sdk = Path(adloom_sdk.__file__).parent
    own = [tracemalloc.Filter(True, str(place / "*.py")) for place in (package_of(rig.connector_class), sdk)]
    found = tracemalloc.take_snapshot().filter_traces([*own, tracemalloc.Filter(False, str(sdk / "testing" / "*"))])
    return sum(one.size for one in found.statistics("filename"))


def _windows(rig: Rig, bench: Bench, account: Account, read: Read, ctx: Any, days: int, *, count: int) -> int:
    rows = 0
    for number in range(count):
        since, until = rig.settled_days(days, earlier_days=number % 2 * days)
        for message in rig.messages(bench, ctx, account, read, since, until):
            rows += len(message.records) if isinstance(message, Batch) else 0
        bench.fake.journal.clear()
    return rows


@point(18, "Deleted entities are read")
def deleted_entities(rig: Rig) -> None:
    """A removed campaign comes with status REMOVED, so that its history keeps its name."""
    if not rig.manifest.can(Capability.DELETED):
        raise DoesNotApply("The manifest does not declare read.deleted.")
    bench = rig.bench()
    account = an_account(bench)
    found = rig.collect(bench, account, Read(Kind.CAMPAIGNS))
    if not any(isinstance(one, Campaign) and one.status is EntityStatus.REMOVED for one in found.values()):
        raise Failed("The removed campaign did not come, or not as REMOVED: ask the platform for deleted ones too.")
