"""A connector's folder as if it were installed, so that whoever writes one can verify it without installing anything."""

import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import invalidate_caches
from pathlib import Path
from typing import Any

from kit.errors import InvalidInput

_GROUP = "adloom.connectors"


@dataclass(frozen=True)
class Project:
    """What a connector's folder calls the connector, and itself."""

    key: str
    distribution: str


@contextmanager
def as_installed(folder: Path) -> Iterator[Project]:
    """The folder on sys.path with the metadata that its pyproject.toml describes; tells the connector's key."""
    project = _project(folder)
    keys = list(project["entry-points"][_GROUP])
    metadata = Path(tempfile.mkdtemp(prefix="adloom-project-"))
    _write_metadata(metadata, project)
    places = [str(metadata), str(folder.resolve())]
    sys.path[:0] = places
    invalidate_caches()
    try:
        yield Project(keys[0], str(project["name"]))
    finally:
        for place in places:
            sys.path.remove(place)
        _forget(folder.resolve())
        shutil.rmtree(metadata, ignore_errors=True)


def _forget(folder: Path) -> None:
    """Unload what was imported from the folder, so that an edited file is read again."""
    for name, module in list(sys.modules.items()):
        place = getattr(module, "__file__", None)
        if place and folder in Path(place).parents:
            del sys.modules[name]


def _project(folder: Path) -> dict[str, Any]:
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"{folder} holds no readable pyproject.toml with a [project].") from error
    if not isinstance(project, dict) or not str(project.get("name", "")).strip():
        raise InvalidInput(f"{folder}/pyproject.toml names no project.", 'Add name = "adloom-…" to [project].')
    points = project.get("entry-points")
    if not isinstance(points, dict) or not isinstance(points.get(_GROUP), dict) or not points[_GROUP]:
        raise InvalidInput(
            f"{folder}/pyproject.toml declares no connector.",
            f'Add [project.entry-points."{_GROUP}"] with key = "package".',
        )
    return project


def _write_metadata(place: Path, project: dict[str, Any]) -> None:
    name, version = str(project["name"]), str(project.get("version", "0"))
    info = place / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    requires = [f"Requires-Dist: {line}" for line in project.get("dependencies", [])]
    (info / "METADATA").write_text(
        "\n".join(["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *requires]) + "\n"
    )
    sections = [
        "\n".join([f"[{group}]", *(f"{key} = {value}" for key, value in points.items())])
        for group, points in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n\n".join(sections) + "\n")
