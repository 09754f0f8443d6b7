"""What a part has received: the newest entries in memory, and the same as JSON lines on disk, so that a restart keeps them.

The first line holds the next number, each further one an entry. A line is handed to the operating system before the sender
gets its answer, so `kill -9` loses nothing that was acknowledged; a line torn by it is dropped at the next start.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import msgspec

from sandbox.changes import Changes

log = logging.getLogger(__name__)
MAX_ENTRIES = 500
MAX_BYTES = 16_000_000


class Entry(Protocol):
    """Anything with a number of its own."""

    @property
    def id(self) -> int:
        """Counts up from 1 and is never used twice, not even after clearing."""
        ...


E = TypeVar("E", bound=Entry)


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    next_id: int


class Journal(Generic[E]):
    """A bounded, persistent list; the oldest entries make room for new ones."""

    def __init__(
        self,
        path: Path,
        entry_type: type[E],
        changes: Changes,
        *,
        max_entries: int = MAX_ENTRIES,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._path = path
        self._type = entry_type
        self._changes = changes
        self._max_entries, self._max_bytes = max_entries, max_bytes
        self._entries: deque[tuple[int, E]] = deque()
        self._bytes = 0
        self._file_bytes = 0
        self._file_lines = 0
        self._next_id = 1
        self._load()
        self._compact()

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[E]:
        """Newest first."""
        return (entry for _, entry in reversed(self._entries))

    def get(self, entry_id: int) -> E | None:
        """The entry of this number, if it is still kept."""
        return next((entry for entry in self if entry.id == entry_id), None)

    def add(self, make: Callable[[int], E]) -> E:
        """Keep what `make` builds from the next number."""
        entry = make(self._next_id)
        line = msgspec.json.encode(entry)
        with self._path.open("ab") as file:
            file.write(line + b"\n")
        self._file_bytes, self._file_lines = self._file_bytes + len(line), self._file_lines + 1
        self._next_id += 1
        self._remember(len(line), entry)
        # The file may grow to twice what is kept, so that it is rewritten rarely.
        if self._file_bytes > 2 * self._max_bytes or self._file_lines > 2 * self._max_entries:
            self._compact()
        self._changes.announce()
        return entry

    def clear(self) -> None:
        """Forget everything but the count."""
        self._entries.clear()
        self._bytes = 0
        self._compact()
        self._changes.announce()

    def _remember(self, line_bytes: int, entry: E) -> None:
        self._entries.append((line_bytes, entry))
        self._bytes += line_bytes
        while len(self._entries) > self._max_entries or self._bytes > self._max_bytes:
            dropped_bytes, _ = self._entries.popleft()
            self._bytes -= dropped_bytes

    def _load(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    self._read(line, is_first=number == 1)
                except msgspec.DecodeError as error:
                    log.warning("Line %d of %s cannot be read and is dropped: %s", number, self._path, error)

    def _read(self, line: bytes, *, is_first: bool) -> None:
        if is_first:
            self._next_id = msgspec.json.decode(line, type=_Header).next_id
            return
        entry = msgspec.json.decode(line, type=self._type)
        self._remember(len(line), entry)
        self._next_id = max(self._next_id, entry.id + 1)

    def _compact(self) -> None:
        """Write what is kept to a new file and put it in the old one's place in one step."""
        fresh = self._path.with_suffix(".part")
        with fresh.open("wb") as file:
            for item in (_Header(self._next_id), *(entry for _, entry in self._entries)):
                file.write(msgspec.json.encode(item) + b"\n")
        fresh.replace(self._path)
        self._file_bytes, self._file_lines = self._bytes, len(self._entries)
