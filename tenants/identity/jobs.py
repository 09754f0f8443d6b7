"""Jobs of identity."""

from uuid import UUID

from kit.jobs import Job, Queue, job


@job("identity.send_verification", queue=Queue.IO, title="Sending a verification mail")
class SendVerification(Job, frozen=True, kw_only=True):
    """Mail a link that proves an address."""

    user_id: UUID


@job("identity.send_password_reset", queue=Queue.IO, title="Sending a password reset mail")
class SendPasswordReset(Job, frozen=True, kw_only=True):
    """Mail a link that sets a new password."""

    user_id: UUID


@job("identity.send_account_exists", queue=Queue.IO, title="Sending a sign-in reminder")
class SendAccountExists(Job, frozen=True, kw_only=True):
    """Tell somebody who signed up again that there is an account already."""

    user_id: UUID


@job("identity.send_password_changed", queue=Queue.IO, title="Sending a notice of a new password")
class SendPasswordChanged(Job, frozen=True, kw_only=True):
    """Tell somebody that the password was changed."""

    user_id: UUID


@job("identity.purge_expired", queue=Queue.IO, title="Clearing expired sign-ins away")
class PurgeExpired(Job, frozen=True, kw_only=True):
    """Delete sessions, links and tokens that ended long ago."""
