"""What a platform's error does to a connection or an account: who must act, what pauses, and the sentence that a person reads."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from adloom_sdk.errors import Pauses, PlatformError, Who
from app.connections.models import AdAccount, Connection
from kit.clock import utc_now

_STATES = {Who.USER: "needs_sign_in", Who.OPERATOR: "needs_operator"}


def note_problem(error: PlatformError, *, connection: Connection, account: AdAccount | None = None) -> None:
    """Keep the problem where it belongs. What passes by itself is kept nowhere; data that are stored stay as they are."""
    if connection.state == "removing":
        return
    if error.pauses is Pauses.ACCOUNT and account is not None:
        _keep(account, error)
    elif error.pauses in {Pauses.CONNECTION, Pauses.PLATFORM} or account is None:
        _keep(connection, error)
        connection.state = _STATES.get(error.who, connection.state)
    elif error.who is Who.AUTHOR:
        _keep(account, error)


def note_success(*, connection: Connection, account: AdAccount | None = None, at: datetime | None = None) -> None:
    """All is well: what was wrong is over."""
    connection.last_ok_at = at or utc_now()
    if connection.state in {"needs_sign_in", "needs_operator", "connecting"}:
        connection.state = "active"
    for thing in (connection, account):
        if thing is not None:
            thing.problem_code, thing.problem, thing.what_to_do, thing.problem_at = "", "", "", None


def clear_account_problems(session: Session, accounts: Iterable[AdAccount]) -> None:
    """After a new sign-in the accounts' old problems tell nothing any more."""
    ids = [account.id for account in accounts]
    session.execute(
        update(AdAccount)
        .where(AdAccount.id.in_(ids))
        .values(problem_code="", problem="", what_to_do="", problem_at=None)
    )


def _keep(thing: Connection | AdAccount, error: PlatformError) -> None:
    code = type(error).__name__
    if thing.problem_code != code:
        thing.problem_at = utc_now()
    thing.problem_code, thing.problem, thing.what_to_do = code, error.message, error.what_to_do
