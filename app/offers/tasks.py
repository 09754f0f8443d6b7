"""What workers do for offers."""

from app.offers.training import train_offers
from app.predictions.customer_training import Setting
from app.predictions.jobs import TrainOffers
from billing.entitlements import current_plan
from billing.plans import Entitlement
from kit.clock import today_in
from kit.jobs import JobContext, handles


@handles(TrainOffers)
def train(context: JobContext, job: TrainOffers) -> dict[str, str | int | None]:
    """Safe to run twice: the version and everybody's next offer commit with the job's end."""
    if not current_plan(context.session).includes(Entitlement.FORECAST):
        return {"version": None, "state": "not in the plan"}
    setting = Setting(job.currency, job.timezone, today_in(job.timezone), context.job_id)
    found = train_offers(context.session, setting, progress=context.progress)
    return {"version": found.version, "state": found.state, "reason": found.reason}
