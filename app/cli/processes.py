"""`adloom worker`, `dispatcher` and `scheduler`: the processes beside the web. Each stops cleanly on SIGTERM and Ctrl-C."""

import logging
import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import click
from pydantic import SecretStr

from kit.db import ScopedSession
from kit.errors import Unavailable
from kit.jobs.job import Queue
from kit.logging import configure_logging
from kit.settings import Settings, load_settings
from tenants.isolation.planes import Planes, Tenant, open_planes

log = logging.getLogger(__name__)


class PlaneSessions:
    """Sessions for workers, from the planes."""

    def __init__(self, planes: Planes) -> None:
        self.planes = planes

    def control(self) -> AbstractContextManager[ScopedSession]:
        """A session on the control plane."""
        return self.planes.control()

    def workspace(self, workspace_id: UUID, schema_name: str) -> AbstractContextManager[ScopedSession]:
        """A session in a workspace."""
        return self.planes.tenant(Tenant(workspace_id, schema_name))


def _stop_when_told(stop: Callable[[], None]) -> None:
    """Call `stop` in a thread at the first SIGTERM or Ctrl-C; later ones change nothing."""
    told = threading.Event()

    def handle(*_: object) -> None:
        if not told.is_set():
            told.set()
            threading.Thread(target=stop, name="stop").start()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)


@click.command()
@click.option(
    "--queues", default=",".join(Queue), show_default=True, help="Which queues to take from, with commas between."
)
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=None,
    help="How many jobs at once; ADLOOM_WORKER_THREADS without it.",
)
def worker(queues: str, threads: int | None) -> None:
    """Run jobs until told to stop."""
    from app import worker as tasks
    from kit.jobs.worker import Worker

    settings = _prepared()
    names = _queues(queues)
    # Models keep one core busy each, so a process that takes nothing else runs one at a time.
    at_once = threads or (1 if names == [Queue.MODEL] else settings.adloom_worker_threads)
    # A job holds one connection for its effects, and now and then one for telling how far it is and one for a renewed sign-in.
    planes = _planes(settings, "adloom-worker", connections=3 * at_once + 2)
    if Queue.IO in names:
        _publish_connectors(planes)
    process = Worker(
        PlaneSessions(planes),
        resources=tasks.open_resources(settings),
        redis_url=_redis_url(settings),
        queues=names,
        threads=at_once,
    )
    done = threading.Event()

    def stop() -> None:
        process.stop()
        done.set()

    _stop_when_told(stop)
    process.start()
    click.echo(f"Worker for {', '.join(names)}, {at_once} at once.")
    done.wait()
    planes.close()


@click.command()
def dispatcher() -> None:
    """Hand waiting jobs to workers until told to stop."""
    from kit.jobs.dispatcher import Dispatcher

    settings = _prepared()
    planes = _planes(_without_pooler(settings), "adloom-dispatcher", connections=2)
    process = Dispatcher(PlaneSessions(planes), engine=planes.database.engine, redis_url=_redis_url(settings))
    _stop_when_told(process.stop)
    click.echo("Dispatcher ready.")
    process.run()
    planes.close()


@click.command()
def scheduler() -> None:
    """Start jobs that are due until told to stop."""
    from app.scheduler import SYSTEM_SCHEDULES
    from kit.jobs.schedules import Scheduler

    settings = _prepared()
    planes = _planes(_without_pooler(settings), "adloom-scheduler", connections=2)
    process = Scheduler(PlaneSessions(planes), engine=planes.database.engine, system=SYSTEM_SCHEDULES)
    _stop_when_told(process.stop)
    click.echo("Scheduler ready.")
    process.run()
    planes.close()


def _publish_connectors(planes: Planes) -> None:
    """Tell the web process which connectors there are. Whatever goes wrong with it, jobs are more important."""
    from app.connections.catalogue import publish
    from app.plugins import load_plugins

    try:
        with planes.begin_control() as control:
            publish(control, load_plugins())
    except Exception:
        log.exception("The list of connectors could not be written; the pages show the one before.")


def _prepared() -> Settings:
    settings = load_settings()
    configure_logging(settings)
    # They announce every start and every plugin; what matters of that is said by us.
    for name in ("dramatiq", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return settings


def _queues(named: str) -> list[Queue]:
    try:
        return [Queue(name.strip()) for name in named.split(",")]
    except ValueError as problem:
        raise click.BadParameter(
            f"Choose from {', '.join(Queue)}, with commas between.", param_hint="--queues"
        ) from problem


def _redis_url(settings: Settings) -> str:
    url = settings.redis_url.get_secret_value()
    if not url:
        raise Unavailable("No Redis is configured.", "Set REDIS_URL, or start the embedded stack with `adloom demo`.")
    return url


def _without_pooler(settings: Settings) -> Settings:
    """Leading means holding a lock for the length of a connection, which a pooler in transaction mode cannot give."""
    return settings.model_copy(update={"database_app_url": SecretStr("")})


def _planes(settings: Settings, name: str, *, connections: int) -> Planes:
    return open_planes(settings.model_copy(update={"database_pool_size": connections}), application_name=name)
