"""What workers do for creatives."""

from sqlalchemy import select

from app.creatives.jobs import PlanCreatives, ReadCreatives
from app.creatives.service import read_ads
from kit.jobs import JobContext, enqueue, handles
from tenants.workspaces.models import Workspace


@handles(PlanCreatives)
def plan(context: JobContext, _job: PlanCreatives) -> dict[str, int]:
    """Safe to run twice: a workspace whose job still waits gets no second one."""
    active = context.session.scalars(select(Workspace.id).where(Workspace.state == "active")).all()
    for workspace_id in active:
        enqueue(context.session, ReadCreatives(), workspace_id=workspace_id, dedupe_key="creatives.read")
    return {"workspaces": len(active)}


@handles(ReadCreatives)
def read(context: JobContext, _job: ReadCreatives) -> dict[str, int | None]:
    """Safe to run twice: what was found takes the place of what was, and the same days give the same."""
    return {"ads": read_ads(context.session, progress=context.progress)}
