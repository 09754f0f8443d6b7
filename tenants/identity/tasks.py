"""Mail of identity, and its housekeeping. A mail carries the job's key as its Message-ID, so a second run is the same mail."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete

from kit.clock import utc_now
from kit.db import begin_beside
from kit.format import moment
from kit.jobs import JobContext, handles
from kit.notify import render_mail
from tenants.identity.jobs import (
    PurgeExpired,
    SendAccountExists,
    SendPasswordChanged,
    SendPasswordReset,
    SendVerification,
)
from tenants.identity.links import VALID_FOR, Purpose, make_link
from tenants.identity.models import EmailToken, RefreshToken, Throttle, User, WebSession

_KEPT_AFTER_END = timedelta(days=7)


@handles(SendVerification)
def send_verification(context: JobContext, job: SendVerification) -> None:
    """Safe to run twice: the newest link is the one that works."""
    user = context.session.get(User, job.user_id)
    if user is not None and user.email_verified_at is None:
        hours = int(VALID_FOR["verify_email"].total_seconds() // 3600)
        _mail(
            context,
            user,
            "email/verify_email",
            "Confirm your e-mail address",
            {"link": _link(context, user.id, "verify_email", "/verify-email"), "valid_hours": hours},
        )


@handles(SendPasswordReset)
def send_password_reset(context: JobContext, job: SendPasswordReset) -> None:
    """Safe to run twice: the newest link is the one that works."""
    user = context.session.get(User, job.user_id)
    if user is not None:
        minutes = int(VALID_FOR["reset_password"].total_seconds() // 60)
        _mail(
            context,
            user,
            "email/reset_password",
            "Set a new password",
            {"link": _link(context, user.id, "reset_password", "/password-reset/confirm"), "valid_minutes": minutes},
        )


@handles(SendAccountExists)
def send_account_exists(context: JobContext, job: SendAccountExists) -> None:
    """Safe to run twice: the same mail with the same Message-ID."""
    user = context.session.get(User, job.user_id)
    if user is not None:
        base = context.resources.settings.base_url
        _mail(
            context,
            user,
            "email/account_exists",
            "You already have an account",
            {"sign_in_link": f"{base}/sign-in", "reset_link": f"{base}/password-reset"},
        )


@handles(SendPasswordChanged)
def send_password_changed(context: JobContext, job: SendPasswordChanged) -> None:
    """Safe to run twice: the same mail with the same Message-ID."""
    user = context.session.get(User, job.user_id)
    if user is not None:
        _mail(
            context,
            user,
            "email/password_changed",
            "Your password was changed",
            {
                "changed_at": moment(user.password_changed_at),
                "reset_link": f"{context.resources.settings.base_url}/password-reset",
            },
        )


@handles(PurgeExpired)
def purge_expired(context: JobContext, _job: PurgeExpired) -> None:
    """Safe to run twice: what is gone is gone."""
    limit = utc_now() - _KEPT_AFTER_END
    for model in (WebSession, RefreshToken, EmailToken):
        context.session.execute(delete(model).where(model.expires_at < limit))
    context.session.execute(delete(Throttle).where(Throttle.window_started_at < limit))


def _link(context: JobContext, user_id: UUID, purpose: Purpose, path: str) -> str:
    # Kept before the mail leaves: whoever opens it at once must find a link that works.
    with begin_beside(context.session) as beside:
        token = make_link(beside, user_id=user_id, purpose=purpose, now=utc_now())
    return f"{context.resources.settings.base_url}{path}?token={token}"


def _mail(context: JobContext, user: User, template: str, subject: str, values: dict[str, object]) -> None:
    mail = render_mail(
        context.resources.templates, template, {"name": user.name, **values}, to=user.email, subject=subject
    )
    send: Callable[..., str] = context.resources.mailer.send
    send(mail, idempotency_key=context.idempotency_key)
