"""What a third party's connector costs: size and import time of the SDK, time from a name to a verified connector."""

import subprocess
import sys
import tempfile
from importlib.metadata import distribution
from pathlib import Path
from statistics import median
from time import perf_counter

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.machine import describe, verdict  # noqa: E402  the path comes first

BIN = Path(sys.executable).parent
_EMPTY = "import time; began = time.perf_counter(); {}; print(time.perf_counter() - began)"


def main() -> None:
    """Print every figure beside its bar."""
    print(describe())
    with tempfile.TemporaryDirectory(prefix="adloom-bench-") as place:
        print(verdict("wheel of the SDK", wheel_bytes(Path(place)) / 1000, 200, "kB"))
        print(verdict("distributions that it brings", len(brought_by("adloom-sdk")), 9, "distributions"))
        print(verdict("import of the SDK, median of 5", median(import_s() for _ in range(5)), 0.5, "s"))
        print(verdict("from a name to a connector that passed the kit", scaffold_s(Path(place) / "probe"), 60, "s"))


def wheel_bytes(place: Path) -> int:
    """The size of the SDK's wheel."""
    build = [BIN / "hatchling", "build", "-t", "wheel", "-d", place]
    subprocess.run(build, cwd=ROOT / "connectors" / "sdk", check=True, capture_output=True)
    return next(place.glob("*.whl")).stat().st_size


def import_s() -> float:
    """Seconds of `import adloom_sdk` in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", _EMPTY.format("import adloom_sdk")], check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def brought_by(name: str) -> set[str]:
    """Names of everything that installing it installs beside it."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop().lower()
        if one in found:
            continue
        found.add(one)
        wanted = [Requirement(line) for line in distribution(one).requires or []]
        waiting += [each.name for each in wanted if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found - {name}


def scaffold_s(folder: Path) -> float:
    """Seconds of `adloom connector new` and `verify`, as a person waits for them."""
    began = perf_counter()
    command = [BIN / "adloom", "connector"]
    subprocess.run([*command, "new", "bench probe", "--directory", folder], check=True, capture_output=True)
    subprocess.run([*command, "verify", folder], check=True, capture_output=True)
    return perf_counter() - began


if __name__ == "__main__":
    main()
