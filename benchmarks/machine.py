"""What every benchmark prints beside its figures: the machine, and percentiles that mean the same everywhere."""

import os
import platform
import statistics
from collections.abc import Callable, Sequence
from time import perf_counter

import psutil


def describe() -> str:
    """The machine's size in a line."""
    memory_gib = psutil.virtual_memory().total / 2**30
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, {memory_gib:.0f} GiB, {platform.system()} {platform.machine()}, Python {platform.python_version()}, load {load:.1f}"


def timed_ms(act: Callable[[], object], *, times: int, warm_up: int = 3) -> list[float]:
    """Milliseconds of `times` calls after a warm-up."""
    for _ in range(warm_up):
        act()
    figures = []
    for _ in range(times):
        began = perf_counter()
        act()
        figures.append((perf_counter() - began) * 1000)
    return figures


def percentile(figures: Sequence[float], share: float) -> float:
    """The value below which `share` of the figures lie."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def summary(figures: Sequence[float]) -> str:
    """Median, 95th percentile and maximum."""
    return f"p50 {statistics.median(figures):8.2f} ms   p95 {percentile(figures, 0.95):8.2f} ms   max {max(figures):8.2f} ms"


def verdict(name: str, figure: float, bar: float, unit: str) -> str:
    """A line that says whether a bar was met."""
    return f"{'met   ' if figure <= bar else 'MISSED'}  {name}: {figure:,.2f} {unit} (bar {bar:,.2f} {unit})"
