"""The processes of the soak test: a producer that stands for the web, a dispatcher, workers, and the job they run.

python -m tests.soak.parts producer|dispatcher|worker FOLDER WORKSPACE_ID SCHEMA
"""

import os
import random
import signal
import sys
import threading
from pathlib import Path
from time import sleep
from types import SimpleNamespace
from typing import cast
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.cli.processes import PlaneSessions
from kit.jobs import Job, JobContext, Queue, enqueue, handles, job
from kit.jobs.dispatcher import Dispatcher
from kit.jobs.resources import Resources
from kit.jobs.worker import Worker
from kit.settings import Settings
from tenants.isolation.planes import Planes, Tenant, open_planes

THREADS = 4
PROMISED = "promised.txt"
SEEN_OUTSIDE = "outside.txt"


@job("soak.mark", queue=Queue.IO, title="Leaving a mark", max_attempts=5, lease_s=12)
class Mark(Job, frozen=True, kw_only=True):
    """Leave one row in the workspace and one line outside."""

    folder: str


@handles(Mark)
def mark(context: JobContext, item: Mark) -> None:
    """The row is not repeatable on purpose; the line outside carries the idempotency key."""
    context.progress(0.5, "Half way")
    context.session.execute(text("INSERT INTO effects (job_id) VALUES (:job_id)"), {"job_id": context.job_id})
    write_line(Path(item.folder) / SEEN_OUTSIDE, context.idempotency_key)
    sleep(random.uniform(0.0, 0.05))


def write_line(file: Path, line: str) -> None:
    """One whole line, on the disk when this returns."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{line}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def produce(planes: Planes, tenant: Tenant, folder: Path, ended: threading.Event) -> None:
    """Enqueue for ever; what has been committed is written down outside, as a web page would have told its reader."""
    while not ended.wait(0.02):
        try:
            with planes.begin_tenant(tenant) as session:
                job_id = enqueue(session, Mark(folder=str(folder)))
        except SQLAlchemyError:
            continue  # nobody was promised anything
        write_line(folder / PROMISED, str(job_id))


def main() -> None:
    """Run as one part until SIGTERM."""
    role, folder, workspace_id, schema = sys.argv[1:5]
    settings = Settings(database_pool_size=2 * THREADS + 2, _env_file=None)
    planes = open_planes(settings, application_name=f"adloom-soak-{role}")
    redis_url = settings.redis_url.get_secret_value()
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    if role == "producer":
        produce(planes, Tenant(UUID(workspace_id), schema), Path(folder), ended)
    elif role == "worker":
        resources = cast("Resources", SimpleNamespace())
        worker = Worker(PlaneSessions(planes), resources=resources, redis_url=redis_url, queues=["io"], threads=THREADS)
        worker.start()
        ended.wait()
        worker.stop()
    else:
        dispatcher = Dispatcher(PlaneSessions(planes), engine=planes.database.engine, redis_url=redis_url)
        thread = threading.Thread(target=dispatcher.run)
        thread.start()
        ended.wait()
        dispatcher.stop()
        thread.join()


if __name__ == "__main__":
    main()
