"""Runs the parts of a stack: starts them in order, starts again what ended, stops them all in reverse order.

One thread, woken by signals (a stop, a child's end) through a pipe. It must be the main thread of the process.
"""

import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import FrameType, TracebackType

from kit.stack.files import DataDirectory
from kit.stack.parts import Part, RunningPart, last_lines, shorten_log
from kit.stack.postgres import EmbeddedPostgres
from kit.stack.processes import ProcessMark, stop_leftovers
from kit.stack.services import start_server
from kit.stack.state import PartState, StackState
from kit.stack.valkey import EmbeddedValkey

_BACK_OFF_S = (0.5, 1, 2, 5, 10, 30)
# A part that ran this long has recovered: its next end is a first one again.
_STEADY_AFTER_S = 60
_TIDY_EVERY_S = 60
_LOOK_EVERY_S = 0.2
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(Exception):
    """Somebody asked the stack to stop while it was waiting."""


@dataclass
class _Watched:
    running: RunningPart
    state: PartState
    failures: int = 0
    restart_at_s: float | None = None


class Supervisor:
    """Use as a context: `with Supervisor(directory, say=print) as supervisor: supervisor.start(parts); supervisor.watch()`."""

    def __init__(self, directory: DataDirectory, *, say: Callable[[str], None]) -> None:
        self._directory = directory
        self._say = say
        self._watched: list[_Watched] = []
        self._state = StackState(directory)
        self._stop_requested = False
        self._held = ExitStack()

    def __enter__(self) -> "Supervisor":
        with ExitStack() as held:
            held.enter_context(self._directory.locked())
            self._stop_what_was_left()
            self._listen(held)
            self._state.begin()
            held.callback(self._state.end)
            held.callback(self._directory.write_environment, {})
            held.callback(self._stop_all)
            self._held = held.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()

    def announce(self, address: str, environment: Mapping[str, str]) -> None:
        """Where people reach the stack, and what a command beside it needs to join in (`join_running_stack`)."""
        self._state.address = address
        self._directory.write_environment(dict(environment))
        self._state.write()

    def start_server(self, server: EmbeddedPostgres | EmbeddedValkey) -> None:
        """Start an embedded server, and watch it from then on."""
        with ExitStack() as until_watched:
            running = start_server(server, self._directory, until_watched, pause=self.pause)
            state = PartState.of(running, "ready")
            self._watched.append(_Watched(running, state))
            until_watched.pop_all()
        self._show(state)

    def start(self, parts: Sequence[Part]) -> None:
        """Start these in order, each when the one before is ready or done."""
        for part in parts:
            self._start(part)

    def start_together(self, parts: Sequence[Part], *, wait_s: float) -> None:
        """Start these at once and give them a while. One that fails is started again; the others need not wait for it."""
        together = [self._launch(part) for part in parts]
        deadline = time.monotonic() + wait_s
        while time.monotonic() < deadline and any(each.state.state == "starting" for each in together):
            self.pause(_LOOK_EVERY_S)
            for each in together:
                self._look_at(each)

    def watch(self) -> None:
        """Keep everything running until somebody asks to stop."""
        tidied_s = time.monotonic()
        try:
            while True:
                self.pause(self._next_look_s())
                for watched in self._watched:
                    self._look_at(watched)
                if time.monotonic() - tidied_s > _TIDY_EVERY_S:
                    tidied_s = time.monotonic()
                    self._tidy_logs()
        except StopRequested:
            return

    def pause(self, seconds: float) -> None:
        """Wait until something happens, at most this long; raise `StopRequested` once a stop was asked for."""
        if not self._stop_requested:
            self._bell.settimeout(max(seconds, 0.001))
            try:
                self._bell.recv(4096)
            except TimeoutError:
                return
        if self._stop_requested:
            raise StopRequested

    def _launch(self, part: Part) -> _Watched:
        running = RunningPart(part, log=self._directory.log_of(part.name))
        watched = _Watched(running, PartState.of(running, "starting"))
        self._watched.append(watched)
        self._state.write(self._states())
        return watched

    def _start(self, part: Part) -> None:
        watched = self._launch(part)
        running = watched.running
        if part.background:
            return
        if part.once:
            running.wait_done(self.pause)
            self._become(watched, "done", f"{time.monotonic() - running.started_s:.1f} s")
        else:
            running.wait_ready(self.pause)
            self._become(watched, "ready")

    def _look_at(self, watched: _Watched) -> None:
        if watched.restart_at_s is not None:
            if time.monotonic() >= watched.restart_at_s:
                self._restart(watched)
            return
        if watched.state.state in {"done", "failed"}:
            return
        if watched.running.exit_code is not None:
            self._ended(watched)
        elif watched.state.state == "starting" and not watched.running.part.once and watched.running.is_ready:
            self._become(watched, "ready")

    def _ended(self, watched: _Watched) -> None:
        running = watched.running
        code = running.exit_code
        if running.part.once:
            self._become(watched, "failed" if code else "done", f"code {code}, see {running.log}" if code else "")
            return
        ran_s = time.monotonic() - running.started_s
        watched.failures = 1 if ran_s > _STEADY_AFTER_S else watched.failures + 1
        delay_s = _BACK_OFF_S[min(watched.failures, len(_BACK_OFF_S)) - 1]
        watched.restart_at_s = time.monotonic() + delay_s
        self._become(watched, "restarting", f"ended with code {code}; starting again in {delay_s:g} s")
        if watched.failures == 1:
            self._say(last_lines(running.log, lines=5))

    def _restart(self, watched: _Watched) -> None:
        part = watched.running.part
        part.before_restart()
        watched.running = RunningPart(part, log=self._directory.log_of(part.name))
        watched.restart_at_s = None
        restarts = watched.state.restarts + 1
        watched.state = PartState.of(watched.running, "starting")
        watched.state.restarts = restarts
        self._state.write(self._states())

    def _become(self, watched: _Watched, state: str, message: str = "") -> None:
        watched.state.state, watched.state.message = state, message
        self._show(watched.state)

    def _show(self, state: PartState) -> None:
        self._state.write(self._states())
        self._say(state.line())

    def _states(self) -> list[PartState]:
        return [watched.state for watched in self._watched]

    def _next_look_s(self) -> float:
        if any(watched.state.state == "starting" and not watched.running.part.once for watched in self._watched):
            return _LOOK_EVERY_S
        due = [watched.restart_at_s for watched in self._watched if watched.restart_at_s is not None]
        return min([_TIDY_EVERY_S, *(at_s - time.monotonic() for at_s in due)])

    def _tidy_logs(self) -> None:
        for watched in self._watched:
            shorten_log(watched.running.log)

    def _stop_all(self) -> None:
        """In reverse order: first all that use the servers, together; then the servers, one after the other."""
        running = [watched.running for watched in reversed(self._watched) if watched.running.exit_code is None]
        if running:
            self._say("Stopping.")
        programs = [each for each in running if not each.part.is_server]
        for each in programs:
            each.ask_to_stop()
        deadline = time.monotonic() + max((each.part.stop_timeout_s for each in programs), default=0)
        for each in programs:
            each.wait_stopped(timeout_s=max(deadline - time.monotonic(), 0.1))
        for each in (each for each in running if each.part.is_server):
            each.stop()

    def _stop_what_was_left(self) -> None:
        """A supervisor that was killed may have left parts behind where the system does not end them with it."""
        left = [
            (ProcessMark(part["pid"], part["started"]), signal.Signals(part["stop_signal"]))
            for part in reversed(self._directory.read_state().get("parts", []))
        ]
        found = stop_leftovers(left, timeout_s=5)
        if found:
            self._say(f"Stopped {len(found)} parts that an earlier run had left behind.")

    def _listen(self, held: ExitStack) -> None:
        """Signals ring a bell that `pause` waits for."""
        self._bell, ringer = socket.socketpair()
        ringer.setblocking(False)
        held.callback(self._bell.close)
        held.callback(ringer.close)
        held.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(ringer.fileno(), warn_on_full_buffer=False))
        for number in _STOP_SIGNALS:
            held.callback(signal.signal, number, signal.signal(number, self._on_stop))
        held.callback(signal.signal, signal.SIGCHLD, signal.signal(signal.SIGCHLD, lambda *_: None))

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_requested = True
