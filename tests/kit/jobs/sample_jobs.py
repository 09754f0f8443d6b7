"""Jobs that exist for tests: they write a line, fail in chosen ways, or wait to be released."""

import threading
from uuid import UUID

from sqlalchemy import text

from kit.errors import InvalidInput
from kit.jobs import Job, JobContext, Queue, Transient, handles, job

RELEASE = threading.Event()
STARTED = threading.Event()


@job("tests.note", queue=Queue.IO, title="Writing a line", max_attempts=3)
class Note(Job, frozen=True, kw_only=True):
    """Write one line into the workspace's own table."""

    line: str


@handles(Note)
def note(context: JobContext, item: Note) -> dict[str, str]:
    """Not repeatable on purpose: a second effective run would show as a second line."""
    write_line(context, item.line)
    return {"line": item.line}


@job("tests.fail", queue=Queue.IO, title="Failing", max_attempts=3)
class Fail(Job, frozen=True, kw_only=True):
    """Write a line, then fail in the named way."""

    how: str


@handles(Fail)
def fail(context: JobContext, item: Fail) -> None:
    """Its line must never be seen."""
    write_line(context, "must not be seen")
    if item.how == "refused":
        raise InvalidInput("Row 7 has no date.", "Fill it in.")
    if item.how == "busy":
        raise Transient("The platform is busy.", retry_after_s=120)
    if item.how == "disconnected":
        context.session.connection().connection.dbapi_connection.close()  # type: ignore[union-attr]  # it is connected
        context.session.execute(text("SELECT 1"))
    raise ZeroDivisionError("secret customer data")


@job("tests.wait", queue=Queue.IO, title="Waiting", max_attempts=3)
class Wait(Job, frozen=True, kw_only=True):
    """Say that it has started, then wait for the test, telling progress before and after."""

    line: str = "waited"


@handles(Wait)
def wait(context: JobContext, item: Wait) -> None:
    """Stops at its next step when somebody asks."""
    context.progress(0.25, "Waiting for the test")
    write_line(context, item.line)
    STARTED.set()
    RELEASE.wait(30)
    context.check_cancelled()


@job("tests.system", queue=Queue.IO, title="Housekeeping", max_attempts=3)
class Housekeep(Job, frozen=True, kw_only=True):
    """A job of the system's own, without a workspace."""


@handles(Housekeep)
def housekeep(context: JobContext, _item: Housekeep) -> dict[str, str]:
    """Tell as whom it runs."""
    return {"role": str(context.session.execute(text("SELECT current_user")).scalar_one())}


@job("tests.unhandled", queue=Queue.IO, title="Nobody does it", max_attempts=2)
class Unhandled(Job, frozen=True, kw_only=True):
    """A job of a newer version."""

    of: UUID


def write_line(context: JobContext, line: str) -> None:
    """One row in the workspace's schema, in the job's transaction."""
    context.session.execute(
        text("INSERT INTO effects (job_id, line) VALUES (:job_id, :line)"), {"job_id": context.job_id, "line": line}
    )
