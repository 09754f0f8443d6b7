"""What came in stays bounded, survives a crash, and keeps its numbers."""

from functools import partial
from pathlib import Path

import msgspec
import pytest

from sandbox.changes import Changes
from sandbox.journal import Journal
from tests.sandbox.process import running_sandbox


class Note(msgspec.Struct, frozen=True):
    id: int
    text: str


def journal(path: Path, **limits: int) -> Journal[Note]:
    return Journal(path, Note, Changes(), **limits)


def fill(notes: Journal[Note], *texts: str) -> None:
    for text in texts:
        notes.add(partial(Note, text=text))


def texts(notes: Journal[Note]) -> list[str]:
    return [note.text for note in notes]


def test_a_restart_keeps_entries_and_goes_on_counting(tmp_path: Path) -> None:
    fill(journal(tmp_path / "notes.jsonl"), "a", "b")
    again = journal(tmp_path / "notes.jsonl")
    fill(again, "c")
    assert [(note.id, note.text) for note in again] == [(3, "c"), (2, "b"), (1, "a")]


def test_a_line_torn_by_a_crash_is_dropped_and_the_rest_stays(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    fill(journal(path), "a", "b")
    path.write_bytes(path.read_bytes()[:-6])
    after_crash = journal(path)
    fill(after_crash, "c")
    assert texts(after_crash) == ["c", "a"]
    assert texts(journal(path)) == ["c", "a"]


def test_the_oldest_make_room_in_memory_and_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    notes = journal(path, max_entries=3)
    fill(notes, *(str(number) for number in range(50)))
    assert texts(notes) == ["49", "48", "47"]
    assert len(path.read_bytes().splitlines()) <= 7
    assert texts(journal(path, max_entries=3)) == ["49", "48", "47"]


def test_few_large_entries_are_bounded_by_their_size(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    notes = journal(path, max_bytes=10_000)
    fill(notes, *("x" * 3_000 for _ in range(20)))
    assert len(notes) == 3
    assert path.stat().st_size < 25_000


def test_clearing_keeps_the_count_even_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    notes = journal(path)
    fill(notes, "a", "b")
    notes.clear()
    again = journal(path)
    assert len(again) == 0
    fill(again, "c")
    assert again.get(3) == Note(3, "c")


@pytest.mark.parametrize("stop", ["kill", "terminate"])
def test_what_was_acknowledged_survives_the_end_of_the_process(tmp_path: Path, stop: str) -> None:
    with running_sandbox(tmp_path) as first:
        assert first.http.post("/webhooks/a", json={"n": 1}).json() == {"received": 1}
        getattr(first.process, stop)()
        first.process.wait(timeout=20)
    with running_sandbox(tmp_path) as second:
        assert second.http.get("/api/webhooks/latest").json()["json"] == {"n": 1}
        assert second.http.post("/webhooks/a", json={"n": 2}).json() == {"received": 2}
