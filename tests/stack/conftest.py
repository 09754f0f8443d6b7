"""Runs the small stack of these tests in a process of its own, and ends it whatever happens."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


class SmallStack:
    """One run of `small_stack`."""

    def __init__(self, folder: Path, *kinds: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.stack.small_stack", str(folder), *kinds],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said: list[str] = []

    def until(self, word: str) -> str:
        """Read what it says up to the line with this word."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip("\n"))
            if word in line:
                return line
        raise AssertionError(f"It ended without saying {word!r}: {self.said} {self.errors()}")

    def signal(self, number: int) -> int:
        """Send a signal and wait for the end; its exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Its exit code once it has ended."""
        assert self.process.stdout is not None
        self.said += self.process.stdout.read().splitlines()
        return self.process.wait(30)

    def errors(self) -> str:
        """What it wrote to standard error, once it has ended."""
        assert self.process.stderr is not None
        return self.process.stderr.read()

    def close(self) -> None:
        """End it if it still runs."""
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate(timeout=30)


@pytest.fixture
def small_stack() -> Iterator[Callable[..., SmallStack]]:
    """Starts runs: `small_stack(folder, "sleeper")`."""
    runs: list[SmallStack] = []

    def start(folder: Path, *kinds: str) -> SmallStack:
        runs.append(SmallStack(folder, *kinds))
        return runs[-1]

    yield start
    for run in runs:
        run.close()


@pytest.fixture(scope="session")
def spacious_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose path has a space."""
    return tmp_path_factory.mktemp("a stack") / "my data"
