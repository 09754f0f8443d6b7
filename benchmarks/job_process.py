"""The processes that `benchmarks/jobs.py` and the soak test start: a dispatcher, or a worker that knows one job more."""

import signal
import sys
import threading
from types import SimpleNamespace
from typing import cast

from app.cli.processes import PlaneSessions
from kit.jobs import Job, JobContext, Queue, handles, job
from kit.jobs.dispatcher import Dispatcher
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
    """Run as the role that the first argument names until SIGTERM."""
    role, threads = sys.argv[1], int(sys.argv[2])
    settings = Settings(database_pool_size=2 * threads + 2, _env_file=None)
    planes = open_planes(settings, application_name=f"adloom-bench-{role}")
    redis_url = settings.redis_url.get_secret_value()
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    if role == "worker":
        resources = cast("Resources", SimpleNamespace())
        worker = Worker(PlaneSessions(planes), resources=resources, redis_url=redis_url, queues=["io"], threads=threads)
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
    planes.close()


if __name__ == "__main__":
    main()
