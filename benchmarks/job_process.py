"""The worker that `benchmarks/jobs.py` starts: like `adloom worker`, but it knows one job more.

python -m benchmarks.job_process THREADS
"""

import signal
import sys
import threading
from types import SimpleNamespace
from typing import cast

from app.cli.processes import PlaneSessions
from kit.jobs import Job, JobContext, Queue, handles, job
from kit.jobs.resources import Resources
from kit.jobs.worker import Worker
from kit.settings import Settings
from tenants.isolation.planes import open_planes


@job("benchmark.no_op", queue=Queue.IO, title="No-op", max_attempts=3)
class NoOp(Job, frozen=True, kw_only=True):
    """Nothing, in a workspace. Running twice does nothing twice."""


@handles(NoOp)
def no_op(_context: JobContext, _item: NoOp) -> None:
    """Do nothing."""


def main() -> None:
    """Run until SIGTERM."""
    threads = int(sys.argv[1])
    settings = Settings(database_pool_size=2 * threads + 2, _env_file=None)
    planes = open_planes(settings, application_name="adloom-bench-worker")
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    worker = Worker(
        PlaneSessions(planes),
        resources=cast("Resources", SimpleNamespace()),
        redis_url=settings.redis_url.get_secret_value(),
        queues=["io"],
        threads=threads,
    )
    worker.start()
    ended.wait()
    worker.stop()
    planes.close()


if __name__ == "__main__":
    main()
