"""Signing in with address and password: every failure looks and lasts the same, and is counted."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from kit.clock import utc_now
from tenants.identity.errors import WrongCredentials
from tenants.identity.models import User
from tenants.identity.passwords import password_matches
from tenants.identity.queries import user_by_email
from tenants.identity.throttle import Limit, count_try, forget_tries, one_at_a_time, refuse_if_throttled

_WINDOW = timedelta(minutes=15)
# Counted by account and network together, so that a stranger elsewhere cannot lock a person out with five wrong tries.
HERE = Limit("sign-in", free_tries=5, window=_WINDOW)
FROM_NETWORK = Limit("sign-in-from", free_tries=30, window=_WINDOW)
TO_ACCOUNT = Limit("sign-in-to", free_tries=50, window=_WINDOW)


def sign_in(control: Session, *, email: str, password: str, network_address: str, now: datetime | None = None) -> User:
    """The person, where address and password fit.

    Raises `WrongCredentials` for whatever does not, `TooManyRequests` after five failures from one network.
    """
    moment, address = now or utc_now(), email.strip()
    limits = ((HERE, (address, network_address)), (FROM_NETWORK, (network_address,)), (TO_ACCOUNT, (address,)))
    one_at_a_time(control, HERE, address, network_address)
    for limit, about in limits:
        refuse_if_throttled(control, limit, *about, now=moment)
    user = user_by_email(control, address)
    stored = user.password_hash if user is not None and user.disabled_at is None else None
    if not password_matches(password, stored) or user is None:
        for limit, about in limits:
            count_try(control, limit, *about, now=moment)
        raise WrongCredentials("E-mail address or password is wrong.", "Try again, or set a new password.")
    forget_tries(control, HERE, address, network_address)
    return user
