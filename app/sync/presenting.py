"""Accounts and runs as the page of syncs shows them: one word, one sentence, what to do, and one button."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.connections.health import Health
from app.operations.schemas import job_reply
from app.sync.models import SyncRun
from app.sync.page_queries import HISTORY, RECONCILE
from app.sync.queries import AccountStanding
from kit.format import MISSING, ago, count, day, day_range, moment, plural
from kit.jobs.models import JobRow

KINDS = {"first": "First sync", "manual": "By hand", "scheduled": "Daily", "backfill": "History"}
RUN_STATES = {
    "queued": ("Waiting", "plain"),
    "running": ("Running", "info"),
    "done": ("Done", "good"),
    "failed": ("Failed", "bad"),
    "cancelled": ("Cancelled", "plain"),
}
# A browser keeps few connections open to one address, so the first job at work is streamed and the others are asked after.
_MOST_STREAMS = 1


@dataclass(frozen=True)
class Working:
    """A job under way, and where its progress is told."""

    id: UUID
    title: str
    percent: int
    message: str
    events_url: str
    poll_url: str


@dataclass(frozen=True)
class AccountLine:
    """One account. `health` is that of its connection, where that is what stands still; its act is then the one button."""

    id: UUID
    name: str
    about: str
    href: str
    connection_href: str
    label: str
    tone: str
    sentence: str
    health: Health | None
    working: Working | None
    history: str
    history_percent: int | None
    synced: str
    next_run: str
    may_sync: bool
    needs_help: bool


@dataclass(frozen=True)
class RunLine:
    """One run."""

    account: str
    kind: str
    label: str
    tone: str
    trouble: str
    days: str
    rows_read: str
    rows_changed: str
    calls: str
    took: str
    began: str


@dataclass(frozen=True)
class SyncPage:
    """Every selected account, and the runs so far."""

    accounts: list[AccountLine]
    runs: list[RunLine]
    summary: str
    notices: list[str]
    base: str
    here: str
    chosen: str
    chosen_name: str
    rate_note: str
    may_act: bool
    may_manage: bool
    is_first: bool
    has_numbers: bool
    may_sync_any: bool


@dataclass(frozen=True)
class Around:
    """What the lines of a page share."""

    base: str
    titles: Mapping[str, str]
    now: datetime
    may_act: bool


def account_lines(
    standings: Sequence[AccountStanding],
    *,
    jobs: Mapping[UUID, Sequence[JobRow]],
    runs: Mapping[UUID, SyncRun],
    ill: Mapping[UUID, Health],
    around: Around,
) -> list[AccountLine]:
    """The accounts, those that need somebody first, then those at work."""
    streams, lines = _MOST_STREAMS, []
    for one in standings:
        job = next((row for row in jobs.get(one.account_id, ()) if row.name != RECONCILE), None)
        working = _working(job, around.base, is_streamed=streams > 0) if job else None
        streams -= working is not None
        lines.append(_account_line(one, job, working, runs.get(one.account_id), ill.get(one.connection_id), around))
    order = {"bad": 0, "warn": 1, "info": 2}
    return sorted(lines, key=lambda line: order.get(line.tone, 3))


def summary_of(lines: Sequence[AccountLine]) -> str:
    """How the accounts fare, in one line."""
    at_work = sum(line.working is not None for line in lines)
    in_trouble = sum(line.tone in {"bad", "warn"} for line in lines)
    parts = [plural(len(lines), "account")]
    parts += [f"{at_work} syncing now"] if at_work else []
    parts += [f"{in_trouble} {'needs' if in_trouble == 1 else 'need'} attention"] if in_trouble else []
    return " · ".join(parts if len(parts) > 1 else [*parts, "all in order"]) if lines else ""


def run_line(run: SyncRun, *, names: Mapping[UUID, str]) -> RunLine:
    """One run; wasted calls are those that the platform answered with a refusal or an error."""
    label, tone = RUN_STATES[run.state]
    return RunLine(
        account=names.get(run.account_id, "An account that is no longer read"),
        kind=unbroken(KINDS[run.kind]),
        label=label,
        tone=tone,
        trouble=f"{run.problem} {run.what_to_do}".strip(),
        days=unbroken(day_range(run.since, run.until)) if run.since and run.until else MISSING,
        rows_read=count(run.rows_read),
        rows_changed=count(run.rows_changed),
        calls=count(run.calls) + (f" ({count(run.wasted_calls)} wasted)" if run.wasted_calls else ""),
        took=duration(run.finished_at - run.created_at) if run.finished_at else MISSING,
        began=unbroken(ago(run.created_at)),
    )


def unbroken(text: str) -> str:
    """The words kept on one line of a table's cell."""
    return text.replace(" ", "\u00a0")


def duration(length: timedelta) -> str:
    """How long it took (`8 s`, `3 min 20 s`, `2 h 5 min`)."""
    total_s = max(0, round(length.total_seconds()))
    hours, minutes, seconds = total_s // 3600, total_s // 60 % 60, total_s % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def history_of(one: AccountStanding) -> tuple[str, int | None]:
    """How much of the history is there: a sentence, and per cent while it is not whole."""
    if one.covered_from is None or one.covered_to is None or one.wanted_from is None:
        return "No numbers yet", None
    if one.covered_from <= one.wanted_from:
        return f"Complete back to {day(one.covered_from)}", None
    wanted, read = (one.covered_to - one.wanted_from).days, (one.covered_to - one.covered_from).days
    return f"{one.history}, back to {day(one.covered_from)}", min(99, round(100 * read / max(1, wanted)))


def _account_line(
    one: AccountStanding,
    job: JobRow | None,
    working: Working | None,
    run: SyncRun | None,
    ill: Health | None,
    around: Around,
) -> AccountLine:
    label, tone, sentence = _state(one, job, run, ill, around.now)
    history, percent = history_of(one)
    is_readable = one.connection_state == "active" and job is None
    return AccountLine(
        id=one.account_id,
        name=one.name,
        about=unbroken(f"{around.titles.get(one.connector_key, one.connector_key)} · {one.currency}"),
        href=f"{around.base}/sync?account={one.account_id}",
        connection_href=f"{around.base}/connections/{one.connection_id}",
        label=label,
        tone=tone,
        sentence=sentence,
        health=ill,
        working=working,
        history=history,
        history_percent=percent,
        synced=ago(one.synced_at, around.now) if one.synced_at else "Not yet",
        next_run="After this one" if working else _next_run(one, around.now),
        may_sync=around.may_act and is_readable,
        needs_help=tone in {"bad", "warn"},
    )


def _state(
    one: AccountStanding, job: JobRow | None, run: SyncRun | None, ill: Health | None, now: datetime
) -> tuple[str, str, str]:
    """A word, its tone, and the sentence with what to do. What needs somebody goes before what runs."""
    if ill is not None:
        return ill.label, ill.tone, ill.sentence
    trouble = f"{one.problem} {one.what_to_do}".strip()
    if job is not None:
        return _state_at_work(job, run, trouble, now)
    if trouble:
        return "Needs attention", "warn", trouble
    if run is not None and run.state == "failed":
        return "Failed", "bad", f"{run.problem} {run.what_to_do}".strip()
    if one.covered_to is None:
        return "Not read yet", "plain", "The first sync starts by itself."
    return "Up to date", "good", ""


def _state_at_work(job: JobRow, run: SyncRun | None, trouble: str, now: datetime) -> tuple[str, str, str]:
    if job.state == "running":
        label = "Reading history" if job.name == HISTORY else "Syncing now"
        return ("Stopping", "plain", "It stops at its next step.") if job.cancel_requested_at else (label, "info", "")
    if job.state == "waiting" and job.run_at > now:
        told = trouble or (run.problem if run is not None and run.state == "queued" else "")
        return "Waiting", "plain", f"{told} It goes on {_within(job.run_at - now)}.".strip()
    return "Waiting", "plain", ""


def _within(length: timedelta) -> str:
    return f"in {duration(length)}" if length >= timedelta(minutes=1) else "within a minute"


def _next_run(one: AccountStanding, now: datetime) -> str:
    if one.connection_state != "active":
        return "When the connection works again"
    if one.due_at is None or one.due_at <= now:
        return "As soon as a worker is free"
    return moment(one.due_at, one.timezone)


def _working(job: JobRow, base: str, *, is_streamed: bool) -> Working:
    shown = job_reply(job)
    href = f"{base}/jobs/{job.id}"
    return Working(
        id=job.id,
        title=shown.title,
        percent=round(shown.progress * 100),
        message=shown.message,
        events_url=f"{href}/events" if is_streamed else "",
        poll_url=f"{href}/state",
    )
