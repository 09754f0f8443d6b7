"""The files in examples/: the demo's shop as someone would export it, made again by `python -m ml.synth.examples DIRECTORY`."""

import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from ml.synth.shop import demo_shop
from ml.synth.tables import (
    DIRECT,
    ImportRow,
    import_rows,
    weekly_rows,
    write_events_csv,
    write_import_csv,
    write_plan_csv,
)

SEED = 1
LAST_DAY = date(2026, 10, 31)
PLAN_DAYS = 90
FIRST_CHANNELS = ("Google Search", "Facebook Ads", "Instagram Ads", "Email")


def write_examples(directory: Path) -> None:
    """Write all example files into `directory`: the same bytes every time."""
    run = demo_shop(SEED, LAST_DAY)
    rows = import_rows(run, seed=SEED)
    quarter = first_steps([row for row in rows if row.date > LAST_DAY - timedelta(days=92)])
    write_import_csv(directory / "two-years.csv", rows)
    write_import_csv(directory / "first-import.csv", quarter)
    write_import_csv(directory / "weekly.csv", _whole_weeks(rows))
    write_events_csv(directory / "events.csv", run.events)
    write_plan_csv(directory / "plan.csv", planned_spend(rows))
    spoil_three_rows(directory / "first-import.csv", directory / "with-three-bad-rows.csv")


def first_steps(rows: list[ImportRow]) -> list[ImportRow]:
    """`rows` of the four channels that most shops begin with; what the others were credited with counts as direct.

    Ninety days of them are under 500 rows and 5 channels, so that a newcomer on the Free plan can import the file.
    """
    other: dict[date, float] = {}
    for row in rows:
        if row.channel not in (*FIRST_CHANNELS, DIRECT):
            other[row.date] = other.get(row.date, 0.0) + row.revenue
    kept = [row for row in rows if row.channel in (*FIRST_CHANNELS, DIRECT)]
    return [
        replace(row, revenue=round(row.revenue + other.get(row.date, 0.0), 2)) if row.channel == DIRECT else row
        for row in kept
    ]


def planned_spend(rows: list[ImportRow]) -> dict[tuple[date, str], float]:
    """The next 90 days: each channel at its average of the last 28 days, with a fifth more for Google Search."""
    recent = [row for row in rows if row.date > LAST_DAY - timedelta(days=28) and row.spend > 0]
    plan: dict[tuple[date, str], float] = {}
    for channel in dict.fromkeys(row.channel for row in recent):
        average = sum(row.spend for row in recent if row.channel == channel) / 28
        amount = round(average * (1.2 if channel == "Google Search" else 1.0), 2)
        plan |= {(LAST_DAY + timedelta(days=day), channel): amount for day in range(1, PLAN_DAYS + 1)}
    return dict(sorted(plan.items()))


def spoil_three_rows(source: Path, target: Path) -> None:
    """Copy a file with three mistakes that people make: an impossible date, spend in words, and no channel."""
    lines = source.read_text(encoding="utf-8").splitlines()
    for number, column, value in ((12, 0, "2026-13-05"), (57, 3, "about 40"), (104, 1, "")):
        cells = lines[number].split(",")
        cells[column] = value
        lines[number] = ",".join(cells)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _whole_weeks(rows: list[ImportRow]) -> list[ImportRow]:
    """Two years of complete weeks, Monday to Sunday."""
    first, last = rows[0].date, rows[-1].date
    monday = first + timedelta(days=-first.weekday() % 7)
    end = last - timedelta(days=(last.weekday() + 1) % 7)
    return weekly_rows([row for row in rows if monday <= row.date <= end])


if __name__ == "__main__":
    write_examples(Path(sys.argv[1]))
