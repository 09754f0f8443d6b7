"""The table of commands, and how they find the stack that runs beside them."""

import importlib
import inspect
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app.cli import COMMANDS, cli, processes
from app.cli.parts import READY_WORDS
from kit.stack.files import is_free
from tests.stack.conftest import ROOT, SmallStack


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_exists_and_explains_itself(name: str) -> None:
    module, _, attribute = COMMANDS[name].target.partition(":")
    command = getattr(importlib.import_module(module), attribute)
    assert isinstance(command, click.Command)
    outcome = CliRunner().invoke(command, ["--help"])
    assert outcome.exit_code == 0, outcome.output


def test_help_lists_every_command_with_its_summary() -> None:
    output = CliRunner().invoke(cli, ["--help"]).output
    assert all(name in output and entry.summary.split()[0] in output for name, entry in COMMANDS.items())


@pytest.mark.parametrize("name", READY_WORDS)
def test_what_the_supervisor_waits_for_is_what_the_command_says(name: str) -> None:
    callback = getattr(processes, name).callback
    assert READY_WORDS[name] in inspect.getsource(callback)


def _adloom(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("DATABASE", "REDIS", "ADLOOM"))}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=data_dir,
        env={**env, "ADLOOM_DATA_DIR": str(data_dir), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_command_without_a_database_says_how_to_get_one(tmp_path: Path) -> None:
    done = _adloom(tmp_path, "db", "state")
    assert done.returncode == 1
    assert "make demo" in done.stderr
    assert "Traceback" not in done.stderr


def test_status_and_stop_speak_of_the_stack_in_the_data_directory(
    small_stack: Callable[..., SmallStack], tmp_path: Path
) -> None:
    assert "not running" in _adloom(tmp_path, "status").stdout
    run = small_stack(tmp_path, "sleeper")
    run.until("READY")
    report = _adloom(tmp_path, "status")
    assert report.returncode == 0
    assert "http://127.0.0.1:8000" in report.stdout
    assert "sleeper" in report.stdout
    assert "has stopped" in _adloom(tmp_path, "stop").stdout
    assert run.wait() == 0


def test_a_port_in_use_is_seen(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)


@pytest.mark.parametrize("target", ["help", "python"])
def test_make_speaks_before_anything_is_installed(target: str) -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", target], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_make_says_what_to_install_where_python_is_missing() -> None:
    done = subprocess.run(
        ["make", "demo", "PYTHON=python-that-is-not-there"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "needs Python 3.11" in done.stderr
