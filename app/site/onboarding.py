"""The onboarding checklist: read off what the workspace has, so that it is never out of step."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.campaigns.models import ChannelDay
from app.mix.models import ModelRun
from billing.plans import Entitlement, Plan
from tenants.workspaces.principal import UserRef, WorkspaceRef


@dataclass(frozen=True)
class Step:
    """One thing to do."""

    title: str
    text: str
    action: str
    href: str
    is_done: bool
    is_locked: bool = False

    @property
    def row(self) -> tuple[str, str, str, bool]:
        """As the checklist component takes it."""
        return (self.title + (" (Premium)" if self.is_locked else ""), self.text, self.href, self.is_done)


def checklist(session: Session, *, user: UserRef, workspace: WorkspaceRef, plan: Plan) -> list[Step]:
    """Five steps from nothing to a budget decision."""
    base = f"/w/{workspace.id}"
    has_data = bool(session.scalar(select(exists().where(ChannelDay.spend_micros >= 0))))
    kinds = set(session.scalars(select(ModelRun.kind).where(ModelRun.state == "done").distinct()))
    locked = not plan.includes(Entitlement.ATTRIBUTION)
    return [
        Step(
            "Confirm your e-mail address",
            f"We sent a mail to {user.email}.",
            "Send it again",
            "/account",
            user.is_verified,
        ),
        Step(
            "Import your numbers",
            "A CSV or Excel file with date, channel, spend and revenue. Sixty days are enough for a first answer.",
            "Import a file",
            f"{base}/imports",
            has_data,
        ),
        Step(
            "Look at what happened",
            "Spend, revenue, ROAS and customers, by channel.",
            "Open the overview",
            f"{base}/overview",
            has_data,
        ),
        Step(
            "See what each channel really brings",
            "The mix model separates advertising from what would have sold anyway.",
            "Run attribution",
            f"{base}/attribution",
            "attribution" in kinds,
            locked,
        ),
        Step(
            "Plan next month's budget",
            "Where the next unit of money likely brings most, and how sure that is.",
            "Open the optimiser",
            f"{base}/budget",
            "budget" in kinds,
            locked,
        ),
    ]
