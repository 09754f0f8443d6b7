"""Reading a file of 500,000 rows: recognition, the revenue pass and typed rows, with rows per second and peak memory."""

import random
import resource
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import TypeVar

from app.imports.columns import suggest_mapping
from app.imports.reader import read_rows
from app.imports.revenue import recognise_revenue
from app.imports.sniff import sniff
from benchmarks.machine import describe, verdict
from kit.csvio import write_csv
from kit.xlsx import Column, Sheet, write_workbook

ROWS = 500_000
HEADER = ("date", "channel", "campaign", "spend", "revenue", "impressions", "clicks", "conversions")
T = TypeVar("T")
CHANNELS = ("Google Ads", "FB Ads", "TikTok", "Email", "Bing", "Pinterest", "LinkedIn", "Direct")


def main() -> None:
    """Print the figures of both kinds of file."""
    print(f"import_read — {ROWS:,} rows — {describe()}")
    with tempfile.TemporaryDirectory() as directory:
        text = Path(directory) / "rows.csv"
        with text.open("w", encoding="utf-8", newline="") as stream:
            write_csv(stream, HEADER, _rows(as_text=True))
        _measure(text)
        workbook = Path(directory) / "rows.xlsx"
        columns = [Column(name, "date" if name == "date" else "text") for name in HEADER]
        write_workbook(str(workbook), [Sheet("Rows", columns, _rows(as_text=False))])
        _measure(workbook)


def _rows(*, as_text: bool) -> Iterator[tuple[object, ...]]:
    random.seed(1)
    first = date(2024, 1, 1)
    for number in range(ROWS):
        day = first + timedelta(days=number // 700)
        channel, campaign = CHANNELS[number % 8], f"Campaign {number % 700 // 8}"
        spend, revenue = round(random.expovariate(0.01), 2), round(random.expovariate(0.003), 2)
        counts = (random.randrange(50_000), random.randrange(900), random.randrange(40))
        yield (day.isoformat() if as_text else day, channel, campaign, spend, revenue, *counts)


def _measure(path: Path) -> None:
    today = datetime.now(UTC).date()
    before_mib = _peak_mib()
    shape, sniff_s = _timed(lambda: sniff(path, path.name, today=today))
    mapping = suggest_mapping(shape.header, shape.sample)
    finding, revenue_s = _timed(lambda: recognise_revenue(path, shape, mapping, today=today))
    (accepted, rejected), read_s = _timed(lambda: _read(path, today))
    print(
        f"{path.name}: {path.stat().st_size / 2**20:.1f} MiB, {accepted:,} accepted, {rejected:,} rejected, revenue {finding.shape}"
    )
    print(
        f"  recognise {sniff_s:.2f} s, revenue pass {revenue_s:.2f} s, read {read_s:.2f} s CPU = {ROWS / read_s:,.0f} rows/s"
    )
    print(f"  peak memory {_peak_mib():.0f} MiB ({before_mib:.0f} MiB before)")
    print(verdict("CPU in all", sniff_s + revenue_s + read_s, 15, "s"))
    print(verdict("peak memory", _peak_mib(), 300, "MiB"))


def _read(path: Path, today: date) -> tuple[int, int]:
    shape = sniff(path, path.name, today=today)
    accepted = rejected = 0
    for batch in read_rows(path, shape, suggest_mapping(shape.header, shape.sample), today=today):
        accepted += len(batch.rows)
        rejected += len(batch.rejects)
    return accepted, rejected


def _timed(act: Callable[[], T]) -> tuple[T, float]:
    began = process_time()
    return act(), process_time() - began


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
