"""Signing in: one answer for every failure, growing waits, and sessions that end."""

from datetime import timedelta

import pytest

from kit.db import ScopedSession
from kit.errors import TooManyRequests
from tenants.identity.errors import WrongCredentials
from tenants.identity.models import User
from tenants.identity.queries import principal_from_session
from tenants.identity.service import Registration, change_password
from tenants.identity.sessions import (
    ABSOLUTE,
    IDLE,
    close_all_sessions,
    close_session,
    close_session_of,
    open_session,
    sessions_of,
)
from tenants.identity.signing_in import HERE, TO_ACCOUNT, sign_in
from tenants.identity.throttle import count_try, wait_s
from tests.identity.conftest import ADAS_PASSWORD, NOON

OFFICE, ELSEWHERE = "198.51.100.0/24", "203.0.113.0/24"


def _try(control: ScopedSession, email: str, password: str, *, network: str = OFFICE, seconds: float = 0) -> User:
    now = NOON + timedelta(seconds=seconds)
    return sign_in(control, email=email, password=password, network_address=network, now=now)


def _fail(control: ScopedSession, email: str, *, times: int, network: str = OFFICE) -> None:
    for _ in range(times):
        with pytest.raises(WrongCredentials):
            _try(control, email, "not the password", network=network)


def test_the_right_password_signs_in_whatever_the_addresss_case(control: ScopedSession, ada: Registration) -> None:
    assert _try(control, " ADA@example.org ", ADAS_PASSWORD).id == ada.user.id


def test_a_wrong_password_an_unknown_address_and_a_closed_account_look_the_same(
    control: ScopedSession, ada: Registration
) -> None:
    seen = set()
    ada.user.disabled_at = NOON
    control.flush()
    for email, password in [
        (ada.user.email, "not the password"),
        ("nobody@example.org", ADAS_PASSWORD),
        (ada.user.email, ADAS_PASSWORD),
        ("a\x00da@example.org", ADAS_PASSWORD),
        ("x" * 5000, ADAS_PASSWORD),
    ]:
        with pytest.raises(WrongCredentials) as refused:
            _try(control, email, password)
        seen.add((refused.value.detail, refused.value.hint, refused.value.status))
    assert len(seen) == 1


def test_after_five_failures_even_the_right_password_has_to_wait(control: ScopedSession, ada: Registration) -> None:
    _fail(control, ada.user.email, times=5)
    with pytest.raises(TooManyRequests) as refused:
        _try(control, ada.user.email, ADAS_PASSWORD)
    assert refused.value.retry_after_s == 6
    assert _try(control, ada.user.email, ADAS_PASSWORD, seconds=6).id == ada.user.id


def test_each_further_failure_doubles_the_wait(control: ScopedSession) -> None:
    waits = []
    for _ in range(9):
        count_try(control, HERE, "ada@example.org", OFFICE, now=NOON)
        waits.append(wait_s(control, HERE, "ada@example.org", OFFICE, now=NOON))
    assert waits == [0, 0, 0, 0, 5, 10, 20, 40, 80]


def test_no_wait_is_longer_than_the_window(control: ScopedSession) -> None:
    for _ in range(60):
        count_try(control, HERE, "ada@example.org", OFFICE, now=NOON)
    assert wait_s(control, HERE, "ada@example.org", OFFICE, now=NOON) == 900
    assert wait_s(control, HERE, "ada@example.org", OFFICE, now=NOON + HERE.window) == 0


def test_a_success_forgets_the_failures(control: ScopedSession, ada: Registration) -> None:
    _fail(control, ada.user.email, times=4)
    _try(control, ada.user.email, ADAS_PASSWORD)
    _fail(control, ada.user.email, times=4)
    assert _try(control, ada.user.email, ADAS_PASSWORD).id == ada.user.id


def test_a_stranger_elsewhere_cannot_lock_a_person_out(control: ScopedSession, ada: Registration) -> None:
    _fail(control, ada.user.email, times=5, network=ELSEWHERE)
    assert _try(control, ada.user.email, ADAS_PASSWORD, network=OFFICE).id == ada.user.id


def test_guessing_one_account_from_many_networks_is_slowed_down_too(control: ScopedSession, ada: Registration) -> None:
    for _ in range(TO_ACCOUNT.free_tries):
        count_try(control, TO_ACCOUNT, ada.user.email, now=NOON)
    with pytest.raises(TooManyRequests):
        _try(control, ada.user.email, "not the password", network=ELSEWHERE)


def test_trying_many_accounts_from_one_network_is_slowed_down(control: ScopedSession) -> None:
    for number in range(30):
        _fail(control, f"person{number}@example.org", times=1)
    with pytest.raises(TooManyRequests):
        _try(control, "person31@example.org", "not the password")


def test_a_session_ends_when_idle_and_at_last_in_any_case(control: ScopedSession, ada: Registration) -> None:
    token = open_session(control, user_id=ada.user.id, now=NOON)

    def is_signed_in(after: timedelta) -> bool:
        return principal_from_session(control, token=token, workspace_id=None, now=NOON + after) is not None

    assert not is_signed_in(IDLE)
    elapsed = timedelta()
    while elapsed < ABSOLUTE - timedelta(hours=6):
        elapsed += timedelta(hours=6)
        assert is_signed_in(elapsed) is (elapsed < ABSOLUTE)
    assert not is_signed_in(ABSOLUTE)


def test_signing_out_ends_the_session_at_once(control: ScopedSession, ada: Registration) -> None:
    token = open_session(control, user_id=ada.user.id, now=NOON)
    close_session(control, token=token)
    assert principal_from_session(control, token=token, workspace_id=None, now=NOON) is None


def test_a_made_up_session_is_nobody(control: ScopedSession, ada: Registration) -> None:
    assert principal_from_session(control, token="made up", workspace_id=None, now=NOON) is None


def test_closing_an_account_ends_its_sessions(control: ScopedSession, ada: Registration) -> None:
    token = open_session(control, user_id=ada.user.id, now=NOON)
    ada.user.disabled_at = NOON
    control.flush()
    assert principal_from_session(control, token=token, workspace_id=None, now=NOON) is None


def test_a_new_password_signs_every_other_browser_out(control: ScopedSession, ada: Registration) -> None:
    here, there = (open_session(control, user_id=ada.user.id, now=NOON) for _ in range(2))
    change_password(
        control,
        user_id=ada.user.id,
        current=ADAS_PASSWORD,
        new="nine loud kettles sing",
        kept_session=here,
        now=NOON,
    )
    assert principal_from_session(control, token=here, workspace_id=None, now=NOON) is not None
    assert principal_from_session(control, token=there, workspace_id=None, now=NOON) is None


def test_the_list_of_browsers_shows_who_is_signed_in_and_one_can_be_ended(
    control: ScopedSession, ada: Registration
) -> None:
    open_session(control, user_id=ada.user.id, now=NOON - IDLE)
    open_session(control, user_id=ada.user.id, now=NOON, user_agent="Firefox/140.0 Linux", address=OFFICE)
    listed = sessions_of(control, user_id=ada.user.id, now=NOON)
    assert [row.user_agent for row in listed] == ["Firefox/140.0 Linux"]
    close_session_of(control, user_id=ada.user.id, token_hash=listed[0].token_hash)
    assert sessions_of(control, user_id=ada.user.id, now=NOON) == []


def test_nobody_ends_somebody_elses_session(control: ScopedSession, ada: Registration) -> None:
    token = open_session(control, user_id=ada.user.id, now=NOON)
    row = sessions_of(control, user_id=ada.user.id, now=NOON)[0]
    close_session_of(control, user_id=ada.workspace.id, token_hash=row.token_hash)
    assert principal_from_session(control, token=token, workspace_id=None, now=NOON) is not None
    close_all_sessions(control, user_id=ada.user.id)
    assert principal_from_session(control, token=token, workspace_id=None, now=NOON) is None
