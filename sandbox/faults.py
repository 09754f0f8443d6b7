"""Faults on demand: the next n deliveries of one kind go wrong in a chosen way. A restart disarms them all."""

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.changes import Changes

MAX_TIMES = 1000
MAX_DELAY_S = 60.0


@dataclass(frozen=True)
class FaultKind:
    """One way to go wrong that a part knows."""

    name: str
    effect: str
    waits: bool = False


@dataclass
class Fault:
    """A kind and how often it is still to happen; `delay_s` matters where the kind waits."""

    kind: FaultKind
    times_left: int = 0
    times_done: int = 0
    delay_s: float = 0.0


class UnknownFault(Exception):
    """Nobody here knows a fault of this name."""


class Faults:
    """Every kind of fault that the parts know, and what is armed."""

    def __init__(self, changes: Changes) -> None:
        self._faults: dict[str, Fault] = {}
        self._changes = changes

    def register(self, kinds: Iterable[FaultKind]) -> None:
        """Make kinds known."""
        self._faults |= {kind.name: Fault(kind) for kind in kinds}

    def all(self) -> list[Fault]:
        """Every kind with its state."""
        return list(self._faults.values())

    def arm(self, name: str, *, times: int, delay_s: float) -> Fault:
        """The next `times` deliveries go wrong this way; replaces what was armed of this kind."""
        fault = self._faults.get(name)
        if fault is None:
            raise UnknownFault(f"There is no fault “{name}”. Known: {', '.join(self._faults)}.")
        fault.times_left, fault.delay_s = times, delay_s
        self._changes.announce()
        return fault

    def disarm(self) -> None:
        """Everything works again."""
        for fault in self._faults.values():
            fault.times_left = 0
        self._changes.announce()

    def take(self, kind: FaultKind) -> Fault | None:
        """Use up one occurrence of this kind; None where none is armed."""
        fault = self._faults[kind.name]
        if fault.times_left <= 0:
            return None
        fault.times_left -= 1
        fault.times_done += 1
        self._changes.announce()
        return fault
