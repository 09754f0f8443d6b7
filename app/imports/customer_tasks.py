"""What a worker does with files about customers."""

from app.imports.customer_jobs import RunCustomerUpload
from app.imports.customer_running import CustomerRun, run_upload
from billing.plans import plan_with_code
from kit.clock import utc_now
from kit.jobs import JobContext, handles


@handles(RunCustomerUpload)
def run(context: JobContext, job: RunCustomerUpload) -> dict[str, str]:
    """Safe to run twice: what happened is keyed by its source and id, and equal values change nothing."""
    item = run_upload(
        context.session,
        upload_id=job.upload_id,
        run=CustomerRun(
            storage=context.resources.storage,
            plan=plan_with_code(job.plan_code),
            currency=job.currency,
            timezone=job.timezone,
            now=utc_now(),
            progress=context.progress,
        ),
    )
    return {"upload_id": str(item.id), "state": item.state}
