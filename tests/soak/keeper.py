"""The supervisor's part in the soak: starts an installation's own programs, kills them, and brings them back."""

import dataclasses
import random
import socket
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from time import sleep

from pydantic import SecretStr

from app.cli import parts
from kit.settings import Settings
from kit.stack.errors import PartDidNotStart
from kit.stack.files import DataDirectory
from kit.stack.parts import Part, RunningPart
from kit.stack.postgres import EmbeddedPostgres
from kit.stack.valkey import EmbeddedValkey

SERVERS = ("valkey", "postgres")
WORKERS = ("worker-1", "worker-2")
_TRIES = 20


class Keeper:
    """Both servers from the beginning; everything else once `start_programs` is called."""

    def __init__(self, folder: Path, held: ExitStack) -> None:
        self._directory = DataDirectory(folder / "services")
        held.enter_context(self._directory.locked())
        postgres, valkey = EmbeddedPostgres(self._directory), EmbeddedValkey(self._directory)
        self._servers: dict[str, EmbeddedPostgres | EmbeddedValkey] = {"postgres": postgres, "valkey": valkey}
        self._running: dict[str, RunningPart] = {}
        self.sandbox = parts.SandboxPlace(_free_port(), _free_port(), folder / "sandbox")
        self._played = parts.played_platforms(self.sandbox)
        held.callback(self._stop)
        for name in SERVERS:
            self._start_server(name)
        postgres.make_database()
        port = _free_port()
        self.settings = Settings(
            adloom_env="test",
            adloom_data_dir=folder / "data",
            adloom_port=port,
            adloom_base_url=f"http://127.0.0.1:{port}",
            adloom_secret_key=SecretStr("a-soak-test-secret-of-more-than-32-characters"),
            adloom_spare_schemas=0,
            database_url=SecretStr(postgres.url),
            redis_url=SecretStr(valkey.url),
            connectors_base_url=self._played["CONNECTORS_BASE_URL"],
            connector_apps=SecretStr(self._played["CONNECTOR_APPS"]),
            _env_file=None,
        )

    def start_programs(self) -> None:
        """Web, dispatcher and two workers, by the commands that the supervisor uses."""
        env = self._environment()
        dispatcher = next(part for part in parts.background(env, grace_s=40) if part.name == "dispatcher")
        self._start(parts.web(self.settings.base_url, env))
        self._start(dispatcher)
        for name in WORKERS:
            argv = parts.adloom("worker", "--queues", "io", "--threads", "4")
            self._start(Part(name, argv, env, ready_word=parts.READY_WORDS["worker"], stop_timeout_s=40))
        self.wait_ready()

    def start_sandbox(self, *, seen_at: datetime) -> None:
        """The platforms, whose numbers stay as this instant sees them, whatever is restarted."""
        part = parts.sandbox(self.sandbox, self._environment())
        self._start(dataclasses.replace(part, argv=[*part.argv, "--seen-at", seen_at.isoformat()]))
        self._wait_ready("sandbox")

    def kill(self, name: str) -> None:
        """End a part that works as a power cut would, and bring it back a moment later; the others are left as they are."""
        self._wait_ready(name)
        running = self._running[name]
        running.process.kill()
        running.process.wait()
        sleep(random.uniform(0, 0.5))
        if name in self._servers:
            self._start_server(name)
        else:
            self._start(running.part)

    def wait_ready(self) -> None:
        """Until everything works."""
        for name in self._running:
            self._wait_ready(name)

    def _wait_ready(self, name: str) -> None:
        """Start it again as often as it ends by itself, which it may while another part is away."""
        for _ in range(_TRIES):
            try:
                self._running[name].wait_ready()
            except PartDidNotStart:
                if self._running[name].exit_code is None:
                    raise
                self._start(self._running[name].part)
            else:
                return
        raise self._running[name].failure(f"{name} does not stay up.")

    def _start(self, part: Part) -> None:
        self._running[part.name] = RunningPart(part, log=self._directory.log_of(part.name))

    def _start_server(self, name: str) -> None:
        """On the port it had; its killed forerunner may need a moment to let go."""
        for attempt in range(1, _TRIES + 1):
            self._start(self._servers[name].part())
            try:
                self._running[name].wait_ready()
            except PartDidNotStart:
                self._running[name].stop()
                if attempt == _TRIES:
                    raise
                sleep(0.3)
            else:
                return

    def _environment(self) -> dict[str, str]:
        settings = self.settings
        return {
            "ADLOOM_ENV": settings.adloom_env,
            "ADLOOM_DATA_DIR": str(settings.adloom_data_dir),
            "ADLOOM_PORT": str(settings.adloom_port),
            "ADLOOM_BASE_URL": settings.base_url,
            "ADLOOM_SPARE_SCHEMAS": "0",
            "ADLOOM_SECRET_KEY": settings.adloom_secret_key.get_secret_value(),
            "DATABASE_URL": settings.database_url.get_secret_value(),
            "REDIS_URL": settings.redis_url.get_secret_value(),
            **self._played,
        }

    def _stop(self) -> None:
        for name in sorted(self._running, key=lambda name: name in self._servers):
            self._running[name].stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
