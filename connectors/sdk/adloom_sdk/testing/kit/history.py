"""Points about releases: what was promised stays promised, and recorded replies still mean what they meant.

A release is written down in the package's folder `released/`: `manifest.json`, and per read the replies with what became of them.
"""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec

from adloom_sdk.connector import Connector
from adloom_sdk.credentials import StaticCredentials
from adloom_sdk.manifest import Manifest
from adloom_sdk.messages import ReadRequest
from adloom_sdk.records import AnyRecord
from adloom_sdk.testing.bench import APP, Bench
from adloom_sdk.testing.fakes import FakePlatform
from adloom_sdk.testing.kit.installed import package_of
from adloom_sdk.testing.kit.points import point
from adloom_sdk.testing.kit.rig import DoesNotApply, Failed, Found, Rig, Tap, an_account, difference, key_of
from adloom_sdk.testing.world import Clock, Shape, World

_TINY = Shape(campaigns=2, ad_groups=1, ads=1, history_days=400)


class Exchanged(msgspec.Struct, frozen=True):
    """One reply as it came, without the request's secrets."""

    method: str
    path: str
    status: int
    headers: dict[str, str]
    body: str


class Recording(msgspec.Struct, frozen=True):
    """One read: what was asked when, what the platform said, and the records that became of it."""

    asked_at: datetime
    request: ReadRequest
    config: dict[str, str]
    replies: list[Exchanged]
    records: list[dict[str, Any]]


def freeze(
    connector_class: type[Connector], fake_class: type[FakePlatform], directory: Path | None = None
) -> list[Path]:
    """Write down what this release does; returns the files. Later releases are compared with it."""
    rig = Rig(connector_class, fake_class)
    folder = directory or package_of(connector_class) / "released"
    folder.mkdir(exist_ok=True)
    written = [_write(folder / "manifest.json", rig.manifest)]
    for read in rig.reads():
        bench = rig.bench(shape=_TINY)
        account = an_account(bench)
        asked_at = bench.fake.world.clock.now()
        replies: list[Exchanged] = []
        tap = Tap(bench.fake, after=partial(_kept, replies))
        found = rig.collect(bench, account, read, *rig.settled_days(days=2), ctx=bench.ctx(transport=tap))
        since, until = rig.settled_days(days=2) if read.has_days else (None, None)
        request = ReadRequest(kind=read.kind, account=account, since=since, until=until, level=read.level)
        records = [msgspec.to_builtins(one) for _, one in sorted(found.items(), key=str)]
        recording = Recording(asked_at, request, bench.config, replies, records)
        name = "-".join(part for part in (read.kind, read.level) if part)
        written.append(_write(folder / f"{name}.json", recording))
    return written


def _write(path: Path, value: Any) -> Path:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n")
    return path


def _kept(into: list[Exchanged], request: httpx.Request, response: httpx.Response) -> httpx.Response:
    headers = {name: value for name, value in response.headers.items() if name not in {"content-length", "set-cookie"}}
    body = response.read().decode("latin-1")  # any bytes survive it, a packed report's too
    into.append(Exchanged(request.method, request.url.path, response.status_code, headers, body))
    return response


@point(20, "What was promised stays promised")
def keeps_promises(rig: Rig) -> str:
    """Compared with the last release: no capability, level or setting is gone, nothing more is asked of those connected."""
    path = package_of(rig.connector_class) / "released" / "manifest.json"
    if not path.exists():
        raise DoesNotApply(
            "There is no earlier release to compare with; `adloom connector freeze` writes this one down."
        )
    old = msgspec.json.decode(path.read_bytes(), type=Manifest)
    new = rig.manifest
    if old.key != new.key:
        raise Failed(f"The key was {old.key} and is {new.key}: connections are stored under it, so it never changes.")
    if old.version.partition(".")[0] != new.version.partition(".")[0]:
        return f"a new major version after {old.version}"
    if gone := set(old.capabilities) - set(new.capabilities):
        raise Failed(
            f"{', '.join(sorted(gone))} was declared in {old.version}: keep it, or release a new major version."
        )
    if lost := set(old.levels) - set(new.levels):
        raise Failed(
            f"Level {', '.join(sorted(lost))} was read in {old.version}: keep it, or release a new major version."
        )
    _keeps_settings(old, new)
    return f"compared with {old.version}"


def _keeps_settings(old: Manifest, new: Manifest) -> None:
    before = {field.name for field in old.config}
    for field in new.config:
        if field.name not in before and field.is_required:
            raise Failed(
                f"The setting {field.name} is new and required: those connected have none, so make it optional."
            )
    if gone := before - {field.name for field in new.config}:
        raise Failed(
            f"The setting {', '.join(sorted(gone))} is gone: those connected have stored it, so keep its name."
        )
    if type(old.auth) is not type(new.auth):
        raise Failed("The way of signing in has changed: that needs a new major version.")


@point(21, "Recorded replies mean what they meant")
def replays(rig: Rig) -> str:
    """Every recording in `released/` gives the same records again."""
    folder = package_of(rig.connector_class) / "released"
    paths = sorted(path for path in folder.glob("*.json") if path.name != "manifest.json")
    if not paths:
        raise DoesNotApply("There are no recordings; `adloom connector freeze` writes some.")
    for path in paths:
        recording = msgspec.json.decode(path.read_bytes(), type=Recording)
        found = _replayed(rig, recording, path)
        wanted: Found = {}
        for plain in recording.records:
            record: AnyRecord = msgspec.convert(plain, _type_of(found, plain, path))
            wanted[key_of(record)] = record
        if told := difference(wanted, found):
            raise Failed(
                f"{path.name} no longer gives the same records: {told}. If that is meant, freeze this release anew."
            )
    return f"{len(paths)} recordings"


def _type_of(found: Found, plain: dict[str, Any], path: Path) -> type[AnyRecord]:
    kind = next((type(one) for one in found.values()), None)
    if kind is None:
        raise Failed(f"{path.name} gives no record any more, and gave {plain}: look at mapping.py.")
    return kind


def _replayed(rig: Rig, recording: Recording, path: Path) -> Found:
    world = World(rig.fake_class.key, shape=_TINY, clock=Clock(recording.asked_at, is_frozen=True))
    bench = Bench(rig.connector_class, rig.fake_class(world), config=recording.config)
    left = list(recording.replies)

    def answer(request: httpx.Request) -> httpx.Response:
        if not left:
            raise Failed(
                f"{path.name} has no reply left for {request.method} {request.url.path}: it makes more calls than it did."
            )
        reply = left.pop(0)
        return httpx.Response(reply.status, headers=reply.headers, content=reply.body.encode("latin-1"))

    ctx = bench.ctx(
        StaticCredentials("a-token", app=APP), transport=httpx.MockTransport(answer), base_url="http://{host}"
    )
    asked = recording.request
    found: Found = {}
    for message in bench.connector.read(ctx, asked):
        for record in getattr(message, "records", ()):
            found[key_of(record)] = record
    return found
