"""The kit finds what it looks for: for each point, a connector that is wrong in just that respect fails it."""

import logging
import socket
from collections.abc import Callable, Iterator
from importlib import import_module, invalidate_caches
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adloom_sdk import Batch, Campaign, Checkpoint, Connector, Context, EntityStatus, Kind, Message, ReadRequest, Reply
from adloom_sdk.errors import AuthExpired, AuthRevoked, Cancelled, PlatformError, RateLimited, Transient
from adloom_sdk.manifest import AppSetting, Capability
from adloom_sdk.testing.fakes import FakePlatform
from adloom_sdk.testing.kit import Report, freeze, run_kit
from adloom_sdk.testing.kit.points import POINTS
from app.cli.connectors.project import as_installed
from app.cli.connectors.scaffold import scaffold
from tests.connectors.distributions import on_path

Base = type[Connector]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Base, type[FakePlatform]]]:
    """The scaffold's connector and its fake, as if installed."""
    folder = scaffold("Kit probe", tmp_path_factory.mktemp("probe"))
    with on_path(folder), as_installed(folder):
        invalidate_caches()
        connector, fake = import_module("adloom_kit_probe.connector"), import_module("adloom_kit_probe.fake")
        yield connector.KitProbe, fake.FakeKitProbe


def test_the_scaffold_passes_at_once(made: tuple[Base, type[FakePlatform]]) -> None:
    report = run_kit(*made)
    assert [one.sentence for one in report.failed] == []
    assert len(report.outcomes) == len(POINTS) == 21
    assert {one.number for one in report.outcomes if one.state == "does_not_apply"} == {20, 21}


def test_a_report_is_a_table_and_json_with_a_badge(made: tuple[Base, type[FakePlatform]]) -> None:
    report: Report = run_kit(*made, only=(2, 3, 20))
    assert "2/2 points passed" in report.table()
    plain = msgspec.json.decode(report.json())
    assert plain["badge"]["message"] == plain["score"] == "2/2"
    assert [one["state"] for one in plain["outcomes"]] == ["passed", "passed", "does_not_apply"]


def test_a_frozen_release_is_replayed_and_kept(made: tuple[Base, type[FakePlatform]], tmp_path: Path) -> None:
    folder = Path(str(import_module("adloom_kit_probe").__file__)).parent / "released"
    freeze(*made)
    try:
        assert run_kit(*made, only=(20, 21)).score == "2/2"
        assert run_kit(reading(made[0], changed_names), made[1], only=(21,)).failed
        fewer = tuple(one for one in made[0].manifest.capabilities if one is not Capability.ADS)
        assert run_kit(declaring(made[0], capabilities=fewer), made[1], only=(20,)).failed
        assert not run_kit(declaring(made[0], capabilities=fewer, version="2.0.0"), made[1], only=(20,)).failed
    finally:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


Bend = Callable[[Context, ReadRequest, Iterator[Message]], Iterator[Message]]


def reading(base: Base, bend: Bend) -> Base:
    """The connector with its messages bent."""

    class Bent(base):  # type: ignore[valid-type,misc]  # a class that is given at run time
        def read(self, ctx: Context, request: ReadRequest) -> Iterator[Message]:
            return bend(ctx, request, super().read(ctx, request))

    Bent.__module__ = base.__module__
    return Bent


def declaring(base: Base, **changed: Any) -> Base:
    """The connector with another manifest."""
    manifest = msgspec.structs.replace(base.manifest, **changed)
    return type("Declaring", (base,), {"manifest": manifest, "__module__": base.__module__})


def judging(base: Base, error_of: Callable[[Exception | None], Exception | None]) -> Base:
    """The connector with another reading of refusals."""

    class Judging(base):  # type: ignore[valid-type,misc]  # a class that is given at run time
        @classmethod
        def error_of(cls, reply: Reply) -> Exception | None:
            return error_of(super().error_of(reply))

    return Judging


def on_records(change: Callable[[Any], Any]) -> Bend:
    def bend(_ctx: Context, _request: ReadRequest, messages: Iterator[Message]) -> Iterator[Message]:
        for one in messages:
            yield Batch(tuple(map(change, one.records))) if isinstance(one, Batch) else one

    return bend


def changed(**fields: Any) -> Callable[[Any], Any]:
    """Records with other values, where they have such fields."""

    def change(record: Any) -> Any:
        own = {name: value(record) for name, value in fields.items() if name in record.__struct_fields__}
        return msgspec.structs.replace(record, **own) if own else record

    return change


changed_names = on_records(changed(name=lambda record: record.name + "!"))


def first_page_only(_ctx: Context, _request: ReadRequest, messages: Iterator[Message]) -> Iterator[Message]:
    yield next(messages)
    yield next(messages)


def checkpoint_first(_ctx: Context, _request: ReadRequest, messages: Iterator[Message]) -> Iterator[Message]:
    batch: Message | None = None
    for one in messages:
        if isinstance(one, Checkpoint):
            yield one
            if batch is not None:
                yield batch
        batch = one


def swallowing(_ctx: Context, _request: ReadRequest, messages: Iterator[Message]) -> Iterator[Message]:
    try:
        yield from messages
    except (PlatformError, Cancelled):
        return


def talkative(ctx: Context, _request: ReadRequest, messages: Iterator[Message]) -> Iterator[Message]:
    logging.getLogger("adloom.connector").info("with %s", ctx.http._credentials.token().access_token)
    yield from messages


def straying(_ctx: Context, _request: ReadRequest, messages: Iterator[Message]) -> Iterator[Message]:
    with socket.socket() as other:
        try:
            other.connect(("127.0.0.1", 9))
        except OSError:
            pass
        else:
            raise AssertionError("nobody listens there")
    yield from messages


kept: list[Any] = []


def hoarding(_ctx: Context, _request: ReadRequest, messages: Iterator[Message]) -> Iterator[Message]:
    for one in messages:
        kept.append(one)
        yield one


def stale(_ctx: Context, request: ReadRequest, messages: Iterator[Message]) -> Iterator[Message]:
    key = str(request)
    if key not in remembered:
        remembered[key] = list(messages)
    yield from remembered[key]


remembered: dict[str, list[Message]] = {}
counter = iter(range(10_000_000))


def without_removed(_ctx: Context, _request: ReadRequest, messages: Iterator[Message]) -> Iterator[Message]:
    for one in messages:
        if isinstance(one, Batch):
            yield Batch(
                tuple(r for r in one.records if not isinstance(r, Campaign) or r.status is not EntityStatus.REMOVED)
            )
        else:
            yield one


def fragile(_ctx: Context, request: ReadRequest, messages: Iterator[Message]) -> Iterator[Message]:
    for one in messages:
        if request.kind is Kind.DAILY and isinstance(one, Batch):
            assert all(record.clicks > 0 or record.clicks == 0 for record in one.records)  # None breaks the comparison
        yield one


def writing_twice(base: Base) -> Base:
    class Twice(base):  # type: ignore[valid-type,misc]  # a class that is given at run time
        def write(self, ctx: Context, action: Any, *, dry_run: bool = False) -> str:
            super().write(ctx, action, dry_run=dry_run)
            return str(super().write(ctx, action, dry_run=dry_run))

    return Twice


def stranger(base: Base) -> Base:
    return type("Stranger", (base,), {"__module__": __name__})


def swapped(old: type[PlatformError], new: type[PlatformError]) -> Callable[[Exception | None], Exception | None]:
    return lambda error: new(str(error)) if isinstance(error, old) else error


WRONG: dict[int, Callable[[Base], Base]] = {
    1: stranger,
    2: lambda base: declaring(base, hosts={"api": "http://api.kit-probe.example"}),
    3: lambda base: declaring(base, app_settings=(AppSetting(name="client_secret", label="Secret", is_secret=False),)),
    4: lambda base: judging(base, lambda error: None if error is None else Transient("Something is wrong.")),
    5: lambda base: reading(base, first_page_only),
    6: lambda base: reading(
        base, on_records(changed(spend_micros=lambda record: record.spend_micros // 10_000 * 10_000))
    ),
    7: lambda base: reading(base, on_records(changed(clicks=lambda record: record.clicks + (record.day.day == 8)))),
    8: lambda base: reading(base, fragile),
    9: lambda base: reading(base, checkpoint_first),
    10: lambda base: reading(base, on_records(changed(extras=lambda _record: {"call": float(next(counter))}))),
    11: lambda base: reading(base, stale),
    12: lambda base: judging(base, swapped(RateLimited, RateLimited)),  # without the instant
    13: lambda base: judging(base, swapped(AuthExpired, AuthRevoked)),
    14: lambda base: reading(base, talkative),
    15: lambda base: reading(base, straying),
    16: lambda base: reading(base, swallowing),
    17: lambda base: reading(base, hoarding),
    18: lambda base: reading(base, without_removed),
    19: writing_twice,
}


@pytest.mark.usefixtures("leaks_on_purpose")
@pytest.mark.parametrize("number", sorted(WRONG))
def test_a_point_fails_where_its_promise_is_broken(made: tuple[Base, type[FakePlatform]], number: int) -> None:
    remembered.clear()
    kept.clear()
    (outcome,) = run_kit(WRONG[number](made[0]), made[1], only=(number,)).outcomes
    assert outcome.state == "failed", outcome
    assert outcome.sentence
    assert "\n" not in outcome.sentence
