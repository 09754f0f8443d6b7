"""What a worker does for imports."""

from app.imports.jobs import RunImport
from app.imports.running import RunContext, run_import
from billing.plans import plan_with_code
from kit.clock import today_in
from kit.jobs import JobContext, handles


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
