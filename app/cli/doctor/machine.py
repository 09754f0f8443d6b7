"""The machine: room on the disk, the built front end, and a browser for those who run the tests."""

import shutil
from pathlib import Path

from app.cli.doctor.findings import Finding
from kit.settings import Settings

_GIGABYTE = 1024**3
_MANIFEST = Path(__file__).parents[2] / "static" / ".vite" / "manifest.json"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def look_at_disk(settings: Settings) -> list[Finding]:
    """Free space where the data lies."""
    place = settings.adloom_data_dir.absolute()
    while not place.exists():
        place = place.parent
    free_gb = shutil.disk_usage(place).free / _GIGABYTE
    message = f"{free_gb:.0f} GB free at {place}." if free_gb >= 10 else f"{free_gb:.1f} GB free at {place}."
    if free_gb < 1:
        return [Finding("Disk", "problem", message, "Make room: PostgreSQL stops when the disk is full.")]
    return [Finding("Disk", "warning" if free_gb < 5 else "ok", message, "Make room soon." if free_gb < 5 else "")]


def look_at_front_end(settings: Settings) -> list[Finding]:  # noqa: ARG001 every check has this form
    """Whether the pages' styles and scripts have been built."""
    if _MANIFEST.exists():
        return [Finding("Front end", "ok", "Built.")]
    return [
        Finding(
            "Front end", "problem", "Not built: pages would have no style.", "Run `.venv/bin/python frontend/build.py`."
        )
    ]


def look_at_browser(settings: Settings) -> list[Finding]:
    """Chromium is for the tests alone; a production machine needs none."""
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found:
        return [Finding("Browser tests", "ok", f"Chromium is at {found}.")]
    if settings.adloom_env == "production":
        return []
    return [
        Finding(
            "Browser tests",
            "warning",
            "No Chromium, so the browser tests are skipped.",
            "Install the package chromium.",
        )
    ]
