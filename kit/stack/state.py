"""The state of a stack as `adloom status` reads it: who supervises, at which address, and each part in a line."""

import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from kit.stack.files import DataDirectory
from kit.stack.parts import RunningPart
from kit.stack.processes import ProcessMark


@dataclass
class PartState:
    """One part: `starting`, `ready`, `restarting`, `done` or `failed`, and a remark."""

    name: str
    state: str
    pid: int
    started: str
    stop_signal: int
    message: str = ""
    restarts: int = 0

    @classmethod
    def of(cls, running: RunningPart, state: str) -> "PartState":
        """The state of a process that has just been started."""
        return cls(running.part.name, state, running.mark.pid, running.mark.started, int(running.part.stop_signal))

    def line(self) -> str:
        """For the terminal."""
        return f"  {self.name:<12} {self.state:<10} {self.message}".rstrip()


class StackState:
    """Writes the state file; readers see the last whole one."""

    def __init__(self, directory: DataDirectory) -> None:
        self._directory = directory
        self._parts: list[PartState] = []
        self.address = ""

    def begin(self) -> None:
        """From now on this process is the supervisor."""
        self.write()

    def write(self, parts: list[PartState] | None = None) -> None:
        """Put down what is known now."""
        self._parts = self._parts if parts is None else parts
        mark = ProcessMark.of(os.getpid())
        state = {
            "supervisor": {"pid": os.getpid(), "started": mark.started if mark else ""},
            "address": self.address,
            "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "parts": [asdict(part) for part in self._parts],
        }
        # Only a report: a full disk must not take down what still runs.
        with suppress(OSError):
            self._directory.write_state(state)

    def end(self) -> None:
        """Everything is stopped."""
        self._directory.write_state({})


@dataclass(frozen=True)
class StackReport:
    """What a look from outside finds."""

    is_running: bool
    supervisor: ProcessMark | None
    address: str
    parts: list[PartState]


def look(directory: DataDirectory) -> StackReport:
    """Read the state file, and believe it only as far as the processes in it really run."""
    state: dict[str, Any] = directory.read_state()
    supervisor = state.get("supervisor")
    mark = ProcessMark(supervisor["pid"], supervisor["started"]) if supervisor else None
    parts = [PartState(**part) for part in state.get("parts", [])]
    for part in parts:
        if part.state in {"ready", "starting"} and not ProcessMark(part.pid, part.started).is_running:
            part.state, part.message = "gone", "its process has ended"
    return StackReport(bool(mark and mark.is_running), mark, state.get("address", ""), parts)
