"""Makes the checkout ready to run: virtual environment, locked packages, front end. Does nothing where nothing changed.

Standard library only; `make demo` and `make test` call it with the machine's own Python. `--dev` adds what tests and checks need.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "adloom-ready.json"
LOCKS = {"demo": DEPLOY / "requirements.txt", "dev": DEPLOY / "requirements-dev.txt"}
UV_LOCK = DEPLOY / "requirements-uv.txt"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


class NotPossible(Exception):
    """The machine lacks something; the message says what to install."""


def main() -> None:
    """Bring the checkout up to date, or say in a sentence why that cannot be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    options = parser.parse_args()
    try:
        check_machine()
        install_packages(dev=options.dev)
        build_front_end()
        if options.dev:
            install_browser()
    except NotPossible as problem:
        sys.exit(f"\n{problem}")
    except subprocess.CalledProcessError as problem:
        sys.exit(f"\nThis step failed with code {problem.returncode}: {' '.join(map(str, problem.cmd))}")


def check_machine() -> None:
    """Refuse early, with what to install."""
    if sys.platform == "win32":
        raise NotPossible("Adloom runs on Linux and macOS. On Windows, use it inside WSL 2.")
    try:
        import ensurepip  # noqa: F401 only to see whether it is there
        import venv  # noqa: F401 only to see whether it is there
    except ImportError:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise NotPossible(
            f"Python's modules venv and ensurepip are missing. On Debian or Ubuntu: apt-get install python{version}-venv"
        ) from None


def install_packages(*, dev: bool) -> None:
    """Exactly what the lock names, checked by hash. Only where the lock, the Python or the checkout's place has changed."""
    stamp = read_stamp()
    dev = dev or bool(stamp.get("dev"))
    wanted = {
        "root": str(ROOT),
        "python": sys.version,
        "dev": dev,
        "lock": digest(
            LOCKS["dev" if dev else "demo"], UV_LOCK, *(place / "pyproject.toml" for place in own_packages())
        ),
    }
    if stamp == wanted and PYTHON.exists():
        return
    STAMP.unlink(missing_ok=True)
    make_environment(stamp)
    say("Installing packages (once; about a minute) …")
    uv = install_uv()
    run(uv, "pip", "sync", "--quiet", "--require-hashes", "--python", PYTHON, LOCKS["dev" if dev else "demo"])
    editable = [word for place in own_packages() for word in ("-e", place)]
    run(uv, "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--python", PYTHON, *editable)
    STAMP.write_text(json.dumps(wanted), encoding="utf-8")


def own_packages() -> list[Path]:
    """The product, the SDK and every connector: each is a distribution of its own, found by its entry point."""
    return [ROOT, *sorted(path.parent for path in (ROOT / "connectors").glob("*/pyproject.toml"))]


def make_environment(stamp: dict[str, object]) -> None:
    """A virtual environment; a new one where the checkout was moved or the machine's Python has changed."""
    moved = bool(stamp) and (stamp.get("root") != str(ROOT) or stamp.get("python") != sys.version)
    if moved and VENV.exists():
        say("The checkout or the machine's Python has changed: building .venv anew.")
        shutil.rmtree(VENV)
    if not PYTHON.exists():
        say("Creating .venv …")
        run(sys.executable, "-m", "venv", VENV)


def install_uv() -> Path:
    """The installer, itself checked by hash. It stays: `uv pip sync` leaves it alone."""
    uv = VENV / "bin" / "uv"
    run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", UV_LOCK)
    return uv


def build_front_end() -> None:
    """Its own stamp decides whether there is anything to do."""
    script = ROOT / "frontend" / "build.py"
    if (ROOT / "frontend" / "package.json").exists() and script.exists():
        run(PYTHON, script)


def install_browser() -> None:
    """Chromium for the browser tests, where this user may install it; they say so when they skip."""
    if any(shutil.which(name) for name in CHROMIUM):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say("No Chromium here: the browser tests will be skipped. Install the package chromium to run them.")
        return
    say("Installing Chromium for the browser tests …")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        done = subprocess.run(["apt-get", *command], check=False, env=env, stdout=subprocess.DEVNULL)  # noqa: S603, S607 fixed words
        if done.returncode:
            say(f"apt-get {command[0]} failed: the browser tests will be skipped.")
            return


def read_stamp() -> dict[str, object]:
    """What the last complete installation was made from."""
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}


def digest(*paths: Path) -> str:
    """One hash over these files."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def run(*command: object) -> None:
    """One step in the checkout; its failure ends the installation."""
    env = {**os.environ, "UV_CACHE_DIR": cache_directory(), "VIRTUAL_ENV": str(VENV), "PIP_NO_CACHE_DIR": "1"}
    subprocess.run([str(word) for word in command], cwd=ROOT, env=env, check=True)  # noqa: S603 our own words


def cache_directory() -> str:
    """uv's usual place; inside the environment for a user without a home that can be written to."""
    home = Path(os.environ.get("HOME") or "/")
    usable = os.access(home, os.W_OK)
    return os.environ.get("UV_CACHE_DIR") or str(home / ".cache" / "uv" if usable else VENV / "uv-cache")


def say(text: str) -> None:
    """To the person who waits."""
    print(text, flush=True)  # noqa: T201 this script's way to speak


if __name__ == "__main__":
    main()
