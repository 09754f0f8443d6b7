"""One mail to one person, and its form on the wire (RFC 5322). No header can be smuggled in through what people typed."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

import idna

from kit.notify.errors import MailAddressUnreadable, UnsafeMailHeader

_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_OURS = {"from", "to", "cc", "bcc", "sender", "reply-to", "subject", "date", "message-id", "mime-version"}
_OURS_PREFIXES = ("content-", "resent-")
# Control, surrogate, line separator, paragraph separator: what some mail program might take for the end of a header.
_UNSAFE_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
# Not every server takes eight-bit bodies; quoted-printable passes everywhere.
_POLICY = policy.SMTP.clone(cte_type="7bit")


@dataclass(frozen=True)
class Mail:
    """One message to one recipient; `to` and `reply_to` are `ana@shop.example` or `Ana <ana@shop.example>`."""

    to: str
    subject: str
    html: str
    text: str
    reply_to: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def compose(mail: Mail, *, sender: str, message_id: str, at: datetime) -> EmailMessage:
    """The message as it goes over the wire: plain text first, HTML as the richer alternative."""
    to = read_address(mail.to)
    message = EmailMessage(_POLICY if to.username.isascii() else _POLICY.clone(utf8=True))
    message["From"] = read_address(sender)
    message["To"] = to
    message["Subject"] = _safe(mail.subject, "subject")
    message["Date"] = at
    message["Message-ID"] = message_id
    if mail.reply_to is not None:
        message["Reply-To"] = read_address(mail.reply_to)
    for name, value in mail.headers.items():
        message[_own_header(name)] = _safe(value, name)
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def stable_message_id(idempotency_key: str, *, sender: str) -> str:
    """The same key gives the same Message-ID, so that a mail that had to be sent twice shows once in most inboxes."""
    digest = hashlib.sha256(idempotency_key.encode()).hexdigest()[:40]
    return f"<{digest}@{read_address(sender).domain}>"


def read_address(text: str) -> Address:
    """The one address that `text` spells, its domain in the ASCII form that every server understands (IDNA 2008)."""
    _safe(text, "address")
    try:
        header: Any = policy.SMTP.header_factory("to", text)
        (address,) = header.addresses
        complaints = [defect for defect in header.defects if type(defect).__name__ != "NonASCIILocalPartDefect"]
        if complaints or not address.username or not address.domain or header.groups[0].display_name is not None:
            raise _unreadable(text)
        return Address(address.display_name, address.username, _ascii_domain(address.domain))
    except (ValueError, IndexError, UnicodeError) as error:
        raise _unreadable(text) from error


def _ascii_domain(domain: str) -> str:
    return domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode()


def _unreadable(text: str) -> MailAddressUnreadable:
    return MailAddressUnreadable(
        f"“{text[:80]}” is not one e-mail address.", "Write a single address such as ana@shop.example."
    )


def _own_header(name: str) -> str:
    is_ours = name.lower() in _OURS or name.lower().startswith(_OURS_PREFIXES)
    if is_ours or not _HEADER_NAME.fullmatch(name):
        raise UnsafeMailHeader(
            f"“{name[:60]!r}” cannot be set as an extra header.", "Use a name such as X-Adloom-Kind."
        )
    return name


def _safe(value: str, place: str) -> str:
    if any(unicodedata.category(character) in _UNSAFE_CATEGORIES for character in value):
        raise UnsafeMailHeader(
            f"The {place} of a mail cannot contain line breaks or control characters.", "Write it on one line."
        )
    return value
