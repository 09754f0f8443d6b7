"""The notebook of the examples runs from its first cell to its last, in its own folder, on the files beside it."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parents[2] / "examples" / "mix-model.ipynb"


def test_the_notebook_runs_from_top_to_bottom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(NOTEBOOK.parent)
    cells = [cell for cell in json.loads(NOTEBOOK.read_text())["cells"] if cell["cell_type"] == "code"]
    names: dict[str, Any] = {}
    printed = []
    for cell in cells:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
        printed.append(out.getvalue().strip())
        assert cell["outputs"] == [], "stored outputs grow old"
    assert all(printed), "every cell shows something"
    assert "days" in printed[0]
