"""The newest unusual days that nobody has seen yet, for the overview."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session

from app.performance.anomaly_list import Asked, State, list_anomalies
from app.performance.anomaly_presenting import News, news_of
from billing.plans import Plan
from kit.clock import today_in
from tenants.workspaces.principal import WorkspaceRef

NEWS_DAYS, LINES = 30, 3
_MOST_ROWS = 100


def newest_events(session: Session, *, workspace: WorkspaceRef, plan: Plan) -> News | None:
    """What began to be unusual in the last 30 days and is not marked as seen; None where nothing did."""
    since = today_in(workspace.timezone) - timedelta(days=NEWS_DAYS)
    found = list_anomalies(session, asked=Asked(since=since, state=State.NEW), plan=plan, limit=_MOST_ROWS)
    begun = replace(found, rows=[row for row in found.rows if row.starts_on >= since])
    return news_of(begun, currency=workspace.currency, href=f"/w/{workspace.id}/anomalies?state=new", limit=LINES)
