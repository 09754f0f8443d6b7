"""The mail server: greets, protects the connection as set, and lets us in. No mail is sent."""

import smtplib
import ssl

from app.cli.doctor.findings import Finding
from kit.settings import Settings

_SUBJECT = "Mail"
_TIMEOUT_S = 10


def look_at_mail(settings: Settings) -> list[Finding]:
    """As far as a mail would go, short of the mail."""
    if not settings.smtp_host:
        advice = "Set SMTP_HOST, or people will not get their mails." if settings.adloom_env == "production" else ""
        return [
            Finding(
                _SUBJECT,
                "problem" if advice else "ok",
                "No mail server is set; mails are written to the data directory.",
                advice,
            )
        ]
    place = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        with _connect(settings) as server:
            server.ehlo()
            if settings.smtp_tls == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.smtp_username:
                server.login(settings.smtp_username, settings.smtp_password.get_secret_value())
            server.noop()
    except smtplib.SMTPAuthenticationError:
        return [
            Finding(_SUBJECT, "problem", f"{place} refuses user or password.", "Check SMTP_USERNAME and SMTP_PASSWORD.")
        ]
    except (smtplib.SMTPException, OSError) as problem:
        return [Finding(_SUBJECT, "problem", f"{place} does not answer as set: {problem}", "Check the SMTP_ settings.")]
    return [Finding(_SUBJECT, "ok", f"{place} greets and lets Adloom in.")]


def _connect(settings: Settings) -> smtplib.SMTP:
    if settings.smtp_tls == "tls":
        return smtplib.SMTP_SSL(
            settings.smtp_host, settings.smtp_port, timeout=_TIMEOUT_S, context=ssl.create_default_context()
        )
    return smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_TIMEOUT_S)
