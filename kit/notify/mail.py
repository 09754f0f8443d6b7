"""Ways for a mail to leave: by SMTP, or as a file where no mail server is configured. `open_mailer` picks by the settings."""

import logging
import os
import smtplib
import ssl
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from kit.clock import utc_now
from kit.notify.errors import MailRefused, MailTemporarilyRefused
from kit.notify.message import Mail, compose, read_address, stable_message_id
from kit.settings import Settings

__all__ = ["FileMailer", "Mail", "Mailer", "SmtpMailer", "open_mailer"]

log = logging.getLogger(__name__)
_TIMEOUT_S = 20.0


class Mailer(Protocol):
    """Something that takes a mail off our hands."""

    def send(self, mail: Mail, *, idempotency_key: str) -> str:
        """Hand the mail over and answer its Message-ID, which depends on the key alone.

        Raises `MailTemporarilyRefused` where the same call may be repeated later, `MailRefused` where that is pointless.
        """
        ...


def open_mailer(settings: Settings) -> Mailer:
    """The mailer of this installation."""
    if settings.smtp_host:
        return SmtpMailer(settings)
    return FileMailer(settings.adloom_data_dir / "mail", sender=settings.mail_from)


class SmtpMailer:
    """Hands each mail to the configured server over a connection of its own.

    A connection that breaks after the text was sent leaves it open whether the server kept the mail: the retry carries
    the same Message-ID, so most inboxes show it once.
    """

    def __init__(self, settings: Settings, *, timeout_s: float = _TIMEOUT_S) -> None:
        self._settings = settings
        self._timeout_s = timeout_s

    def send(self, mail: Mail, *, idempotency_key: str) -> str:
        """See `Mailer.send`."""
        sender = self._settings.mail_from
        message_id = stable_message_id(idempotency_key, sender=sender)
        message = compose(mail, sender=sender, message_id=message_id, at=utc_now())
        try:
            self._deliver(message, sender=read_address(sender), recipient=read_address(mail.to))
        except smtplib.SMTPException as error:
            raise _translated(error, host=self._settings.smtp_host) from error
        except OSError as error:
            raise _unreachable(self._settings, error) from error
        return message_id

    def _deliver(self, message: EmailMessage, *, sender: Address, recipient: Address) -> None:
        connection = self._connect(ehlo_name=sender.domain)
        try:
            if self._settings.smtp_username:
                connection.login(self._settings.smtp_username, self._settings.smtp_password.get_secret_value())
            connection.send_message(message, from_addr=sender.addr_spec, to_addrs=[recipient.addr_spec])
            # The mail is accepted by now: a bad goodbye must not look like a failure, or it would be sent again.
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
        finally:
            connection.close()

    def _connect(self, *, ehlo_name: str) -> smtplib.SMTP:
        """An open connection, protected as the settings ask; never falls back to an unprotected one."""
        settings, timeout_s = self._settings, self._timeout_s
        if settings.smtp_tls == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(
                settings.smtp_host, settings.smtp_port, ehlo_name, timeout=timeout_s, context=context
            )
        connection = smtplib.SMTP(settings.smtp_host, settings.smtp_port, ehlo_name, timeout=timeout_s)
        if settings.smtp_tls == "starttls":
            try:
                connection.starttls(context=ssl.create_default_context())
            except BaseException:
                connection.close()
                raise
        return connection


class FileMailer:
    """Keeps each mail as an `.eml` file, which any mail program opens; the same key overwrites its own file."""

    def __init__(self, directory: Path, *, sender: str) -> None:
        self._directory = directory
        self._sender = sender

    def send(self, mail: Mail, *, idempotency_key: str) -> str:
        """See `Mailer.send`."""
        message_id = stable_message_id(idempotency_key, sender=self._sender)
        message = compose(mail, sender=self._sender, message_id=message_id, at=utc_now())
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = self._directory / f"{message_id[1:].partition('@')[0]}.eml"
        unfinished = target.with_suffix(f".{os.getpid()}.part")
        # Sign-in links stand in here: the file is for the owner's eyes from its first byte on.
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(message.as_bytes(policy=message.policy.clone(linesep="\n")))
        unfinished.replace(target)
        log.info("No mail server is configured: the mail “%s” is kept in %s.", mail.subject, target)
        return message_id


def _translated(error: smtplib.SMTPException, *, host: str) -> MailRefused | MailTemporarilyRefused:
    """The server's own words, sorted by whether another try can help."""
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return MailRefused(
            f"The mail server {host} cannot do what this mail needs: {error}.",
            "Check SMTP_TLS, SMTP_USERNAME and the recipient's address.",
        )
    code, words = _reply(error)
    if code is None:
        return MailTemporarilyRefused(f"The connection to the mail server {host} broke: {error}.", "It is tried again.")
    if code < 500:
        return MailTemporarilyRefused(f"The mail server {host} says: {code} {words}", "It is tried again later.")
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return MailRefused(f"The mail server {host} says: {code} {words}", "Check SMTP_USERNAME and SMTP_PASSWORD.")
    return MailRefused(f"The mail server {host} says: {code} {words}", "Check the recipient's address and MAIL_FROM.")


def _reply(error: smtplib.SMTPException) -> tuple[int | None, str]:
    """The server's reply code and words; no code where the connection ended without a readable reply."""
    replies: list[tuple[int, bytes | str]] = []
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        replies = list(error.recipients.values())
    elif isinstance(error, smtplib.SMTPResponseException):
        replies = [(error.smtp_code, error.smtp_error)]
    if not replies or replies[0][0] < 0:  # smtplib gives an unreadable reply the code -1
        return None, ""
    code, words = replies[0]
    return code, words.decode("utf-8", "replace") if isinstance(words, bytes) else words


def _unreachable(settings: Settings, error: OSError) -> MailTemporarilyRefused:
    return MailTemporarilyRefused(
        f"The mail server {settings.smtp_host}:{settings.smtp_port} cannot be reached: {error}.",
        "It is tried again. If it stays: check SMTP_HOST, SMTP_PORT and SMTP_TLS.",
    )
