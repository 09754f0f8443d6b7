"""PostgreSQL and Valkey alone, for tests, scripts and benchmarks: `with embedded_services(folder) as services: …`."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kit.stack.errors import PartDidNotStart
from kit.stack.files import DataDirectory
from kit.stack.parts import RunningPart
from kit.stack.postgres import EmbeddedPostgres
from kit.stack.valkey import EmbeddedValkey

_TRIES = 3


class Services:
    """Two running servers and their addresses."""

    def __init__(self, *, database_url: str, redis_url: str, parts: list[RunningPart], held: ExitStack) -> None:
        self.database_url = database_url
        self.redis_url = redis_url
        self.parts = parts
        self._held = held

    def stop(self) -> None:
        """Stop both and let go of the directory; safe to call twice."""
        self._held.close()


def start_services(data_dir: Path, *, durable: bool = True) -> Services:
    """Start both in `data_dir`. `durable=False` trades safety against power loss for speed. Call from a thread that stays."""
    directory = DataDirectory(data_dir)
    with ExitStack() as held:
        held.enter_context(directory.locked())
        postgres, valkey = EmbeddedPostgres(directory, durable=durable), EmbeddedValkey(directory, durable=durable)
        parts = [start_server(server, directory, held) for server in (valkey, postgres)]
        postgres.make_database()
        return Services(database_url=postgres.url, redis_url=valkey.url, parts=parts, held=held.pop_all())


def start_server(
    server: EmbeddedPostgres | EmbeddedValkey,
    directory: DataDirectory,
    held: ExitStack,
    *,
    pause: Callable[[float], object] | None = None,
) -> RunningPart:
    """Start one and wait until it answers; `held` stops it. A port that somebody took meanwhile is replaced."""
    for attempt in range(1, _TRIES + 1):
        part = server.part(forget_port=attempt > 1)
        running = RunningPart(part, log=directory.log_of(part.name))
        try:
            running.wait_ready(pause)
        except PartDidNotStart:
            running.stop()
            if attempt == _TRIES:
                raise
        except BaseException:
            running.stop()
            raise
        else:
            held.callback(running.stop)
            return running
    raise AssertionError("the last try returns or raises")


@contextmanager
def embedded_services(data_dir: Path, *, durable: bool = True) -> Iterator[Services]:
    """Both for the length of a block."""
    services = start_services(data_dir, durable=durable)
    try:
        yield services
    finally:
        services.stop()
