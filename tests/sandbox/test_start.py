"""Starting: what stands in the way is said in one line, and what comes in is for the owner's eyes only."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sandbox.process import REPOSITORY, RunningSandbox, running_sandbox


def start(*options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "sandbox", *options]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("option", ["--port", "--smtp-port"])
def test_a_port_that_is_taken_is_named_with_the_way_out(sandbox: RunningSandbox, tmp_path: Path, option: str) -> None:
    ports = {"--port": "0", "--smtp-port": "0", option: str(sandbox.smtp_port)}
    started = start(*(word for pair in ports.items() for word in pair), "--data-dir", str(tmp_path))
    assert started.returncode == 1
    assert started.stderr.startswith(f"Port {sandbox.smtp_port} cannot be used")
    assert option in started.stderr


def test_two_sandboxes_never_share_a_directory(tmp_path: Path) -> None:
    with running_sandbox(tmp_path):
        second = start("--port", "0", "--smtp-port", "0", "--data-dir", str(tmp_path))
    assert second.returncode == 1
    assert second.stderr.startswith("Another sandbox uses")


def test_what_is_kept_is_for_the_owner_alone(tmp_path: Path) -> None:
    with running_sandbox(tmp_path / "new") as sandbox:
        sandbox.http.post("/webhooks/a", json={})
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "new").iterdir()} == {0o600}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
