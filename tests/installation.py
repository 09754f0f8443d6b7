"""One whole installation in this process: web server, dispatcher, workers, its own database and the sandbox's mail.

What stories and browser tests talk to: real HTTP, real jobs, real mail; only the processes are threads here.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import uvicorn
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from app.asgi import create_app
from app.cli.parts import SandboxPlace, played_platforms
from app.cli.processes import PlaneSessions
from app.connections.catalogue import publish
from app.plugins import load_plugins
from app.worker import open_resources
from kit.jobs import Queue
from kit.jobs.dispatcher import Dispatcher
from kit.jobs.worker import Worker
from kit.settings import Settings
from tenants.isolation.planes import Planes, open_planes
from tenants.isolation.setup import upgrade_database
from tests.sandbox.process import RunningSandbox, running_sandbox

_IO_THREADS = 4


@dataclass(frozen=True)
class Installation:
    """Where it answers, and what a test may look into."""

    settings: Settings
    planes: Planes
    sandbox: RunningSandbox

    @property
    def url(self) -> str:
        """Its address, without a trailing slash."""
        return self.settings.base_url

    def letter(self, *, to: str, subject: str) -> dict[str, Any]:
        """The newest mail to this address whose subject begins so; waits for it."""
        after = 0
        while True:
            query: dict[str, str | int] = {"to": to, "after": after, "wait_s": 10}
            news = self.sandbox.http.get("/api/inbox", params=query).json()["messages"]
            assert news, f"No mail to {to} says “{subject}”."
            for summary in news:
                if summary["subject"].startswith(subject):
                    letter: dict[str, Any] = self.sandbox.http.get(f"/api/inbox/{summary['id']}").json()
                    return letter
            after = max(summary["id"] for summary in news)

    def browserless(self) -> httpx.Client:
        """A program that calls it, with no cookies yet."""
        return httpx.Client(base_url=self.url, timeout=30)


@contextmanager
def installation_of_this_process(settings: Settings, worker_id: str, directory: Path) -> Iterator[Installation]:
    """One for the tests of a package. It ends with them, for its threads would disturb tests that steer chance."""
    # The tests of jobs use the upper half of Redis' databases.
    number = 1 + int(worker_id.removeprefix("gw") or 0) % 6 if worker_id != "master" else 1
    name = f"adloom_live_{worker_id}_{os.getpid()}_{directory.name}"
    with running_installation(settings, directory, name=name, redis_number=number) as running:
        yield running


@contextmanager
def running_installation(
    settings: Settings, directory: Path, *, name: str, redis_number: int
) -> Iterator[Installation]:
    """Start everything on a fresh database; it is gone afterwards."""
    with ExitStack() as stack:
        sandbox = stack.enter_context(running_sandbox(directory / "sandbox"))
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        own = settings.model_copy(update=_own_values(settings, sandbox, listening, directory, name, redis_number))
        upgrade_database(own)
        planes = open_planes(own, application_name="adloom-tests-installation")
        stack.callback(planes.close)
        with planes.begin_control() as control:
            publish(control, load_plugins())
        stack.enter_context(_working(own, planes))
        stack.enter_context(_serving(own, listening))
        yield Installation(own, planes, sandbox)


def _own_values(
    settings: Settings, sandbox: RunningSandbox, listening: socket.socket, directory: Path, name: str, redis_number: int
) -> dict[str, Any]:
    port = listening.getsockname()[1]
    mail = sandbox.mail_settings
    place = SandboxPlace(sandbox.http.base_url.port or 0, sandbox.smtp_port, directory)
    played = played_platforms(place)
    return {
        "adloom_port": port,
        "adloom_base_url": f"http://127.0.0.1:{port}",
        "adloom_data_dir": directory / "data",
        "database_url": settings.__class__(database_url=_fresh_database(settings, name), _env_file=None).database_url,
        "redis_url": _redis_database(settings, redis_number),
        "smtp_host": mail.smtp_host,
        "smtp_port": mail.smtp_port,
        "smtp_tls": mail.smtp_tls,
        "connectors_base_url": played["CONNECTORS_BASE_URL"],
        "connector_apps": SecretStr(played["CONNECTOR_APPS"]),
    }


def _fresh_database(settings: Settings, name: str) -> Any:
    server = make_url(settings.database_url.get_secret_value())
    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return type(settings.database_url)(server.set(database=name).render_as_string(hide_password=False))


def _redis_database(settings: Settings, number: int) -> Any:
    url = settings.redis_url.get_secret_value().rstrip("/")
    server = url.rsplit("/", 1)[0] if url.count("/") > 2 else url
    return type(settings.redis_url)(f"{server}/{number}")


@contextmanager
def _serving(settings: Settings, listening: socket.socket) -> Iterator[None]:
    """The web server in a thread, on a socket that is bound already, so that nobody waits for it."""
    config = uvicorn.Config(
        create_app(settings), log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=5
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="web")
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def _working(settings: Settings, planes: Planes) -> Iterator[None]:
    """Dispatcher and two workers, as the supervisor starts them."""
    sessions, redis_url = PlaneSessions(planes), settings.redis_url.get_secret_value()
    dispatcher = Dispatcher(sessions, engine=planes.database.engine, redis_url=redis_url)
    resources = open_resources(settings)
    workers = [
        Worker(sessions, resources=resources, redis_url=redis_url, queues=[queue], threads=threads)
        for queue, threads in ((Queue.IO, _IO_THREADS), (Queue.MODEL, 1))
    ]
    leading = threading.Thread(target=dispatcher.run, name="dispatcher")
    leading.start()
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        dispatcher.stop()
        for worker in workers:
            worker.stop()
        leading.join()
