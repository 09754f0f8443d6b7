"""Where a run stands, for a page: its own state, and while it works its job's, which alone knows that it was given up."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.mix.contexts import RunState, State
from app.mix.models import ModelRun
from app.mix.service import is_current
from kit.errors import NotFound
from kit.format import ago
from kit.jobs.models import JobRow
from kit.jobs.queries import job_of
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef

_LABELS = {
    "attribution": "Working out what each channel brings",
    "forecast": "Forecasting revenue",
    "budget": "Looking for a better split of the budget",
    "campaign_budget": "Looking for a better daily budget",
    "self_test": "Trying the model on businesses like yours",
    "paths": "Following the paths to your sales",
}
_JOB_STATES: dict[str, State] = {"dead": "failed", "cancelled": "cancelled"}


def run_state(
    session: Session, control: Session, run: ModelRun, *, base: str, workspace: WorkspaceRef, now: datetime
) -> RunState:
    """The run as its page shows it; `base` is the page's address."""
    href = f"{base}?run={run.id}"
    if run.state in {"done", "refused"}:
        problem = run.problem or {}
        return RunState(
            id=str(run.id),
            state="done" if run.state == "done" else "refused",
            label=_LABELS[run.kind],
            href=href,
            is_current=is_current(session, run),
            made=f"Worked out {ago(run.finished_at, now)}.",
            problem=problem.get("detail", ""),
            hint=problem.get("hint", ""),
            code=problem.get("code", ""),
        )
    return _unfinished(_job(control, run, workspace), run, href=href, workspace=workspace)


def _job(control: Session, run: ModelRun, workspace: WorkspaceRef) -> JobRow | None:
    if run.job_id is None:
        return None
    try:
        return job_of(control, run.job_id, workspace_id=workspace.id)
    except NotFound:
        return None


def _unfinished(job: JobRow | None, run: ModelRun, *, href: str, workspace: WorkspaceRef) -> RunState:
    if job is None:
        lost = "The job behind this run is no longer there."
        return RunState(str(run.id), "failed", _LABELS[run.kind], href, problem=lost, hint="Start it again.")
    state: State = _JOB_STATES.get(job.state, "working")
    if state != "working":
        told = job.problem or {}
        return RunState(
            id=str(run.id),
            state=state,
            label=_LABELS[run.kind],
            href=href,
            problem=told.get("detail", ""),
            hint=told.get("hint", ""),
            code=told.get("code", ""),
        )
    jobs = f"/w/{workspace.id}/jobs/{job.id}"
    return RunState(
        id=str(run.id),
        state="working",
        label=_LABELS[run.kind],
        href=href,
        percent=round(job.progress * 100),
        message=job.message or "Waiting for a free worker.",
        events_url=f"{jobs}/events",
        poll_url=f"{jobs}/state",
        cancel_href=f"{jobs}/cancel" if workspace.allows(Permission.MANAGE_JOBS) else "",
    )
