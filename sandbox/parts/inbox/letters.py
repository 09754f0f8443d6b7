"""A received message: the envelope and the raw bytes as they came, and a reading of them that no malformed mail can stop."""

import re
from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from html import unescape

import msgspec

from sandbox.journal import Journal

_URL = re.compile(r"https?://[^\s<>\"']+")
# Only web addresses, so that showing them as links is safe.
_ANCHOR = re.compile(r"<a\b[^<>]*?\bhref\s*=\s*[\"'](https?://[^\"'<>]+)", re.IGNORECASE)
_TRAILING = ".,;:!?)]}”’"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One message as the SMTP server took it, with what lists need."""

    id: int
    received_at: datetime
    mail_from: str
    recipients: list[str]
    subject: str
    message_id: str
    preview: str
    raw: bytes


class Letters(Journal[Letter]):
    """Every letter that is kept."""

    def matching(self, *, to: str | None, after: int) -> list[Letter]:
        """Those newer than number `after` that this address received (in any case of letters), newest first."""
        wanted = to.lower() if to else None
        return [
            letter
            for letter in self
            if letter.id > after and (wanted is None or wanted in (address.lower() for address in letter.recipients))
        ]


class Attachment(msgspec.Struct, frozen=True):
    """A part of a message that is a file."""

    name: str
    content_type: str
    content: bytes


class Reading(msgspec.Struct, frozen=True):
    """What a mail program would show of a message."""

    headers: list[tuple[str, str]]
    text: str
    html: str
    links: list[str]
    attachments: list[Attachment]


def letter_from_wire(
    letter_id: int, *, received_at: datetime, mail_from: str, recipients: list[str], raw: bytes
) -> Letter:
    """The letter that the envelope and the data make."""
    message = message_from_bytes(raw)
    headers = dict(reversed([(name.lower(), value) for name, value in _headers(message)]))
    preview = " ".join((_body(message, "text/plain") or _text_of_html(_body(message, "text/html"))).split())
    return Letter(
        id=letter_id,
        received_at=received_at,
        mail_from=mail_from,
        recipients=recipients,
        subject=headers.get("subject", ""),
        message_id=headers.get("message-id", ""),
        preview=preview[:140],
        raw=raw,
    )


def read_letter(letter: Letter) -> Reading:
    """The message taken apart."""
    message = message_from_bytes(letter.raw)
    text, html = _body(message, "text/plain"), _body(message, "text/html")
    found = [*map(unescape, _ANCHOR.findall(html)), *(url.rstrip(_TRAILING) for url in _URL.findall(text))]
    return Reading(
        headers=_headers(message), text=text, html=html, links=list(dict.fromkeys(found)), attachments=_files(message)
    )


def _headers(message: Message) -> list[tuple[str, str]]:
    return [(name, _decoded(str(value))) for name, value in message.raw_items()]


def _decoded(value: str) -> str:
    """A header as people read it: raw UTF-8 (RFC 6532), folding and encoded words (RFC 2047) undone."""
    line = re.sub(r"\r?\n[ \t]*", " ", value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")).strip()
    try:
        return str(make_header(decode_header(line)))
    except (MessageError, LookupError, ValueError):
        return line


def _body(message: Message, content_type: str) -> str:
    """The first part of this type that is not a file."""
    for part in message.walk():
        if part.get_content_type() == content_type and part.get_content_disposition() != "attachment":
            return _text(part)
    return ""


def _text(part: Message) -> str:
    """The text with plain line ends; what its character set cannot say is marked, not lost."""
    content = _content(part)
    try:
        text = content.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        text = content.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")


def _content(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _files(message: Message) -> list[Attachment]:
    parts = [
        part for part in message.walk() if not part.is_multipart() and part.get_content_disposition() == "attachment"
    ]
    return [
        Attachment(_decoded(part.get_filename() or f"attachment-{number}"), part.get_content_type(), _content(part))
        for number, part in enumerate(parts, start=1)
    ]


def _text_of_html(html: str) -> str:
    visible = re.sub(r"(?is)<(style|head|script)\b.*?</\1>", " ", html[:20_000])
    return unescape(re.sub(r"<[^>]*>", " ", visible))
