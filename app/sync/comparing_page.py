"""The page of our totals beside the platform's."""

from dataclasses import dataclass

from app.operations.schemas import job_reply
from app.sync.asking import Chosen
from app.sync.differences import Standing
from app.sync.page_queries import DayBesideTheirs
from app.sync.presenting import Working
from kit.jobs.models import JobRow


@dataclass(frozen=True)
class ComparisonPage:
    """One account's days on both sides, why they may differ, and the job that asks again."""

    accounts: list[tuple[str, str]]
    account: str
    account_name: str
    platform: str
    since: str
    until: str
    standing: Standing
    settling: str
    rate: str
    working: Working | None
    trouble: tuple[str, str] | None
    may_check: bool
    base: str
    here: str
    query: str


def query_of(chosen: Chosen) -> str:
    """The account and its days as an address carries them."""
    return f"account={chosen.account.id}&from={chosen.since}&to={chosen.until}"


def working_of(job: JobRow | None, base: str) -> Working | None:
    """The comparison under way."""
    if job is None or job_reply(job).is_over:
        return None
    shown, href = job_reply(job), f"{base}/jobs/{job.id}"
    return Working(job.id, shown.title, round(shown.progress * 100), shown.message, f"{href}/events", f"{href}/state")


def trouble_of(job: JobRow | None, days: list[DayBesideTheirs]) -> tuple[str, str] | None:
    """Why the newest comparison told nothing: what happened and what to do. A later answer makes it void."""
    if job is None or job.finished_at is None:
        return None
    if any(one.checked_at is not None and one.checked_at > job.created_at for one in days):
        return None
    if job.state == "dead":
        problem = job.problem or {}
        return problem.get("detail") or "It was tried several times.", problem.get("hint") or "Check again in a while."
    result = job.result or {}
    if result.get("state") == "failed":
        return str(result["problem"]), str(result.get("what_to_do", ""))
    return None
