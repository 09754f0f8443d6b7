"""The files in `examples/` do what the documents say of them."""

from datetime import date
from pathlib import Path

import pytest

from app.imports.running import RunContext, run_import
from billing.plans import FREE, PREMIUM, Plan
from tests.imports.desk import Desk

EXAMPLES = Path(__file__).parents[2] / "examples"
AFTER_THE_EXAMPLES = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("name", "plan", "rejected"),
    [
        ("first-import.csv", FREE, 0),
        ("with-three-bad-rows.csv", FREE, 3),
        ("two-years.csv", PREMIUM, 0),
        ("weekly.csv", PREMIUM, 0),
    ],
)
def test_an_example_is_recognised_and_imported(desk: Desk, name: str, plan: Plan, rejected: int) -> None:
    content = (EXAMPLES / name).read_bytes()
    item = desk.receive(content, filename=name)
    desk.confirm(item.id)
    context = RunContext(
        storage=desk.storage, plan=plan, today=AFTER_THE_EXAMPLES, progress=lambda _share, _sentence: None
    )
    done = run_import(desk.session, import_id=item.id, context=context)
    assert (done.state, done.problem) == ("done", None)
    assert done.rows_rejected == rejected
    assert done.rows_read == content.count(b"\n") - 1
