"""Mail that leaves us: render a template (`render_mail`), send it by SMTP or keep it as a file (`open_mailer`)."""

from kit.notify.errors import MailAddressUnreadable, MailRefused, MailTemporarilyRefused, UnsafeMailHeader
from kit.notify.mail import Mailer, open_mailer
from kit.notify.message import Mail
from kit.notify.render import render_mail

__all__ = [
    "Mail",
    "MailAddressUnreadable",
    "MailRefused",
    "MailTemporarilyRefused",
    "Mailer",
    "UnsafeMailHeader",
    "open_mailer",
    "render_mail",
]
