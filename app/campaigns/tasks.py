"""What a worker does for campaigns."""

from app.campaigns.changes import UNDER_WAY, apply_change, change_by_id
from app.campaigns.jobs import MAX_ATTEMPTS, ApplyChange
from app.campaigns.platform_models import Campaign
from app.connections.models import AdAccount, Connection
from app.connections.opening import open_connector
from kit.jobs import JobContext, handles


@handles(ApplyChange)
def change(context: JobContext, job: ApplyChange) -> dict[str, str]:
    """Safe to run twice: the change is an absolute state, and the platform is read before anything is written."""
    session = context.session
    change = change_by_id(session, job.change_id, for_update=True)
    if change.state not in UNDER_WAY:
        return {"change_id": str(change.id), "state": change.state}
    campaign = session.get_one(Campaign, change.campaign_number)
    account = session.get_one(AdAccount, campaign.account_id)
    connection = session.get_one(Connection, account.connection_id)
    context.progress(0.2, f"Changing {campaign.name}")
    with open_connector(session, connection, settings=context.resources.settings) as opened:
        is_last = context.attempt >= MAX_ATTEMPTS
        outcome = apply_change(session, change, opened, attempt=context.attempt, is_last=is_last)
    return {"change_id": str(outcome.id), "state": outcome.state}
