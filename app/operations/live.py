"""One job's progress as server-sent events, read from the ledger, so that losing Redis or a worker loses no message."""

import asyncio
from collections.abc import AsyncGenerator
from uuid import UUID

import msgspec
from anyio import to_thread
from litestar import get
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage

from app.operations.schemas import JobReply, job_reply
from kit.jobs.queries import job_of
from kit.web.access import access
from kit.web.pages import AnyRequest
from tenants.isolation.planes import Planes
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal

_LOOK_EVERY_S = 0.4
_LONGEST_S = 600


@get("/w/{workspace_id:uuid}/jobs/{job_id:uuid}/events", include_in_schema=False, **access(Permission.READ_DATA))
async def job_events(request: AnyRequest, job_id: FromPath[UUID]) -> ServerSentEvent:
    """A `progress` event for every change until the job is over; the browser reconnects by itself."""
    principal: Principal = request.scope["state"]["principal"]
    workspace = principal.in_workspace()
    await to_thread.run_sync(_look, request.app.state.planes, job_id, workspace.id)
    return ServerSentEvent(_events(request.app.state.planes, job_id, workspace.id))


async def _events(planes: Planes, job_id: UUID, workspace_id: UUID) -> AsyncGenerator[ServerSentEventMessage, None]:
    last: JobReply | None = None
    for _ in range(int(_LONGEST_S / _LOOK_EVERY_S)):
        shown = await to_thread.run_sync(_look, planes, job_id, workspace_id)
        if shown != last:
            yield ServerSentEventMessage(data=msgspec.json.encode(shown).decode(), event="progress")
        if shown.is_over:
            return
        last = shown
        await asyncio.sleep(_LOOK_EVERY_S)


def _look(planes: Planes, job_id: UUID, workspace_id: UUID) -> JobReply:
    with planes.control() as control:
        return job_reply(job_of(control, job_id, workspace_id=workspace_id))


HANDLERS: list[BaseRouteHandler] = [job_events]
