"""Tokens of programs: short, bound to their sign-in, renewed once each."""

from datetime import timedelta
from uuid import UUID

import jwt
import pytest
from jwt.utils import base64url_encode

from kit.db import ScopedSession
from kit.settings import Settings
from tenants.identity.errors import TokenEnded, TokenReused
from tenants.identity.queries import principal_from_access_token
from tenants.identity.service import Registration
from tenants.identity.tokens import (
    ACCESS_FOR,
    REFRESH_FOR,
    REUSE_GRACE,
    Tokens,
    issue_tokens,
    revoke_all_tokens,
    revoke_token,
    rotate_tokens,
)
from tenants.workspaces.creation import create_workspace
from tenants.workspaces.principal import Principal
from tests.identity.conftest import NOON


class Program:
    """A program of Ada's that holds tokens."""

    def __init__(self, control: ScopedSession, settings: Settings, ada: Registration) -> None:
        self.control, self.settings, self.ada = control, settings, ada

    def sign_in(self, *, workspace_id: UUID | None = None) -> Tokens:
        return issue_tokens(
            self.control, settings=self.settings, user_id=self.ada.user.id, workspace_id=workspace_id, now=NOON
        )

    def refresh(self, token: str, *, after: timedelta = timedelta()) -> Tokens:
        return rotate_tokens(self.control, settings=self.settings, refresh_token=token, now=NOON + after)

    def call(self, token: str, *, after: timedelta = timedelta()) -> Principal | None:
        return principal_from_access_token(
            self.control, settings=self.settings, jwt=token, workspace_id=None, now=NOON + after
        )

    def forged(self, token: str, changes: dict[str, str], *, key: bytes | None = None) -> str:
        claims = jwt.decode(token, options={"verify_signature": False})
        return jwt.encode(claims | changes, key or self.settings.derived_key("jwt"), algorithm="HS256")


@pytest.fixture
def program(control: ScopedSession, settings: Settings, ada: Registration) -> Program:
    return Program(control, settings, ada)


def test_an_access_token_stands_for_its_person_for_ten_minutes(program: Program) -> None:
    token = program.sign_in().access_token
    caller = program.call(token)
    assert caller is not None
    assert caller.signed_in().id == program.ada.user.id
    assert caller.via == "token"
    assert program.call(token, after=ACCESS_FOR) is None


@pytest.mark.parametrize(
    "changes", [{"aud": "another"}, {"iss": "another"}, {"typ": "refresh"}, {"sub": "nobody"}, {"sid": "none"}]
)
def test_a_token_that_says_something_else_is_refused(program: Program, changes: dict[str, str]) -> None:
    assert program.call(program.forged(program.sign_in().access_token, changes)) is None


def test_a_token_signed_with_another_key_or_not_at_all_is_refused(program: Program) -> None:
    token = program.sign_in().access_token
    assert program.call(program.forged(token, {}, key=b"k" * 32)) is None
    header, claims, _ = token.split(".")
    unsigned = base64url_encode(b'{"alg":"none"}').decode()
    assert program.call(f"{unsigned}.{claims}.") is None
    assert program.call(f"{header}.{claims}.") is None
    assert program.call("no token") is None


def test_refreshing_gives_a_new_pair(program: Program) -> None:
    first = program.sign_in()
    second = program.refresh(first.refresh_token)
    assert second.refresh_token != first.refresh_token
    assert program.call(second.access_token) is not None


def test_refreshing_keeps_the_workspace_that_the_program_chose(
    control: ScopedSession, settings: Settings, program: Program
) -> None:
    second = create_workspace(control, settings=settings, owner_id=program.ada.user.id, name="Second shop")
    pair = program.sign_in(workspace_id=second.id)
    for _ in range(2):
        pair = program.refresh(pair.refresh_token)
        caller = program.call(pair.access_token)
        assert caller is not None
        assert caller.in_workspace().id == second.id


def test_a_lost_reply_may_be_asked_for_again_within_the_grace(program: Program) -> None:
    first = program.sign_in().refresh_token
    program.refresh(first)
    assert program.call(program.refresh(first, after=REUSE_GRACE).access_token) is not None


def test_using_a_refresh_token_again_later_ends_everything_of_that_sign_in(program: Program) -> None:
    first, other = program.sign_in(), program.sign_in()
    second = program.refresh(first.refresh_token)
    with pytest.raises(TokenReused):
        program.refresh(first.refresh_token, after=REUSE_GRACE + timedelta(seconds=1))
    with pytest.raises(TokenEnded):
        program.refresh(second.refresh_token)
    assert program.call(second.access_token) is None
    assert program.call(other.access_token) is not None


def test_signing_out_ends_the_access_token_at_once(control: ScopedSession, program: Program) -> None:
    pair, other = program.sign_in(), program.sign_in()
    revoke_token(control, refresh_token=pair.refresh_token, now=NOON)
    assert program.call(pair.access_token) is None
    assert program.call(other.access_token) is not None


def test_a_new_password_ends_every_token(control: ScopedSession, program: Program) -> None:
    pairs = [program.sign_in() for _ in range(2)]
    revoke_all_tokens(control, user_id=program.ada.user.id, now=NOON)
    assert [program.call(pair.access_token) for pair in pairs] == [None, None]


@pytest.mark.parametrize("token", ["", "made up", "made.up"])
def test_an_unknown_refresh_token_is_refused(program: Program, token: str) -> None:
    with pytest.raises(TokenEnded):
        program.refresh(token)


def test_a_refresh_token_with_another_workspace_written_into_it_is_unknown(program: Program) -> None:
    secret = program.sign_in(workspace_id=program.ada.workspace.id).refresh_token.partition(".")[0]
    with pytest.raises(TokenEnded):
        program.refresh(f"{secret}.{program.ada.user.id.hex}")


def test_a_refresh_token_grows_too_old(program: Program) -> None:
    with pytest.raises(TokenEnded):
        program.refresh(program.sign_in().refresh_token, after=REFRESH_FOR)
