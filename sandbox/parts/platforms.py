"""The advertising platforms, shops and analytics that connectors talk to: every installed fake, and a page to look at and disturb them.

Fakes come from the entry points of group `adloom.fakes`; one that cannot be loaded is left out, and the page says why.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from adloom_sdk.testing.fakes import FakePlatform
from adloom_sdk.testing.faults import Fault
from sandbox.changes import Changes
from sandbox.faults import FaultKind
from sandbox.pages import page
from sandbox.part import World
from sandbox.parts import hosts
from sandbox.parts.memory import Memory

AnyRequest = Request[Any, Any, Any]
GROUP = "adloom.fakes"
JOURNAL_LINES = 30
USUAL_FAULTS = {
    "throttled": "Too many calls",
    "server_error": "Server error",
    "expire_token": "Token ends",
    "revoked": "Access withdrawn",
    "scope": "Permission missing",
    "account_disabled": "Account disabled",
    "app_not_approved": "App not approved",
    "sunset": "Version switched off",
    "lost_response": "Answer lost",
    "cut_body": "Answer cut",
    "html": "Web page instead of data",
    "slow": "Slow answers",
}


@dataclass
class Loaded:
    """The fakes by key, and why others could not be loaded."""

    memory: Memory
    fakes: dict[str, FakePlatform] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


class FaultOrder(msgspec.Struct, frozen=True):
    """What the next calls of a fake shall suffer; `path` limits it to calls whose path contains it."""

    kind: str
    times: int = 1
    path: str = ""
    delay_s: float = 5.0


class ClockOrder(msgspec.Struct, frozen=True):
    """How far to set the clock on, or back."""

    days: float = 0.0


def load_fakes(directory: Path, *, seen_at: datetime | None = None) -> Loaded:
    """Every fake that is installed, each with an advertiser of its own, as an earlier sandbox on this directory left it.

    With `seen_at` the numbers stay as that instant sees them.
    """
    loaded = Loaded(Memory(directory))
    for entry_point in sorted(entry_points(group=GROUP), key=lambda one: one.name):
        try:
            loaded.fakes[entry_point.name] = loaded.memory.wake(entry_point.load(), entry_point.name, seen_at=seen_at)
        except Exception as problem:  # whatever a fake does wrong must not stop the others
            loaded.missing[entry_point.name] = f"{type(problem).__name__}: {problem}"
    return loaded


class Platforms:
    """Plays them all; see `sandbox.part.Part`."""

    name = "platforms"
    title = "Platforms"
    path = "/platforms"
    summary = "Speaks the protocols of the advertising platforms, shops and analytics, over a made-up advertiser."
    fault_kinds: tuple[FaultKind, ...] = ()

    def __init__(self, world: World) -> None:
        self.loaded = load_fakes(world.data_dir / "platforms", seen_at=world.seen_at)

    def facts(self) -> dict[str, str]:
        """See `Part.facts`."""
        calls = sum(len(fake.journal) for fake in self.loaded.fakes.values())
        return {"Platforms": str(len(self.loaded.fakes)), "Calls": str(calls)}

    def router(self) -> Router:
        """See `Part.router`."""
        given = {
            "loaded": Provide(lambda: self.loaded, sync_to_thread=False),
            "playing": Provide(lambda: self.loaded.fakes, sync_to_thread=False),
            "memory": Provide(lambda: self.loaded.memory, sync_to_thread=False),
        }
        return Router(path="/", route_handlers=[*HANDLERS, *hosts.HANDLERS], dependencies=given)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """See `Part.running`."""
        yield

    def clear(self) -> None:
        """Forget the calls and disarm; what was written to a platform stays."""
        for fake in self.loaded.fakes.values():
            fake.journal.clear()
            fake.faults.clear()


@get("/platforms")
async def list_page(request: AnyRequest, loaded: NamedDependency[Loaded]) -> Response[str]:
    """Every platform at a glance."""
    return page(request, "platforms.html", loaded=loaded)


@get("/platforms/{key:str}")
async def platform_page(request: AnyRequest, loaded: NamedDependency[Loaded], key: FromPath[str]) -> Response[str]:
    """One platform: accounts, clock, faults, the last calls."""
    fake = _fake(loaded, key)
    journal = list(fake.journal)[-JOURNAL_LINES:][::-1]
    return page(request, "platform.html", fake=fake, journal=journal, usual_faults=USUAL_FAULTS)


@post("/platforms/{key:str}/faults")
async def arm(
    loaded: NamedDependency[Loaded],
    changes: NamedDependency[Changes],
    key: FromPath[str],
    data: URLEncodedBody[FaultOrder],
) -> Redirect:
    """Arm a fault."""
    if data.kind not in USUAL_FAULTS:
        raise NotFoundException(f"There is no fault “{data.kind}”.")
    fault = Fault(kind=data.kind, times=max(1, data.times), path=data.path, delay_s=min(60.0, max(0.0, data.delay_s)))
    _fake(loaded, key).faults.add(fault)
    return _back(changes, key)


@post("/platforms/{key:str}/faults/disarm")
async def disarm(loaded: NamedDependency[Loaded], changes: NamedDependency[Changes], key: FromPath[str]) -> Redirect:
    """Everything works again."""
    _fake(loaded, key).faults.clear()
    return _back(changes, key)


@post("/platforms/{key:str}/clock")
async def move_clock(
    loaded: NamedDependency[Loaded],
    changes: NamedDependency[Changes],
    key: FromPath[str],
    data: URLEncodedBody[ClockOrder],
) -> Redirect:
    """Set this platform's clock on."""
    _fake(loaded, key).world.clock.advance(data.days * 86_400)
    return _back(changes, key)


@post("/platforms/{key:str}/revoke")
async def revoke(loaded: NamedDependency[Loaded], changes: NamedDependency[Changes], key: FromPath[str]) -> Redirect:
    """Everybody who signed in withdraws it, as in the platform's own settings."""
    fake = _fake(loaded, key)
    fake.consent.revoke_all()
    loaded.memory.keep(key, fake)
    return _back(changes, key)


def _fake(loaded: Loaded, key: str) -> FakePlatform:
    if key not in loaded.fakes:
        raise NotFoundException(f"There is no platform “{key}”. Known: {', '.join(loaded.fakes)}.")
    return loaded.fakes[key]


def _back(changes: Changes, key: str) -> Redirect:
    changes.announce()
    return Redirect(f"/platforms/{key}", status_code=303)


HANDLERS = [list_page, platform_page, arm, disarm, move_clock, revoke]
