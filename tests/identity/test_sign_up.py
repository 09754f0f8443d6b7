"""Signing up: what is made, what is refused before anything is made, and what is told about who has an account."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text

from kit.db import ScopedSession
from kit.errors import InvalidInput, TooManyRequests
from kit.settings import Settings
from tenants.identity.errors import AddressTaken, WeakPassword
from tenants.identity.models import User
from tenants.identity.queries import principal_from_session
from tenants.identity.service import SIGN_UPS, Registration, register, remind_of_account
from tenants.identity.sessions import open_session
from tenants.identity.throttle import count_try
from tests.identity.conftest import ADAS_PASSWORD, NOON

SignUp = Callable[..., Registration]


def test_a_new_person_owns_a_workspace_on_the_free_plan_and_is_not_verified_yet(
    control: ScopedSession, ada: Registration
) -> None:
    token = open_session(control, user_id=ada.user.id, now=NOON)
    caller = principal_from_session(control, token=token, workspace_id=None, now=NOON)
    assert caller is not None
    assert caller.in_workspace().role == "owner"
    assert caller.in_workspace().plan_code == "free"
    assert not caller.signed_in().is_verified


def test_the_verification_mail_is_written_down_with_the_account(
    sign_up: SignUp, queued: Callable[[], list[str]]
) -> None:
    sign_up()
    assert "identity.send_verification" in queued()


def test_the_password_is_not_stored(ada: Registration) -> None:
    assert ADAS_PASSWORD not in ada.user.password_hash


def test_an_address_signs_up_once_whatever_its_case(ada: Registration, sign_up: SignUp) -> None:
    with pytest.raises(AddressTaken):
        sign_up(email=ada.user.email.upper())


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "ada at example"}, "email"),
        ({"email": "ada\x00@example.org"}, "email"),
        ({"name": "   "}, "name"),
        ({"name": "Ada\x00"}, "name"),
        ({"name": "A" * 81}, "name"),
        ({"workspace_name": ""}, "workspace_name"),
        ({"password": "password12"}, "password"),
        ({"currency": "XXX"}, "currency"),
        ({"timezone": "Europe/Atlantis"}, "timezone"),
    ],
)
def test_what_is_refused_names_its_field_and_leaves_nothing_behind(
    control: ScopedSession, sign_up: SignUp, wrong: dict[str, str], field: str
) -> None:
    before = control.scalar(select(func.count()).select_from(User))
    with pytest.raises(InvalidInput) as refused:
        sign_up(**wrong)
    assert refused.value.errors[0].field == field
    assert control.scalar(select(func.count()).select_from(User)) == before


def test_a_password_with_the_own_name_is_refused(sign_up: SignUp) -> None:
    with pytest.raises(WeakPassword, match="your name"):
        sign_up(password="lovelace eats nine kettles")


def test_signing_up_again_and_again_from_one_network_is_slowed_down(control: ScopedSession, settings: Settings) -> None:
    for _ in range(SIGN_UPS.free_tries):
        count_try(control, SIGN_UPS, "198.51.100.0/24", now=NOON)
    with pytest.raises(TooManyRequests) as refused:
        register(
            control,
            settings=settings,
            name="Ada",
            email="ada@example.org",
            password=ADAS_PASSWORD,
            workspace_name="Engines",
            network_address="198.51.100.0/24",
            now=NOON,
        )
    assert refused.value.retry_after_s > 0


def test_a_second_sign_up_gets_a_reminder_by_mail_but_not_a_flood_of_them(
    control: ScopedSession, ada: Registration, queued: Callable[[], list[str]]
) -> None:
    for _ in range(12):
        remind_of_account(control, email=ada.user.email, now=NOON)
        control.execute(text("UPDATE control.jobs SET state = 'done' WHERE name = 'identity.send_account_exists'"))
    assert queued().count("identity.send_account_exists") == 5


def test_nothing_is_mailed_to_an_unknown_address(control: ScopedSession, queued: Callable[[], list[str]]) -> None:
    remind_of_account(control, email="nobody@example.org", now=NOON)
    remind_of_account(control, email="no\x00body", now=NOON)
    assert queued() == []


def test_a_workspace_is_built_on_the_spot_when_no_spare_is_left(control: ScopedSession, sign_up: SignUp) -> None:
    control.execute(text("UPDATE control.schemas SET is_spare = false WHERE is_spare"))
    made = sign_up()
    assert made.workspace.schema_name.startswith("t_")
