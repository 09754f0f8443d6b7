"""What happens next: the one table of what slices announce and who acts on it, in the transaction in which it happens."""

from sqlalchemy.orm import Session

from app.campaigns.days import forget_accounts
from app.connections.events import (
    AccountsChosen,
    ConnectionRemoved,
    ConnectionRemoving,
    ConnectionResumed,
)
from app.mix.events import RunFinished
from app.mix.schemas import Kind
from app.predictions.from_runs import FinishedRun, write_forecast, write_plan
from app.sync.channels import settle_channels
from app.sync.running import take_turns
from app.sync.service import sync_accounts
from kit.events import listen


def _read_first(session: Session, happening: AccountsChosen) -> None:
    sync_accounts(session, account_ids=happening.account_ids, currency=happening.workspace.currency, kind="first")


def _read_on(session: Session, happening: ConnectionResumed) -> None:
    sync_accounts(session, account_ids=happening.account_ids, currency=happening.workspace.currency)


def _forget(session: Session, happening: ConnectionRemoving) -> None:
    take_turns(session, account_ids=happening.account_ids)
    forget_accounts(session, happening.account_ids)


def _settle(session: Session, _happening: ConnectionRemoved) -> None:
    settle_channels(session)


def _write_down(session: Session, happening: RunFinished) -> None:
    """A forecast's totals and a plan's uplift are predictions: they go into the ledger before anybody can know how they end."""
    run, result = happening.run, happening.run.result or {}
    finished = FinishedRun(
        id=run.id,
        job_id=run.job_id,
        made_by=run.created_by,
        request=run.request,
        data_version=run.data_version,
        currency=happening.currency,
        today=happening.today,
    )
    if run.kind == Kind.FORECAST:
        write_forecast(session, finished, result["forecast"])
    elif run.kind == Kind.BUDGET:
        write_plan(session, finished, result["plan"])


def connect_flows() -> None:
    """From now on they listen. Doing it twice changes nothing."""
    listen(AccountsChosen, _read_first)
    listen(ConnectionResumed, _read_on)
    listen(ConnectionRemoving, _forget)
    listen(ConnectionRemoved, _settle)
    listen(RunFinished, _write_down)
