"""What people ask of the pages of syncs: which account, which days, and to stop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from adloom_sdk.manifest import Capability, Manifest
from app.connections.models import AdAccount
from app.connections.service import account_by_id
from app.sync.page_queries import jobs_at_work, unbegun_runs
from app.sync.queries import AccountStanding
from app.sync.service import MAX_COMPARED_DAYS
from kit.clock import today_in, utc_now
from kit.errors import FieldError, InvalidInput
from kit.jobs.service import cancel

COMPARED_DAYS = 28


@dataclass(frozen=True)
class Chosen:
    """The days of one account that are compared."""

    account: AdAccount
    since: date
    until: date


def comparable(standings: Sequence[AccountStanding], manifests: Mapping[str, Manifest]) -> list[AccountStanding]:
    """Accounts with daily spend; a shop or an analytics property has none to compare."""
    return [
        one
        for one in standings
        if (manifest := manifests.get(one.connector_key)) is None or manifest.can(Capability.DAILY)
    ]


def chosen_days(session: Session, *, account_id: UUID, since: date | None, until: date | None) -> Chosen:
    """The account and its days, the last four weeks where none are named. Raises NotFound, InvalidInput."""
    account = account_by_id(session, account_id)
    last = min(until or date.max, today_in(account.timezone))
    first = since or last - timedelta(days=COMPARED_DAYS - 1)
    if first > last or (last - first).days >= MAX_COMPARED_DAYS:
        raise InvalidInput(
            "These days cannot be compared at once.",
            f"Choose {MAX_COMPARED_DAYS} days or fewer, the first before the last, none of them in the future.",
            [FieldError("Choose other days.", "from")],
        )
    return Chosen(account, first, last)


def cancel_account(session: Session, control: Session, *, workspace_id: UUID, account_id: UUID) -> int:
    """Stop what waits or runs for an account; gives how many jobs. What was read stays, and the next sync goes on from there."""
    rows = jobs_at_work(control, workspace_id=workspace_id).get(account_id, [])
    for row in rows:
        cancel(control, row.id, workspace_id=workspace_id)
    stopped = [row.id for row in rows if row.state == "cancelled"]
    for run in unbegun_runs(session, job_ids=stopped):
        run.state, run.finished_at = "cancelled", utc_now()
    return len(rows)
