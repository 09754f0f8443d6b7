"""What a worker does for imports."""

from sqlalchemy import select

from app.imports.jobs import PurgeUploads, PurgeWorkspaceUploads, RunImport
from app.imports.purging import purge_unfinished
from app.imports.running import RunContext, run_import
from billing.plans import plan_with_code
from kit.clock import today_in, utc_now
from kit.jobs import JobContext, enqueue, handles
from tenants.workspaces.models import Workspace

_AFTER_ALL_OTHERS = 900


@handles(RunImport)
def run(context: JobContext, job: RunImport) -> dict[str, str]:
    """Import one file. Safe to run twice: facts are keyed by day, channel name and campaign, and equal values change nothing."""
    item = run_import(
        context.session,
        import_id=job.import_id,
        context=RunContext(
            storage=context.resources.storage,
            plan=plan_with_code(job.plan_code),
            today=today_in(job.timezone),
            progress=context.progress,
        ),
    )
    return {"import_id": str(item.id), "state": item.state}


@handles(PurgeUploads)
def purge_all(context: JobContext, _job: PurgeUploads) -> dict[str, int]:
    """Safe to run twice: a workspace whose job still waits gets no second one."""
    active = context.session.scalars(select(Workspace.id).where(Workspace.state == "active")).all()
    for workspace_id in active:
        enqueue(
            context.session,
            PurgeWorkspaceUploads(),
            workspace_id=workspace_id,
            dedupe_key="imports.purge_uploads",
            priority=_AFTER_ALL_OTHERS,
        )
    return {"workspaces": len(active)}


@handles(PurgeWorkspaceUploads)
def purge_one(context: JobContext, _job: PurgeWorkspaceUploads) -> dict[str, int]:
    """Safe to run twice: what is gone is gone."""
    workspace_id = context.workspace_id
    if workspace_id is None:
        raise ValueError("Unfinished uploads are cleared in a workspace; the job was enqueued without one.")
    rows, files = purge_unfinished(context.session, context.resources.storage, workspace_id=workspace_id, now=utc_now())
    return {"uploads": rows, "files": files}
