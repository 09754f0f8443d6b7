"""What workers do for this slice."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.performance.anomaly_finding import look_for_anomalies
from app.performance.jobs import FIND_KEY, FindAnomalies, PlanAnomalies
from kit.clock import today_in
from kit.jobs import JobContext, enqueue, handles
from kit.jobs.models import JobRow
from kit.jobs.schedules import put_schedule
from tenants.workspaces.models import Workspace

# On the workspace's own clock, after the early morning's syncs and before anybody's first coffee.
LOOKED_AT = "40 6 * * *"
# Jobs after which the numbers may be others.
BRINGS_DATA = ("imports.run", "sync.account", "sync.backfill")


@handles(PlanAnomalies)
def plan(context: JobContext, _job: PlanAnomalies) -> dict[str, int]:
    """Safe to run twice: a schedule is put under its name, and a look that waits already is not joined by a second one."""
    active = context.session.execute(select(Workspace.id, Workspace.timezone).where(Workspace.state == "active")).all()
    for workspace_id, timezone in active:
        put_schedule(
            context.session,
            name="find-anomalies",
            item=FindAnomalies(timezone=timezone),
            cron=LOOKED_AT,
            timezone=timezone,
            workspace_id=workspace_id,
        )
    zones = {row[0]: row[1] for row in active}
    changed = [workspace_id for workspace_id in _with_new_data(context.session) if workspace_id in zones]
    for workspace_id in changed:
        item = FindAnomalies(timezone=zones[workspace_id])
        enqueue(context.session, item, workspace_id=workspace_id, dedupe_key=FIND_KEY)
    return {"workspaces": len(active), "looked_anew": len(changed)}


def _with_new_data(control: Session) -> list[UUID]:
    """Workspaces in which an import or a sync ended since the last look began."""
    brought = func.max(JobRow.finished_at).filter(JobRow.name.in_(BRINGS_DATA), JobRow.state == "done")
    looked = func.max(JobRow.started_at).filter(JobRow.name == FIND_KEY, JobRow.state == "done")
    rows = control.scalars(
        select(JobRow.workspace_id)
        .where(JobRow.name.in_((*BRINGS_DATA, FIND_KEY)), JobRow.workspace_id.is_not(None))
        .group_by(JobRow.workspace_id)
        .having(brought.is_not(None), looked.is_(None) | (brought > looked))
    )
    return [workspace_id for workspace_id in rows if workspace_id is not None]


@handles(FindAnomalies)
def find(context: JobContext, job: FindAnomalies) -> dict[str, int | bool]:
    """Safe to run twice: the same data give the same rows, and a look at them on the same day is left out."""
    look = look_for_anomalies(context.session, today=today_in(job.timezone), progress=context.progress)
    return {"looked": look.is_new, "judged": look.judged, "found": look.found, "withdrawn": look.withdrawn}
