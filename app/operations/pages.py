"""The page of jobs, and the acts on one."""

from dataclasses import dataclass
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery

from app.operations.schemas import WAITING, JobReply, job_reply
from kit.db import ScopedSession
from kit.jobs.queries import count_by_state, job_of, list_jobs
from kit.jobs.service import cancel, retry
from kit.web.access import access
from kit.web.pages import AnyRequest, redirect, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef

Control = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
_JOBS = "/w/{workspace_id:uuid}/jobs"
FILTERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("All", ()),
    "running": ("Running", ("running",)),
    "waiting": ("Waiting", WAITING),
    "dead": ("Given up", ("dead",)),
    "done": ("Done", ("done",)),
}


@dataclass(frozen=True)
class JobsPage:
    """A workspace's jobs, newest first."""

    jobs: list[JobReply]
    tab_items: list[tuple[str, str, bool]]
    may_act: bool
    base: str


@get(_JOBS, sync_to_thread=True, include_in_schema=False, **access(Permission.READ_DATA))
def jobs_page(request: AnyRequest, control: Control, workspace: Here, show: FromQuery[str] = "") -> Response[str]:
    """What runs, waits, is done, or was given up."""
    known = show if show in FILTERS else ""
    base, counts = f"/w/{workspace.id}/jobs", count_by_state(control, workspace_id=workspace.id)
    page = JobsPage(
        jobs=[job_reply(row) for row in list_jobs(control, workspace_id=workspace.id, state=FILTERS[known][1] or None)],
        tab_items=[
            (
                f"{label} {sum(counts.get(state, 0) for state in states)}" if states else label,
                f"{base}?show={key}" if key else base,
                key == known,
            )
            for key, (label, states) in FILTERS.items()
        ],
        may_act=workspace.allows(Permission.MANAGE_JOBS),
        base=base,
    )
    return render(request, "operations/jobs.html", page)


@get(_JOBS + "/{job_id:uuid}/state", sync_to_thread=True, include_in_schema=False, **access(Permission.READ_DATA))
def job_state(control: Control, workspace: Here, job_id: FromPath[UUID]) -> JobReply:
    """One job as JSON, for pages that cannot stream."""
    return job_reply(job_of(control, job_id, workspace_id=workspace.id))


@post(_JOBS + "/{job_id:uuid}/cancel", sync_to_thread=True, include_in_schema=False, **access(Permission.MANAGE_JOBS))
def cancel_job(request: AnyRequest, control: Control, workspace: Here, job_id: FromPath[UUID]) -> Response[str]:
    """Stop a job; what it did so far is taken back."""
    cancel(control, job_id, workspace_id=workspace.id)
    return redirect(request, _back(request, workspace), flash="The job stops at its next step; nothing of it is kept.")


@post(_JOBS + "/{job_id:uuid}/retry", sync_to_thread=True, include_in_schema=False, **access(Permission.MANAGE_JOBS))
def retry_job(request: AnyRequest, control: Control, workspace: Here, job_id: FromPath[UUID]) -> Response[str]:
    """Try a job again that was given up."""
    retry(control, job_id, workspace_id=workspace.id)
    return redirect(request, _back(request, workspace), flash="The job waits for another try.")


def _back(request: AnyRequest, workspace: WorkspaceRef) -> str:
    """To the page that the button stood on, when that is one of this workspace's."""
    base = f"/w/{workspace.id}/"
    referrer = request.headers.get("referer", "")
    path = "/" + referrer.split("/", 3)[3] if referrer.count("/") >= 3 else ""
    return path if path.startswith(base) else base + "jobs"


HANDLERS: list[BaseRouteHandler] = [jobs_page, job_state, cancel_job, retry_job]
