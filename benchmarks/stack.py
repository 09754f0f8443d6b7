"""The embedded stack as a person starts it: time to ready the second time, and memory when nothing happens."""

import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, sleep

import psutil

from benchmarks.machine import describe, verdict

PORT = 18_730
IDLE_AFTER_S = 45
_LONGEST_START_S = 300


def main() -> None:
    """Print both figures."""
    print(f"embedded stack — {describe()}")
    with tempfile.TemporaryDirectory(prefix="adloom-bench-", ignore_cleanup_errors=True) as directory:
        with started(directory) as first:
            print(f"  first start to ready      {first[1]:6.1f} s (everything installed)")
            wait_for_sample_data(first[0])
        with started(directory) as second:
            print("  " + verdict("second start to ready", second[1], 10, "s"))
            wait_for_sample_data(second[0])
            sleep(IDLE_AFTER_S)
            print("  " + verdict("idle memory of the whole tree (PSS)", memory_mb(second[0]), 900, "MB"))


@contextmanager
def started(directory: str) -> Iterator[tuple[psutil.Process, float]]:
    """The supervisor's process, and the seconds until it was ready."""
    env = {**os.environ, "ADLOOM_DATA_DIR": directory, "ADLOOM_PORT": str(PORT)}
    began = perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "app.cli", "demo"], env=env, stdout=subprocess.DEVNULL)
    try:
        yield psutil.Process(process.pid), _seconds_to_ready(began)
    finally:
        process.terminate()
        process.wait(timeout=60)


def _seconds_to_ready(began: float) -> float:
    while perf_counter() - began < _LONGEST_START_S:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health/ready", timeout=2):
                return perf_counter() - began
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            sleep(0.05)
    raise TimeoutError("The stack did not become ready.")


def wait_for_sample_data(supervisor: psutil.Process) -> None:
    """Until the part that fills the demo's workspace has come and gone."""
    sleep(5)
    for _ in range(_LONGEST_START_S):
        if not any("demo-data" in " ".join(child.cmdline()) for child in supervisor.children(recursive=True)):
            return
        sleep(1)


def memory_mb(supervisor: psutil.Process) -> float:
    """Proportional set size: shared pages count once, divided among those that share them."""
    tree = [supervisor, *supervisor.children(recursive=True)]
    rows = [(process.memory_full_info().pss / 1e6, " ".join(process.cmdline())[-60:]) for process in tree]
    for size, name in sorted(rows, reverse=True):
        print(f"    {size:7.1f} MB  {name}")
    return sum(size for size, _ in rows)


if __name__ == "__main__":
    main()
