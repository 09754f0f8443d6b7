"""The supervisor: starts in order, starts again what ended, stops everything, and survives being killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from kit.stack.files import DataDirectory
from kit.stack.parts import Part, RunningPart
from kit.stack.processes import ProcessMark, stop_leftovers
from kit.stack.state import look
from kit.stack.unprivileged import unprivileged_user
from tests.stack.conftest import ROOT, SmallStack

Start = Callable[..., SmallStack]


def _pids(folder: Path) -> dict[str, int]:
    return {part.name: part.pid for part in look(DataDirectory(folder)).parts}


def _wait_gone(pids: list[int]) -> None:
    processes = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    living = psutil.wait_procs(processes, timeout=15)[1]
    assert [process for process in living if process.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_ends_every_part_and_clears_the_state(small_stack: Start, tmp_path: Path, number: int) -> None:
    run = small_stack(tmp_path, "sleeper", "user")
    run.until("READY")
    pids = list(_pids(tmp_path).values())
    assert len(pids) == 2
    assert run.signal(number) == 0
    _wait_gone(pids)
    assert DataDirectory(tmp_path).read_state() == {}
    assert DataDirectory(tmp_path).read_environment() == {}


def test_what_uses_a_server_stops_before_it(small_stack: Start, tmp_path: Path) -> None:
    run = small_stack(tmp_path, "store", "user")
    run.until("READY")
    run.signal(signal.SIGTERM)
    assert (tmp_path / "order").read_text().split() == ["user", "store"]


def test_a_stop_while_a_part_is_still_starting_is_heeded(small_stack: Start, tmp_path: Path) -> None:
    run = small_stack(tmp_path, "user", "silent")
    run.until("user")
    assert run.signal(signal.SIGINT) == 0
    assert "STOPPED EARLY" in run.said


def test_a_part_that_ends_is_started_again_and_its_last_words_are_shown(small_stack: Start, tmp_path: Path) -> None:
    run = small_stack(tmp_path, "recovers")
    run.until("restarting")
    assert "it broke" in run.until("it broke")
    run.until("ready")
    part = look(DataDirectory(tmp_path)).parts[0]
    assert (part.state, part.restarts) == ("ready", 1)


def test_a_part_that_ends_at_once_is_never_called_ready_and_stops_no_other(small_stack: Start, tmp_path: Path) -> None:
    run = small_stack(tmp_path, "sleeper", "broken")
    run.until("starting again in 1 s")
    assert [line for line in run.said if "broken" in line and "ready" in line] == []
    assert {part.name: part.state for part in look(DataDirectory(tmp_path)).parts}["sleeper"] == "ready"


def test_a_step_that_fails_ends_the_start_with_what_it_said(small_stack: Start, tmp_path: Path) -> None:
    run = small_stack(tmp_path, "sleeper", "fails")
    assert run.wait() == 1
    assert "the disk is on fire" in run.errors()
    assert DataDirectory(tmp_path).read_state() == {}


def test_a_second_start_is_told_where_the_first_one_runs(small_stack: Start, tmp_path: Path) -> None:
    small_stack(tmp_path, "sleeper").until("READY")
    second = small_stack(tmp_path, "sleeper")
    assert second.wait() == 1
    assert "already running at http://127.0.0.1:8000" in second.errors()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_killing_the_supervisor_takes_its_parts_with_it_and_it_starts_again(small_stack: Start, tmp_path: Path) -> None:
    folder = tmp_path / "with a space"
    run = small_stack(folder, "servers", "sleeper")
    run.until("READY")
    pids = _pids(folder)
    run.signal(signal.SIGKILL)
    again = small_stack(folder, "servers", "sleeper")
    again.until("READY")
    _wait_gone(list(pids.values()))
    assert look(DataDirectory(folder)).is_running
    assert again.signal(signal.SIGTERM) == 0


def test_only_processes_of_an_earlier_run_are_stopped_as_leftovers(small_stack: Start, tmp_path: Path) -> None:
    """Recognised by number *and* start time: the second process has a number of ours, but another start."""
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(sleep) as ours, subprocess.Popen(sleep) as foreign:
        directory = DataDirectory(tmp_path)
        directory.make()
        mark = ProcessMark.of(ours.pid)
        assert mark is not None
        directory.write_state({"parts": [_entry(mark), _entry(ProcessMark(foreign.pid, "another start"))]})
        small_stack(tmp_path, "sleeper").until("READY")
        assert ours.wait(10) == -signal.SIGTERM
        assert foreign.poll() is None
        foreign.kill()


def _entry(mark: ProcessMark) -> dict[str, Any]:
    return {"name": "x", "state": "ready", "pid": mark.pid, "started": mark.started, "stop_signal": int(signal.SIGTERM)}


def test_a_leftover_that_does_not_heed_the_request_is_killed() -> None:
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    with subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        mark = ProcessMark.of(process.pid)
        assert mark is not None
        assert stop_leftovers([(mark, signal.SIGTERM)], timeout_s=0.2) == [mark]
        assert process.wait(10) == -signal.SIGKILL


def test_the_state_file_is_believed_only_as_far_as_its_processes_run(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path)
    directory.make()
    gone = ProcessMark(2**22 + 1, "long ago")
    directory.write_state({"supervisor": {"pid": gone.pid, "started": gone.started}, "parts": [_entry(gone)]})
    report = look(directory)
    assert not report.is_running
    assert report.parts[0].state == "gone"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
def test_a_server_that_gave_up_root_still_finds_its_programs_in_a_closed_folder(tmp_path: Path) -> None:
    """As PostgreSQL looks for them: with access(2), which by default overlooks kept capabilities."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    program = closed / "program"
    program.touch(mode=0o755)
    user = unprivileged_user(program)
    assert user is not None
    assert user.needs_reach
    code = "import os, sys; print(os.geteuid()); sys.exit(not os.access(sys.argv[1], os.X_OK))"
    running = RunningPart(Part("look", [sys.executable, "-c", code, str(program)], user=user), log=tmp_path / "log")
    assert running.process.wait(10) == 0
    assert (tmp_path / "log").read_text().strip() == "65534"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_runs_the_servers_too(tmp_path: Path) -> None:
    folder = tmp_path / "somebody"
    folder.mkdir()
    user = unprivileged_user(folder / "data", Path(sys.executable))
    assert user is not None
    user.own(folder)
    part = Part(
        "small-stack",
        [sys.executable, "-m", "tests.stack.small_stack", str(folder / "data"), "servers"],
        env={"PYTHONPATH": str(ROOT), "HOME": str(folder)},
        is_ready=lambda: "READY" in (tmp_path / "log").read_text(),
        user=user,
        directory=ROOT,
        stop_timeout_s=15,
    )
    running = RunningPart(part, log=tmp_path / "log")
    try:
        running.wait_ready()
        assert json.loads((folder / "data" / "stack" / "state.json").read_text())["address"]
    finally:
        running.stop()
    assert running.exit_code == 0
