"""One counter of everything that happens, so that pages and tests can wait for the next change instead of asking often."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, TypeVar

from litestar.params import QueryParameter

MAX_WAIT_S = 30.0
# How long a call waits for its answer at most.
WaitSeconds = Annotated[float, QueryParameter(ge=0, le=MAX_WAIT_S)]
T = TypeVar("T")


class Changes:
    """Counts changes and wakes whoever waits for one."""

    def __init__(self) -> None:
        self.revision = 0
        self._next = asyncio.Event()
        self._is_closed = False

    def announce(self) -> None:
        """Something changed."""
        self.revision += 1
        self._next.set()
        self._next = asyncio.Event()

    def close(self) -> None:
        """Let everybody go who waits: the process stops."""
        self._is_closed = True
        self._next.set()

    async def wait_until(self, look: Callable[[], T], *, wait_s: float) -> T:
        """What `look` answers once it answers something true, or at the latest after `wait_s` (at most 30 s)."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + min(wait_s, MAX_WAIT_S)
        while not (answer := look()) and not self._is_closed and (left_s := deadline - loop.time()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._next.wait(), left_s)
        return answer
