"""Links in mails: good once, for a while, and only the newest; and the mails that carry them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import pytest

from kit.db import ScopedSession
from kit.errors import NotFound, TooManyRequests
from kit.jobs import Job, JobContext
from kit.jobs.job import handler_of, type_of
from kit.jobs.resources import Resources
from kit.notify import Mail
from kit.settings import Settings
from kit.storage import open_storage
from kit.web.templates import template_environment
from tenants.identity import tasks
from tenants.identity.errors import LinkExpired, WeakPassword, WrongCredentials
from tenants.identity.jobs import (
    PurgeExpired,
    SendAccountExists,
    SendPasswordChanged,
    SendPasswordReset,
    SendVerification,
)
from tenants.identity.links import VALID_FOR, Purpose, make_link
from tenants.identity.models import WebSession
from tenants.identity.queries import principal_from_access_token, principal_from_session
from tenants.identity.service import (
    MAILS,
    RESETS,
    Registration,
    ask_for_password_reset,
    register_invited,
    resend_verification,
    reset_password,
    verify_email,
)
from tenants.identity.sessions import open_session
from tenants.identity.signing_in import sign_in
from tenants.identity.tokens import issue_tokens
from tests.identity.conftest import ADAS_PASSWORD, NOON

NEW_PASSWORD = "nine loud kettles sing"


@dataclass
class Outbox:
    """Takes mails and keeps them, with their keys."""

    mails: list[tuple[Mail, str]] = field(default_factory=list)

    def send(self, mail: Mail, *, idempotency_key: str) -> str:
        self.mails.append((mail, idempotency_key))
        return f"<{idempotency_key}@example.org>"

    def link(self, path: str) -> str:
        """The token of the link in the newest mail."""
        found = re.search(rf"{path}\?token=(\S+)", self.mails[-1][0].text)
        assert found, self.mails[-1][0].text
        return found[1]


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def context(control: ScopedSession, settings: Settings, outbox: Outbox) -> JobContext:
    resources = Resources(
        settings=settings, storage=open_storage(settings), mailer=outbox, templates=template_environment()
    )
    return JobContext(uuid4(), None, 1, control, resources, lambda _share, _sentence: False)


@pytest.fixture
def kept(sign_up: Callable[..., Registration], control: ScopedSession) -> Registration:
    """Somebody whose account is committed, as it is when a mail is sent: links are kept in a transaction of their own."""
    registration = sign_up(email=f"kept-{uuid4().hex[:8]}@example.org")
    control.commit()
    return registration


def _link(control: ScopedSession, ada: Registration, purpose: Purpose) -> str:
    return make_link(control, user_id=ada.user.id, purpose=purpose, now=NOON)


def test_the_link_of_the_verification_mail_proves_the_address(
    control: ScopedSession, kept: Registration, context: JobContext, outbox: Outbox
) -> None:
    tasks.send_verification(context, SendVerification(user_id=kept.user.id))
    assert outbox.mails[0][0].to == kept.user.email
    assert verify_email(control, token=outbox.link("/verify-email")).email_verified_at is not None


def test_the_link_of_the_reset_mail_sets_a_new_password(
    control: ScopedSession, kept: Registration, context: JobContext, outbox: Outbox
) -> None:
    tasks.send_password_reset(context, SendPasswordReset(user_id=kept.user.id))
    reset_password(control, token=outbox.link("/password-reset/confirm"), password=NEW_PASSWORD)
    assert sign_in(control, email=kept.user.email, password=NEW_PASSWORD, network_address="", now=NOON) is kept.user
    with pytest.raises(WrongCredentials):
        sign_in(control, email=kept.user.email, password=ADAS_PASSWORD, network_address="", now=NOON)


def test_a_mail_that_is_sent_twice_carries_the_same_key_and_its_newest_link_works(
    control: ScopedSession, kept: Registration, context: JobContext, outbox: Outbox
) -> None:
    for _ in range(2):
        tasks.send_verification(context, SendVerification(user_id=kept.user.id))
    assert outbox.mails[0][1] == outbox.mails[1][1]
    verify_email(control, token=outbox.link("/verify-email"))


def test_the_other_mails_are_written_too(ada: Registration, context: JobContext, outbox: Outbox) -> None:
    tasks.send_account_exists(context, SendAccountExists(user_id=ada.user.id))
    tasks.send_password_changed(context, SendPasswordChanged(user_id=ada.user.id))
    assert [mail.subject for mail, _ in outbox.mails] == ["You already have an account", "Your password was changed"]


@pytest.mark.parametrize(
    "item",
    [
        SendVerification(user_id=uuid4()),
        SendPasswordReset(user_id=uuid4()),
        SendAccountExists(user_id=uuid4()),
        SendPasswordChanged(user_id=uuid4()),
    ],
    ids=lambda item: type(item).__name__,
)
def test_nothing_is_mailed_for_an_account_that_is_gone(item: Job, context: JobContext, outbox: Outbox) -> None:
    handler = handler_of(type_of(type(item)).name)
    assert handler is not None
    handler(context, item)
    assert outbox.mails == []


def test_a_link_works_once(control: ScopedSession, ada: Registration) -> None:
    token = _link(control, ada, "verify_email")
    verify_email(control, token=token, now=NOON)
    with pytest.raises(LinkExpired):
        verify_email(control, token=token, now=NOON)


def test_only_the_newest_link_works(control: ScopedSession, ada: Registration) -> None:
    older, newer = _link(control, ada, "reset_password"), _link(control, ada, "reset_password")
    with pytest.raises(LinkExpired):
        reset_password(control, token=older, password=NEW_PASSWORD, now=NOON)
    reset_password(control, token=newer, password=NEW_PASSWORD, now=NOON)


def test_links_grow_too_old(control: ScopedSession, ada: Registration) -> None:
    with pytest.raises(LinkExpired):
        verify_email(control, token=_link(control, ada, "verify_email"), now=NOON + VALID_FOR["verify_email"])
    with pytest.raises(LinkExpired):
        reset_password(
            control,
            token=_link(control, ada, "reset_password"),
            password=NEW_PASSWORD,
            now=NOON + VALID_FOR["reset_password"],
        )


def test_a_verification_link_sets_no_password(control: ScopedSession, ada: Registration) -> None:
    with pytest.raises(LinkExpired):
        reset_password(control, token=_link(control, ada, "verify_email"), password=NEW_PASSWORD, now=NOON)


def test_a_reset_ends_every_session_and_token_and_proves_the_address(
    control: ScopedSession, settings: Settings, ada: Registration, queued: Callable[[], list[str]]
) -> None:
    browser = open_session(control, user_id=ada.user.id, now=NOON)
    tokens = issue_tokens(control, settings=settings, user_id=ada.user.id, workspace_id=None, now=NOON)
    reset_password(control, token=_link(control, ada, "reset_password"), password=NEW_PASSWORD, now=NOON)
    assert principal_from_session(control, token=browser, workspace_id=None, now=NOON) is None
    access = principal_from_access_token(
        control, settings=settings, jwt=tokens.access_token, workspace_id=None, now=NOON
    )
    assert access is None
    assert ada.user.email_verified_at == NOON
    assert "identity.send_password_changed" in queued()


def test_a_reset_refuses_weak_passwords_and_the_old_one(control: ScopedSession, ada: Registration) -> None:
    for password in ("password12", ADAS_PASSWORD):
        with pytest.raises(WeakPassword):
            reset_password(control, token=_link(control, ada, "reset_password"), password=password, now=NOON)


def test_asking_for_a_reset_tells_nothing_and_mails_only_who_exists(
    control: ScopedSession, ada: Registration, queued: Callable[[], list[str]]
) -> None:
    for email in ("ada@example.org", "nobody@example.org", "no address"):
        ask_for_password_reset(control, email=email, network_address="198.51.100.0/24", now=NOON)
    assert queued().count("identity.send_password_reset") == 1


def test_asking_for_resets_is_slowed_down(control: ScopedSession) -> None:
    for _ in range(RESETS.free_tries):
        ask_for_password_reset(control, email="nobody@example.org", network_address="198.51.100.0/24", now=NOON)
    with pytest.raises(TooManyRequests):
        ask_for_password_reset(control, email="nobody@example.org", network_address="198.51.100.0/24", now=NOON)


def test_a_fresh_verification_mail_can_be_asked_for_a_few_times(control: ScopedSession, ada: Registration) -> None:
    for _ in range(MAILS.free_tries):
        resend_verification(control, user_id=ada.user.id, now=NOON)
    with pytest.raises(TooManyRequests):
        resend_verification(control, user_id=ada.user.id, now=NOON)


def test_a_verified_person_gets_no_verification_mail(ada: Registration, context: JobContext, outbox: Outbox) -> None:
    ada.user.email_verified_at = NOON
    tasks.send_verification(context, SendVerification(user_id=ada.user.id))
    assert outbox.mails == []


def test_a_made_up_invitation_makes_no_account(control: ScopedSession) -> None:
    with pytest.raises(NotFound):
        register_invited(control, token="made up", name="Eve", password=NEW_PASSWORD, now=NOON)


def test_what_ended_long_ago_is_cleared_away(control: ScopedSession, ada: Registration, context: JobContext) -> None:
    old = open_session(control, user_id=ada.user.id, now=NOON - timedelta(days=900))
    new = open_session(control, user_id=ada.user.id, now=NOON + timedelta(days=900))
    tasks.purge_expired(context, PurgeExpired())
    control.expire_all()
    kept = {row.token_hash for row in control.query(WebSession).filter_by(user_id=ada.user.id)}
    assert len(kept) == 1
    assert old != new
