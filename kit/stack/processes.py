"""Processes by more than their number: a pid can be given to somebody else, a pid with its start time cannot."""

import os
import select
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

_LOOK_AGAIN_S = 1


@dataclass(frozen=True)
class ProcessMark:
    """One process, recognised again after a restart of ours or of the machine."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "ProcessMark | None":
        """The mark of a process that runs now; None where there is none."""
        started = _started(pid)
        return cls(pid, started) if started else None

    @property
    def is_running(self) -> bool:
        """True while exactly this process runs (a zombie does not)."""
        return _started(self.pid) == self.started


def _started(pid: int) -> str:
    """Boot and clock tick at which the process started; empty where it does not run."""
    try:
        return _started_on_linux(pid) if sys.platform == "linux" else _started_elsewhere(pid)
    except (OSError, IndexError, psutil.Error):
        return ""


def _started_on_linux(pid: int) -> str:
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    fields = stat.rpartition(")")[2].split()
    if fields[0] in {"Z", "X"}:
        return ""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}:{fields[19]}"


def _started_elsewhere(pid: int) -> str:
    process = psutil.Process(pid)
    return "" if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}"


def stop_leftovers(marks: list[tuple[ProcessMark, signal.Signals]], *, timeout_s: float) -> list[ProcessMark]:
    """Ask exactly these processes to end, and end by force those that have not after `timeout_s`; says which it found."""
    found = [(mark, number) for mark, number in marks if mark.is_running]
    for mark, number in found:
        _signal(mark, number)
    _wait_for([mark for mark, _ in found], timeout_s=timeout_s)
    stubborn = [mark for mark, _ in found if mark.is_running]
    for mark in stubborn:
        _signal(mark, signal.SIGKILL)
    _wait_for(stubborn, timeout_s=timeout_s)
    return [mark for mark, _ in found]


def _signal(mark: ProcessMark, number: signal.Signals) -> None:
    if mark.is_running:
        try:
            os.kill(mark.pid, number)
        except ProcessLookupError:
            return  # ended between the look and the signal


def _wait_for(marks: list[ProcessMark], *, timeout_s: float) -> None:
    """Until all have ended, or the time is over. One that ended but whose parent has not yet noticed has ended."""
    deadline = time.monotonic() + timeout_s
    for mark in marks:
        while mark.is_running and (left_s := deadline - time.monotonic()) > 0:
            _await_end(mark.pid, min(left_s, _LOOK_AGAIN_S))


def _await_end(pid: int, timeout_s: float) -> None:
    """Wait for the kernel's word where it gives one, else for a moment."""
    try:
        descriptor = os.pidfd_open(pid)
    except (AttributeError, OSError):
        time.sleep(min(timeout_s, 0.05))
        return
    try:
        select.select([descriptor], [], [], timeout_s)
    finally:
        os.close(descriptor)
