"""What workers do for predictions."""

from sqlalchemy import select

from app.predictions.customer_training import Setting, train_customers
from app.predictions.jobs import PlanPredictions, ScorePredictions, TrainCampaigns, TrainCustomers, TrainOffers
from app.predictions.scoring import score_due
from app.predictions.training import train_campaigns
from billing.entitlements import current_plan
from billing.plans import Entitlement
from kit.clock import today_in
from kit.jobs import JobContext, handles
from kit.jobs.schedules import put_schedule
from tenants.workspaces.models import Workspace

# On the workspace's own clock, after the early morning's syncs.
SCORED_AT, TRAINED_AT = "0 7 * * *", "30 7 * * 1"
CUSTOMERS_AT, OFFERS_AT = "40 7 * * 1", "50 7 * * 1"


@handles(PlanPredictions)
def plan(context: JobContext, _job: PlanPredictions) -> dict[str, int]:
    """Safe to run twice: a schedule is put under its name, and the same one changes nothing."""
    active = context.session.execute(
        select(Workspace.id, Workspace.currency, Workspace.timezone).where(Workspace.state == "active")
    ).all()
    for workspace_id, currency, timezone in active:
        for name, cron, kind in (
            ("score-predictions", SCORED_AT, ScorePredictions),
            ("train-campaigns", TRAINED_AT, TrainCampaigns),
            ("train-customers", CUSTOMERS_AT, TrainCustomers),
            ("train-offers", OFFERS_AT, TrainOffers),
        ):
            item = kind(currency=currency, timezone=timezone)
            put_schedule(context.session, name=name, item=item, cron=cron, timezone=timezone, workspace_id=workspace_id)
    return {"workspaces": len(active)}


@handles(ScorePredictions)
def score(context: JobContext, job: ScorePredictions) -> dict[str, int]:
    """Safe to run twice: what has a score is not looked at again."""
    return {"scored": score_due(context.session, today=today_in(job.timezone), currency=job.currency)}


@handles(TrainCampaigns)
def train(context: JobContext, job: TrainCampaigns) -> dict[str, str | int | None]:
    """Safe to run twice: version and predictions commit with the job's end, and days that are predicted already are left alone."""
    if not current_plan(context.session).includes(Entitlement.FORECAST):
        return {"version": None, "state": "not in the plan"}
    found = train_campaigns(
        context.session,
        currency=job.currency,
        today=today_in(job.timezone),
        job_id=context.job_id,
        progress=context.progress,
    )
    return {"version": found.version, "state": found.state, "reason": found.reason, "predictions": found.written}


@handles(TrainCustomers)
def train_on_customers(context: JobContext, job: TrainCustomers) -> dict[str, dict[str, str | int | None]]:
    """Safe to run twice: versions and what they say commit with the job's end, and days that are predicted already are left alone."""
    if not current_plan(context.session).includes(Entitlement.FORECAST):
        return {}
    setting = Setting(job.currency, job.timezone, today_in(job.timezone), context.job_id)
    found = train_customers(context.session, setting, progress=context.progress)
    return {
        kind.value: {"version": one.version, "state": one.state, "reason": one.reason, "predictions": one.written}
        for kind, one in found.items()
    }
