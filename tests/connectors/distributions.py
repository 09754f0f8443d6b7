"""Made-up distributions on sys.path, as an installer would leave them there."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def install(folder: Path, name: str, code: str, *, requires: str = "adloom-sdk>=1,<2", key: str = "") -> None:
    """A distribution adloom-NAME with one module adloom_NAME and its entry point."""
    module = f"adloom_{name}"
    (folder / f"{module}.py").write_text(code)
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    lines = ["Metadata-Version: 2.1", f"Name: adloom-{name.replace('_', '-')}", "Version: 1.0"]
    (info / "METADATA").write_text("\n".join([*lines, *([f"Requires-Dist: {requires}"] if requires else [])]) + "\n")
    (info / "entry_points.txt").write_text(f"[adloom.connectors]\n{key or name} = {module}\n")


@contextmanager
def on_path(folder: Path) -> Iterator[None]:
    """The folder at the front of sys.path; modules that came from it are forgotten afterwards."""
    known = set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in set(sys.modules) - known:
            if getattr(sys.modules[name], "__file__", None) and str(folder) in str(sys.modules[name].__file__):
                del sys.modules[name]
