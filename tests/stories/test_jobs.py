"""Jobs over the API: they are seen, cancelled and tried again by those who may, and by nobody else."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from kit.clock import utc_now
from kit.jobs import enqueue
from kit.jobs.context import JobContext
from kit.jobs.job import Job, Queue, handles, job
from tests.installation import Installation
from tests.people import Person, join
from tests.stories.program import Program

Make = Callable[..., Person]
Give = Callable[..., Program]


@job("stories.count", queue=Queue.IO, title="Counting to three", max_attempts=1)
class Count(Job, frozen=True, kw_only=True):
    """Counts, or refuses."""

    may: bool = True


@handles(Count)
def count(context: JobContext, item: Count) -> dict[str, int]:
    """Safe to run twice: it stores nothing."""
    if not item.may and context.attempt == 1 and not _MENDED:
        raise RuntimeError("The abacus is broken.")
    context.progress(0.5, "Two of three")
    return {"counted": 3}


_MENDED: list[bool] = []


@pytest.fixture(scope="module")
def boss(make: Make) -> Person:
    """Owner of the workspace with the jobs."""
    return make("Jo Job", plan="premium")


def _put(installation: Installation, person: Person, item: Count, *, later: bool = False) -> UUID:
    with installation.planes.begin_tenant(person.tenant) as session:
        return enqueue(session, item, run_at=utc_now() + timedelta(hours=1) if later else None)


def test_a_job_is_followed_to_its_end(installation: Installation, program: Give, boss: Person) -> None:
    job_id = _put(installation, boss, Count())
    done = program(boss).until_over(f"/jobs/{job_id}")
    assert (done["state"], done["result"], done["progress"]) == ("done", {"counted": 3}, 1.0)
    assert str(job_id) in [item["id"] for item in program(boss).get("/jobs")]


def test_a_waiting_job_is_cancelled_and_later_tried_again(
    installation: Installation, program: Give, boss: Person
) -> None:
    caller, job_id = program(boss), _put(installation, boss, Count(), later=True)
    assert caller.post(f"/jobs/{job_id}/cancel")["state"] == "cancelled"
    assert caller.post(f"/jobs/{job_id}/cancel")["state"] == "cancelled"
    caller.post(f"/jobs/{job_id}/retry")
    assert caller.until_over(f"/jobs/{job_id}")["state"] == "done"
    assert caller.call("POST", f"/jobs/{job_id}/cancel").status_code == 409


def test_a_job_that_was_given_up_says_so_and_is_tried_again(
    installation: Installation, program: Give, boss: Person
) -> None:
    caller, job_id = program(boss), _put(installation, boss, Count(may=False))
    dead = caller.until_over(f"/jobs/{job_id}")
    assert dead["state"] == "dead"
    assert "abacus" not in str(dead["problem"])
    assert dead["problem"]["hint"]
    _MENDED.append(True)
    caller.post(f"/jobs/{job_id}/retry")
    assert caller.until_over(f"/jobs/{job_id}")["state"] == "done"


def test_a_viewer_looks_but_does_not_touch_and_a_stranger_sees_nothing(
    installation: Installation, make: Make, program: Give, boss: Person
) -> None:
    viewer, stranger = make("Vic Viewer"), make("Sam Stranger", plan="premium")
    join(installation.planes, viewer, boss, "viewer")
    job_id = _put(installation, boss, Count(), later=True)
    assert program(viewer, at=boss).get(f"/jobs/{job_id}")["state"] == "waiting"
    assert program(viewer, at=boss).call("POST", f"/jobs/{job_id}/cancel").status_code == 403
    assert program(stranger).call("GET", f"/jobs/{job_id}").status_code == 404
    assert program(stranger).call("POST", f"/jobs/{job_id}/cancel").status_code == 404
    program(boss).post(f"/jobs/{job_id}/cancel")


def test_progress_is_pushed_to_the_page(installation: Installation, program: Give, boss: Person) -> None:
    job_id = _put(installation, boss, Count())
    with installation.browserless() as browser:
        pushed = boss.request(browser, "GET", boss.at(f"/jobs/{job_id}/events"))
    assert pushed.headers["content-type"].startswith("text/event-stream")
    assert '"state":"done"' in pushed.text.rsplit("event: progress", 1)[-1]
