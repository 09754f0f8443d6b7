"""What can go wrong with a mail: worth another try (`MailTemporarilyRefused`), or not (everything else)."""

from kit.errors import AdloomError, InvalidInput, Unavailable


class MailTemporarilyRefused(Unavailable):
    """The server is away, busy or says "later" (4xx). The same mail may be sent again."""

    code = "mail-temporarily-refused"
    title = "The mail server cannot take this message at the moment"


class MailRefused(AdloomError):
    """The server says "never" (5xx), or it cannot do what the settings ask for. Another try changes nothing."""

    status = 502
    code = "mail-refused"
    title = "The mail server refused this message"


class MailAddressUnreadable(InvalidInput):
    """The text is not exactly one e-mail address."""

    code = "mail-address-unreadable"
    title = "That is not an e-mail address"


class UnsafeMailHeader(InvalidInput):
    """A header with a line break or control character, or one that is ours to set."""

    code = "unsafe-mail-header"
    title = "That cannot stand in the head of a mail"
