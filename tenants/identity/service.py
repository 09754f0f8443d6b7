"""Accounts: signing up, proving an address, new passwords, names. Sessions and tokens are opened by the edges;
`signing_in` stands beside this."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kit.clock import utc_now
from kit.errors import FieldError, InvalidInput, NotFound
from kit.ids import new_id
from kit.jobs import enqueue
from kit.settings import Settings
from tenants.identity.errors import AddressTaken, WeakPassword
from tenants.identity.jobs import SendAccountExists, SendPasswordChanged, SendPasswordReset, SendVerification
from tenants.identity.links import use_link
from tenants.identity.models import User
from tenants.identity.passwords import check_password, hash_password, password_matches
from tenants.identity.queries import user_by_email
from tenants.identity.sessions import close_all_sessions
from tenants.identity.throttle import Limit, count_try, refuse_if_throttled, wait_s
from tenants.identity.tokens import revoke_all_tokens
from tenants.workspaces.creation import clean_name, create_workspace
from tenants.workspaces.models import Workspace
from tenants.workspaces.queries import invitation_by_token
from tenants.workspaces.regions import check_currency, check_timezone
from tenants.workspaces.service import accept_invitation

_HOUR = timedelta(hours=1)
SIGN_UPS = Limit("sign-up-from", free_tries=20, window=_HOUR)
RESETS = Limit("reset-from", free_tries=10, window=_HOUR)
MAILS = Limit("mail-to", free_tries=5, window=_HOUR)


@dataclass(frozen=True)
class Registration:
    """A new person with the workspace that they start in."""

    user: User
    workspace: Workspace


def register(
    control: Session,
    *,
    name: str,
    email: str,
    password: str,
    workspace_name: str,
    timezone: str = "UTC",
    currency: str = "USD",
    network_address: str = "",
    settings: Settings | None = None,
    now: datetime | None = None,
) -> Registration:
    """A person, an organisation and a workspace on the default plan, in one transaction; the verification mail follows it.

    Everything that was typed is checked before anything is written. Raises `AddressTaken` for a known address (the web form
    answers with “check your mail” then, and a reminder is mailed).
    """
    moment, address, person = now or utc_now(), checked_email(email), checked_person(name)
    business = clean_name(workspace_name, field="workspace_name")
    check_currency(currency)
    check_timezone(timezone)
    check_password(password, about=(address, person))
    if network_address:
        refuse_if_throttled(control, SIGN_UPS, network_address, now=moment)
        count_try(control, SIGN_UPS, network_address, now=moment)
    user = _new_user(control, name=person, email=address, password=password, now=moment)
    workspace = create_workspace(
        control, settings=settings, owner_id=user.id, name=business, currency=currency, timezone=timezone
    )
    enqueue(control, SendVerification(user_id=user.id), dedupe_key=f"verify:{user.id}")
    return Registration(user, workspace)


def register_invited(
    control: Session, *, token: str, name: str, password: str, now: datetime | None = None
) -> Registration:
    """A person who comes by an invitation and joins its workspace; holding the mailed link proves the address."""
    moment, person = now or utc_now(), checked_person(name)
    address = invitation_by_token(control, token=token, now=moment).email
    check_password(password, about=(address, person))
    user = _new_user(control, name=person, email=address, password=password, now=moment)
    user.email_verified_at = moment
    return Registration(
        user, accept_invitation(control, token=token, user_id=user.id, user_email=user.email, now=moment)
    )


def remind_of_account(control: Session, *, email: str, now: datetime | None = None) -> None:
    """Mail somebody who signed up twice that the account is there; nothing at all for an unknown address."""
    user = user_by_email(control, email)
    if user is not None and _may_mail(control, user.email, now or utc_now()):
        enqueue(control, SendAccountExists(user_id=user.id), dedupe_key=f"exists:{user.id}")


def verify_email(control: Session, *, token: str, now: datetime | None = None) -> User:
    """Mark an address as proven."""
    moment = now or utc_now()
    user = user_by_id(control, use_link(control, token=token, purpose="verify_email", now=moment))
    user.email_verified_at = user.email_verified_at or moment
    return user


def resend_verification(control: Session, *, user_id: UUID, now: datetime | None = None) -> None:
    """Mail a fresh verification link, a few times an hour at most."""
    user, moment = user_by_id(control, user_id), now or utc_now()
    if user.email_verified_at is None:
        refuse_if_throttled(control, MAILS, user.email, now=moment)
        count_try(control, MAILS, user.email, now=moment)
        enqueue(control, SendVerification(user_id=user_id), dedupe_key=f"verify:{user_id}")


def ask_for_password_reset(control: Session, *, email: str, network_address: str, now: datetime | None = None) -> None:
    """Mail a link, if there is such a person; the answer is the same for all."""
    moment = now or utc_now()
    refuse_if_throttled(control, RESETS, network_address, now=moment)
    count_try(control, RESETS, network_address, now=moment)
    user = user_by_email(control, email)
    if user is not None and user.disabled_at is None and _may_mail(control, user.email, moment):
        enqueue(control, SendPasswordReset(user_id=user.id), dedupe_key=f"reset:{user.id}")


def reset_password(control: Session, *, token: str, password: str, now: datetime | None = None) -> User:
    """Set a new password by a mailed link; ends every session and token, and counts as proof of the address."""
    moment = now or utc_now()
    user = user_by_id(control, use_link(control, token=token, purpose="reset_password", now=moment))
    user.email_verified_at = user.email_verified_at or moment
    _set_password(control, user, password, now=moment, kept_session=None)
    return user


def change_password(
    control: Session, *, user_id: UUID, current: str, new: str, kept_session: str | None, now: datetime | None = None
) -> None:
    """Set a new password, knowing the old one; ends every other session and every token."""
    user = user_by_id(control, user_id)
    if not password_matches(current, user.password_hash):
        message = "The current password is wrong."
        raise InvalidInput(message, "Try again.", [FieldError(message, "current_password")])
    _set_password(control, user, new, now=now or utc_now(), kept_session=kept_session)


def rename_user(control: Session, *, user_id: UUID, name: str) -> User:
    """Change a person's name."""
    user = user_by_id(control, user_id)
    user.name = checked_person(name)
    return user


def user_by_id(control: Session, user_id: UUID) -> User:
    """A person."""
    user = control.get(User, user_id)
    if user is None:
        raise NotFound("This account is gone.", "Sign up again.")
    return user


def checked_email(email: str) -> str:
    """The address in its normal form, or the reason why it is none."""
    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as problem:
        message = f"That is no e-mail address: {problem}"
        raise InvalidInput(message, "Check it for typing errors.", [FieldError(message, "email")]) from problem


def checked_person(name: str) -> str:
    """A person's name, under the same rules as a workspace's."""
    return clean_name(name)


def _new_user(control: Session, *, name: str, email: str, password: str, now: datetime) -> User:
    """The password is hashed before the address is looked up, so that a known one does not answer sooner."""
    user = User(id=new_id(), email=email, name=name, password_hash=hash_password(password), password_changed_at=now)
    taken = AddressTaken("There is an account with this e-mail address already.", "Sign in, or set a new password.")
    if user_by_email(control, email) is not None:
        raise taken
    try:
        with control.begin_nested():
            control.add(user)
    except IntegrityError as twin:
        raise taken from twin
    return user


def _set_password(control: Session, user: User, password: str, *, now: datetime, kept_session: str | None) -> None:
    check_password(password, about=(user.email, user.name))
    if password_matches(password, user.password_hash):
        message = "This is the password that you have now."
        raise WeakPassword(message, "Choose another one.", [FieldError(message, "password")])
    user.password_hash, user.password_changed_at = hash_password(password), now
    close_all_sessions(control, user_id=user.id, except_token=kept_session)
    revoke_all_tokens(control, user_id=user.id, now=now)
    enqueue(control, SendPasswordChanged(user_id=user.id))


def _may_mail(control: Session, address: str, now: datetime) -> bool:
    """False where this address got many mails lately that anybody can ask for; nobody is told."""
    if wait_s(control, MAILS, address, now=now) > 0:
        return False
    count_try(control, MAILS, address, now=now)
    return True
