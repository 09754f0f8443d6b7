"""A part: one program of the stack as data, and the handle on its running process."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from kit.stack.errors import PartDidNotStart
from kit.stack.processes import ProcessMark
from kit.stack.unprivileged import Unprivileged

_LAUNCHER = Path(__file__).with_name("child.py")
_LOG_LIMIT_BYTES = 10 * 1024 * 1024
_PROBE_EVERY_S = 0.03


@dataclass(frozen=True)
class Part:
    """What to run, how to know that it is ready, and how to stop it."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    is_ready: Callable[[], bool] = lambda: True
    # What a program that cannot be asked writes once it is ready.
    ready_word: str = ""
    ready_timeout_s: float = 60
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = 6
    # Runs to its end and is not started again; the next part waits for that, unless it runs in the background.
    once: bool = False
    background: bool = False
    # Stops last, and alone: the others need it while they end.
    is_server: bool = False
    before_restart: Callable[[], object] = lambda: None
    user: Unprivileged | None = None
    # The folder that the program runs in; None keeps the caller's.
    directory: Path | None = None


class RunningPart:
    """One process of a part. Start it from a thread that lives as long as it: the kernel ends it with that thread."""

    def __init__(self, part: Part, *, log: Path) -> None:
        self.part = part
        self.log = log
        shorten_log(log)
        with log.open("ab") as output:
            self._log_begins_at = output.tell()
            self.process = subprocess.Popen(  # noqa: S603 parts are declared in code; no input reaches them
                _launch(part),
                env={**os.environ, **part.env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=part.directory,
                # Ctrl-C reaches the supervisor alone, which then stops the parts in their order.
                start_new_session=True,
            )
        self.mark = ProcessMark.of(self.process.pid) or ProcessMark(self.process.pid, "")
        self.started_s = time.monotonic()

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self.process.poll()

    @property
    def is_ready(self) -> bool:
        """It has said so, and answers."""
        return self._has_said(self.part.ready_word) and self.part.is_ready()

    def _has_said(self, word: str) -> bool:
        """True where this run has written the word; what earlier runs wrote does not count."""
        if not word:
            return True
        with self.log.open("rb") as file:
            file.seek(self._log_begins_at)
            return word.encode() in file.read()

    def wait_ready(self, pause: Callable[[float], object] | None = None) -> None:
        """Return once the part answers; raise with the end of its log where it does not. `pause` waits between two looks."""
        pause = pause or self._ended_within
        deadline = time.monotonic() + self.part.ready_timeout_s
        while not self.is_ready:
            if self.exit_code is not None:
                raise self.failure(f"{self.part.name} ended with code {self.exit_code} before it was ready.")
            if time.monotonic() > deadline:
                raise self.failure(f"{self.part.name} gave no answer within {self.part.ready_timeout_s:.0f} s.")
            pause(_PROBE_EVERY_S)

    def wait_done(self, pause: Callable[[float], object]) -> None:
        """Return once a part that runs to its end has done so; raise where it failed."""
        deadline = time.monotonic() + self.part.ready_timeout_s
        while self.exit_code is None:
            if time.monotonic() > deadline:
                raise self.failure(f"{self.part.name} has not finished within {self.part.ready_timeout_s:.0f} s.")
            pause(1)
        if self.exit_code != 0:
            raise self.failure(f"{self.part.name} failed with code {self.exit_code}.")

    def _ended_within(self, seconds: float) -> bool:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def failure(self, detail: str) -> PartDidNotStart:
        """An error that ends with what the part itself said last."""
        return PartDidNotStart(detail, f"Its log is {self.log}; it ends:\n{last_lines(self.log)}")

    def ask_to_stop(self) -> None:
        """Send its stop signal."""
        if self.exit_code is None:
            self.process.send_signal(self.part.stop_signal)

    def wait_stopped(self, *, timeout_s: float | None = None) -> None:
        """Wait for the end, and force it where the part does not come to one."""
        try:
            self.process.wait(self.part.stop_timeout_s if timeout_s is None else timeout_s)
        except subprocess.TimeoutExpired:
            # SIGQUIT first: PostgreSQL then ends its own children too.
            self.process.send_signal(signal.SIGQUIT)
            if not self._ended_within(1):
                self.process.kill()
                self.process.wait()

    def stop(self) -> None:
        """Ask, and wait."""
        self.ask_to_stop()
        self.wait_stopped()


def _launch(part: Part) -> list[str]:
    user = part.user
    reach = user.needs_reach if user else False
    ids = [str(user.uid), str(user.gid)] if user else ["-1", "-1"]
    head = [sys.executable, "-I", "-S", str(_LAUNCHER), str(int(part.stop_signal)), str(os.getpid())]
    return [*head, *ids, str(int(reach)), *part.argv]


def shorten_log(log: Path) -> None:
    """Keep one older generation of a log that has grown; the writer appends, so truncating under it is safe."""
    if not log.exists() or log.stat().st_size <= _LOG_LIMIT_BYTES:
        return
    # On a full disk the older lines are given up: what runs matters more.
    with suppress(OSError):
        shutil.copyfile(log, log.with_suffix(".log.1"))
    os.truncate(log, 0)


def last_lines(log: Path, *, lines: int = 15, limit_bytes: int = 8_000) -> str:
    """The end of a log, for a message."""
    if not log.exists():
        return "(nothing)"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - limit_bytes))
        text = file.read().decode("utf-8", errors="replace")
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:]) or "(nothing)"
