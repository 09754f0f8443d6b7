"""What every part of the sandbox gives and gets. A new neighbour is one module in `sandbox/parts` and one line in its list."""

import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from litestar import Router

from sandbox.changes import Changes
from sandbox.faults import FaultKind, Faults


@dataclass(frozen=True)
class World:
    """What all parts share."""

    data_dir: Path
    smtp_socket: socket.socket
    changes: Changes
    faults: Faults
    now: Callable[[], datetime]
    # The instant from which the platforms' numbers are seen for good; None: from now.
    seen_at: datetime | None = None


class Part(Protocol):
    """One neighbour: its state, its routes, and what the overview says of it."""

    name: str
    title: str
    path: str
    summary: str
    fault_kinds: tuple[FaultKind, ...]

    def facts(self) -> dict[str, str]:
        """What the overview and `/health` tell, such as addresses and counts."""
        ...

    def router(self) -> Router:
        """Its pages and calls."""
        ...

    def running(self) -> AbstractAsyncContextManager[None]:
        """What has to run beside the web server while the process lives."""
        ...

    def clear(self) -> None:
        """Forget what was received."""
        ...
