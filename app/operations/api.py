"""Jobs for programs."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath

from app.operations.schemas import JobReply, job_reply
from kit.db import ScopedSession
from kit.errors import Conflict
from kit.jobs.queries import job_of, list_jobs
from kit.jobs.service import cancel, retry
from kit.web.access import access
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef

Control = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]


@get("/api/v1/jobs", sync_to_thread=True, summary="Jobs", **access(Permission.READ_DATA))
def read_jobs(control: Control, workspace: Here) -> list[JobReply]:
    """The newest jobs of the workspace."""
    return [job_reply(row) for row in list_jobs(control, workspace_id=workspace.id)]


@get("/api/v1/jobs/{job_id:uuid}", sync_to_thread=True, summary="A job", **access(Permission.READ_DATA))
def read_job(control: Control, workspace: Here, job_id: FromPath[UUID]) -> JobReply:
    """State, progress, and what came out or went wrong."""
    return job_reply(job_of(control, job_id, workspace_id=workspace.id))


@post(
    "/api/v1/jobs/{job_id:uuid}/cancel",
    sync_to_thread=True,
    status_code=200,
    summary="Cancel a job",
    **access(Permission.MANAGE_JOBS, raises=(Conflict,)),
)
def cancel_job(control: Control, workspace: Here, job_id: FromPath[UUID]) -> JobReply:
    """Stop it; what it did so far is taken back."""
    return job_reply(cancel(control, job_id, workspace_id=workspace.id))


@post(
    "/api/v1/jobs/{job_id:uuid}/retry",
    sync_to_thread=True,
    status_code=200,
    summary="Retry a job",
    **access(Permission.MANAGE_JOBS, raises=(Conflict,)),
)
def retry_job(control: Control, workspace: Here, job_id: FromPath[UUID]) -> JobReply:
    """Try again what was given up."""
    return job_reply(retry(control, job_id, workspace_id=workspace.id))


HANDLERS: list[BaseRouteHandler] = [read_jobs, read_job, cancel_job, retry_job]
