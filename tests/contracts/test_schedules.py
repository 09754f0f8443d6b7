"""What the installation does by the clock is documented, and a worker can do it."""

import re
from pathlib import Path

from app.scheduler import SYSTEM_SCHEDULES
from app.worker import TASK_MODULES
from kit.jobs.job import handler_of, type_of

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "jobs.md"


def test_the_page_on_jobs_lists_every_schedule_and_no_other() -> None:
    listed = re.findall(r"^\| `([a-z-]+)` \| (?:\d\d:\d\d|every)", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(schedule.name for schedule in SYSTEM_SCHEDULES)


def test_a_worker_can_do_what_is_due() -> None:
    assert TASK_MODULES
    for schedule in SYSTEM_SCHEDULES:
        assert handler_of(type_of(type(schedule.item)).name) is not None, schedule.name
