"""Runs every benchmark of the decision engine and prints all bars as one table: `make bench-ml`.

    OMP_NUM_THREADS=1 python -m benchmarks.ml_all [PART ...]

Each part is a process of its own, so that its memory and CPU seconds are its own; what it prints is shown as it comes. Rivals run
where an environment names them (`ADLOOM_RIVALS_PYTHON` statsforecast, `ADLOOM_PYMC_PYTHON`, `ADLOOM_MERIDIAN_PYTHON`; `ADLOOM_RIVALS_KEPT`
a folder in which their answers are kept); elsewhere recorded figures stand in their place, marked so.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass

from benchmarks.machine import describe

PARTS = {
    "mix": ("--businesses", "200"),
    "mix_trust": (),
    "mix_rivals": (),
    "advice": (),
    "forecast": (),
    "attribution": (),
    "experiments": (),
    "lifetime": (),
    "anomalies": (),
    "predict": (),
}
_JUDGED = re.compile(r"^(?P<label>\S.*?)\s{2,}(?P<figure>\S.*?)\s+(?P<verdict>ok|MISSED)\s*$")
_WIDTH = 84


@dataclass(frozen=True)
class Judged:
    """One line with a bar: what, the figure with its bar, and whether it was met."""

    part: str
    label: str
    figure: str
    verdict: str


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help="all where none is named")
    chosen = parser.parse_args().parts or list(PARTS)
    found: list[Judged] = []
    broken: list[str] = []
    started = time.monotonic()
    for part in chosen:
        lines, code = run(part)
        found += [judged for line in lines if (judged := judged_line(part, line))]
        if code:
            broken.append(part)
    print_table(found, broken, minutes=(time.monotonic() - started) / 60)
    return 1 if broken else 0


def run(part: str) -> tuple[list[str], int]:
    """What a part printed, shown on the way, and its exit code."""
    kept = os.environ.get("ADLOOM_RIVALS_KEPT")
    more = ("--kept", kept) if part == "mix_rivals" and kept else ()
    command = [sys.executable, "-m", f"benchmarks.ml_{part}", *PARTS[part], *more]
    print(f"\n== {part}", flush=True)
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line.rstrip())
    return lines, process.returncode


def judged_line(part: str, line: str) -> Judged | None:
    """The line as a row, where it ends with a verdict."""
    match = _JUDGED.match(line)
    if match is None:
        return None
    figure = re.sub(r"\s{2,}", "  ", match["figure"])
    return Judged(part, match["label"], figure, match["verdict"])


def print_table(found: list[Judged], broken: list[str], *, minutes: float) -> None:
    met = sum(judged.verdict == "ok" for judged in found)
    print(f"\n\nAll bars, {met} of {len(found)} met; {minutes:.0f} minutes; {describe()}\n")
    for judged in found:
        print(f"{judged.part:12} {judged.label[:_WIDTH]:{_WIDTH}} {judged.figure:>30}  {judged.verdict}")
    for part in broken:
        print(f"{part:12} did not end well: see above")


if __name__ == "__main__":
    sys.exit(main())
