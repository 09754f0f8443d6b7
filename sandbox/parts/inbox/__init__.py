"""The mail server: takes every message by SMTP and shows it in the browser instead of delivering it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Router
from litestar.di import Provide

from sandbox.faults import FaultKind
from sandbox.part import World
from sandbox.parts.inbox.letters import Letter, Letters
from sandbox.parts.inbox.routes import HANDLERS
from sandbox.parts.inbox.smtp import FAULT_KINDS, receiving


class Inbox:
    """Keeps the letters; see `sandbox.part.Part`."""

    name = "inbox"
    title = "Inbox"
    path = "/inbox"
    summary = "Takes every mail by SMTP and shows it here. Any recipient, user name and password will do."
    fault_kinds: tuple[FaultKind, ...] = FAULT_KINDS

    def __init__(self, world: World) -> None:
        self._world = world
        self.letters = Letters(world.data_dir / "inbox.jsonl", Letter, world.changes)

    def facts(self) -> dict[str, str]:
        """See `Part.facts`."""
        host, port = self._world.smtp_socket.getsockname()[:2]
        return {"SMTP server": f"{host}:{port}", "Messages": str(len(self.letters))}

    def router(self) -> Router:
        """See `Part.router`."""
        letters = Provide(lambda: self.letters, sync_to_thread=False)
        return Router(path="/", route_handlers=HANDLERS, dependencies={"letters": letters})

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """See `Part.running`."""
        async with receiving(self.letters, self._world):
            yield

    def clear(self) -> None:
        """See `Part.clear`."""
        self.letters.clear()
