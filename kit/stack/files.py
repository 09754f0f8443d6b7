"""What the stack keeps in the data directory: the lock, secrets, ports, and the state that `adloom status` reads."""

import errno
import fcntl
import json
import os
import random
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from kit.stack.errors import AlreadyRunning, DataDirectoryUnusable

# Below the range that systems hand out to outgoing connections, so that a remembered port is rarely taken by one.
_PORTS = range(20_000, 32_000)


class DataDirectory:
    """The one directory that holds everything of an embedded installation. Made on first use, readable by its owner only."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()
        self.logs = self.root / "logs"
        self.stack = self.root / "stack"

    def make(self) -> None:
        """Create what is missing."""
        try:
            for directory in (self.root, self.logs, self.stack):
                directory.mkdir(parents=True, exist_ok=True)
            # Others may pass through (the servers give up root), but neither list nor read.
            self.root.chmod(0o711)
            for directory in (self.logs, self.stack):
                directory.chmod(0o700)
        except OSError as problem:
            raise DataDirectoryUnusable(
                f"The data directory {self.root} cannot be used: {problem.strerror}.",
                "Set ADLOOM_DATA_DIR to a folder that you may write to.",
            ) from problem

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the directory for this process; the system lets go of it however the process ends."""
        self.make()
        descriptor = os.open(self.stack / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as problem:
                if problem.errno not in {errno.EWOULDBLOCK, errno.EACCES}:
                    raise
                address = self.read_state().get("address") or "an address that it has not yet chosen"
                raise AlreadyRunning(
                    f"Adloom is already running at {address}.",
                    "Stop it with `adloom stop`, or with Ctrl-C where it runs.",
                ) from problem
            yield
        finally:
            os.close(descriptor)

    def secret(self, name: str, *, size_bytes: int = 36) -> str:
        """A random secret that stays the same from start to start."""
        path = self.root / "secrets.json"
        known = self._read(path)
        if name not in known:
            known[name] = secrets.token_hex(size_bytes)
            self._write(path, known)
        return str(known[name])

    def port(self, name: str, *, forget: bool = False) -> int:
        """A free loopback port for one part: the one of last time where it is still free."""
        remembered = self._read(self.stack / "ports.json")
        port = 0 if forget else int(remembered.get(name, 0))
        if not (port and is_free(port)):
            others = set(remembered.values())
            port = next(candidate for candidate in _candidates() if candidate not in others and is_free(candidate))
            self._write(self.stack / "ports.json", remembered | {name: port})
        return port

    def read_state(self) -> dict[str, Any]:
        """What the supervisor last wrote; empty where none has run."""
        return self._read(self.stack / "state.json")

    def write_state(self, state: dict[str, Any]) -> None:
        """Replace the state in one step, so that a reader never sees half of it."""
        self._write(self.stack / "state.json", state)

    def log_of(self, name: str) -> Path:
        """The file that a part writes to."""
        return self.logs / f"{name}.log"

    def read_environment(self) -> dict[str, str]:
        """The settings of the running stack, secrets included; empty where none runs."""
        return {key: str(value) for key, value in self._read(self.stack / "environment.json").items()}

    def write_environment(self, environment: dict[str, str]) -> None:
        """Keep them for commands of the same user."""
        self._write(self.stack / "environment.json", environment)

    def _read(self, path: Path) -> dict[str, Any]:
        with suppress(FileNotFoundError, json.JSONDecodeError):
            found = json.loads(path.read_text(encoding="utf-8"))
            return dict(found)
        return {}

    def _write(self, path: Path, content: dict[str, Any]) -> None:
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


def _candidates() -> list[int]:
    return random.sample(_PORTS, 200)


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """True where a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do, so that connections that are still closing do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
