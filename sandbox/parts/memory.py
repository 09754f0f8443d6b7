"""What a platform must not forget when the sandbox is started again: who signed in, what was written, and on which day it was made.

One JSON file per platform, replaced as a whole before the answer that it is about goes out: an answered call is never forgotten.
"""

import os
import threading
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec

from adloom_sdk.testing.fakes import FakePlatform
from adloom_sdk.testing.world import Shape, World

# Ten accounts of this size spend what a shop of this size can afford.
SMALL_SHOP = Shape(ad_groups=1, ads=2, spend_per_day=12.0, orders_per_day=24, order_value=190.0)


class _Kept(msgspec.Struct, frozen=True):
    made_on: date
    consent: dict[str, Any]
    written: list[dict[str, Any]]


class Memory:
    """The files, and which state of each fake was written last."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._versions: dict[str, tuple[int, int]] = {}
        self._made_on: dict[str, date] = {}
        self._guard = threading.Lock()

    def wake(self, kind: type[FakePlatform], key: str, *, seen_at: datetime | None = None) -> FakePlatform:
        """The fake as an earlier sandbox on this directory left it, or a new one."""
        path = self._path(key)
        kept = msgspec.json.decode(path.read_bytes(), type=_Kept) if path.exists() else None
        self._made_on[key] = kept.made_on if kept else (seen_at or datetime.now(UTC)).date()
        fake = kind(World(key, made_on=self._made_on[key], seen_at=seen_at, shape=SMALL_SHOP))
        if kept:
            fake.world.restore(kept.written)
            fake.consent.restore(kept.consent)
            self._versions[key] = _version_of(fake)
        return fake

    def keep(self, key: str, fake: FakePlatform) -> None:
        """Write it down where anything has changed since the last time."""
        with self._guard:
            version = _version_of(fake)
            if self._versions.get(key) == version:
                return
            kept = _Kept(self._made_on[key], fake.consent.kept(), fake.world.written())
            self.directory.mkdir(parents=True, exist_ok=True)
            beside = self._path(key).with_suffix(".new")
            with beside.open("wb") as stream:
                stream.write(msgspec.json.encode(kept))
                stream.flush()
                os.fsync(stream.fileno())
            beside.replace(self._path(key))
            self._versions[key] = version

    def _path(self, key: str) -> Path:
        return self.directory / f"{key}.json"


def _version_of(fake: FakePlatform) -> tuple[int, int]:
    return fake.consent.version, fake.world.version
