"""What can go wrong with a platform. The class says who must act, whether trying again helps, and what has to pause.

PlatformError
├── the person who connected it: AuthExpired · AuthRevoked · ScopeMissing · AccountDisabled · NotFound
├── whoever runs this installation: AppNotApproved · VersionSunset · AppMisconfigured
├── nobody, it passes: RateLimited · Transient
├── the host: TooMuchData (split the window) · OutcomeUnknown (read before anything else) · Conflict (somebody changed it)
└── the connector's author: BadRequest · SchemaDrift · PartialFailure · ConnectorBug · HostNotAllowed
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal


class Who(StrEnum):
    """Who must act before it works again."""

    USER = "user"
    OPERATOR = "operator"
    NOBODY = "nobody"
    HOST = "host"
    AUTHOR = "author"


class Pauses(StrEnum):
    """What stops until somebody has acted."""

    NOTHING = "nothing"
    ACCOUNT = "account"
    CONNECTION = "connection"
    PLATFORM = "platform"


@dataclass
class PlatformError(Exception):
    """`message` is one sentence for a person, `code` the platform's own code for the log, never a secret in either."""

    message: str
    code: str = ""
    request_id: str = ""

    who: ClassVar[Who] = Who.AUTHOR
    pauses: ClassVar[Pauses] = Pauses.NOTHING
    may_retry: ClassVar[bool] = False
    what_to_do: ClassVar[str] = "Tell whoever runs Adloom here: this connector has to be updated."

    def __str__(self) -> str:
        return " ".join(part for part in (self.message, f"[{self.code}]" if self.code else "") if part)


@dataclass
class AuthExpired(PlatformError):
    """The access token has run out, and could not be renewed."""

    who = Who.USER
    pauses = Pauses.CONNECTION
    what_to_do = "Sign in again."


@dataclass
class AuthRevoked(PlatformError):
    """Access was withdrawn, or the password was changed."""

    who = Who.USER
    pauses = Pauses.CONNECTION
    what_to_do = "Sign in again."


@dataclass
class ScopeMissing(PlatformError):
    """The sign-in did not grant what this needs; `scope` names it."""

    scope: str = ""
    who = Who.USER
    pauses = Pauses.CONNECTION
    what_to_do = "Sign in again and grant the permission that is missing."


@dataclass
class AccountDisabled(PlatformError):
    """The platform has closed or blocked this account."""

    who = Who.USER
    pauses = Pauses.ACCOUNT
    what_to_do = "Open the platform's own pages, such as its ads manager: they say why, and what is needed."


@dataclass
class NotFound(PlatformError):
    """The account or entity is gone, or the sign-in no longer reaches it."""

    who = Who.USER
    pauses = Pauses.ACCOUNT
    what_to_do = "Check that the account still exists and that your sign-in may see it."


@dataclass
class AppNotApproved(PlatformError):
    """The platform has not approved this installation's app, or has blocked it. The user can do nothing about it."""

    who = Who.OPERATOR
    pauses = Pauses.PLATFORM
    what_to_do = "Whoever runs Adloom here must have the app approved by the platform."


@dataclass
class AppMisconfigured(PlatformError):
    """The app's id, secret or developer token is missing or wrong."""

    who = Who.OPERATOR
    pauses = Pauses.PLATFORM
    what_to_do = "Whoever runs Adloom here must correct the app's id and secret."


@dataclass
class VersionSunset(PlatformError):
    """The platform has switched off the version of its API that this connector speaks."""

    who = Who.OPERATOR
    pauses = Pauses.PLATFORM
    what_to_do = "Whoever runs Adloom here must update the connector, or set a newer version."


@dataclass
class RateLimited(PlatformError):
    """Too many calls. Nothing may be sent in this scope before `retry_at` (None: the platform does not tell)."""

    retry_at: datetime | None = None
    scope: Literal["call", "account", "app", "day"] = "account"
    who = Who.NOBODY
    may_retry = True
    what_to_do = "Nothing: it goes on by itself."


@dataclass
class Transient(PlatformError):
    """A fault on the platform's side, or on the way."""

    who = Who.NOBODY
    may_retry = True
    what_to_do = "Nothing: it is tried again by itself."


@dataclass
class TooMuchData(PlatformError):
    """The platform refuses so large an answer; the host asks again for a shorter window."""

    who = Who.HOST
    may_retry = True
    what_to_do = "Nothing: it is asked for in smaller parts."


@dataclass
class OutcomeUnknown(PlatformError):
    """A write was sent and no reply came: it may have been applied. Read before anything is sent again."""

    who = Who.HOST
    what_to_do = "Nothing: the platform is read to see what came of it."


@dataclass
class Conflict(PlatformError):
    """The entity is no longer what the person saw; nothing was written."""

    who = Who.USER
    what_to_do = "Look at the current state, and decide again."


@dataclass
class SharedBudget(PlatformError):
    """The budget also feeds other campaigns; nothing was written."""

    who = Who.USER
    what_to_do = "Change the shared budget in the platform's own ads manager."


@dataclass
class BadRequest(PlatformError):
    """The platform refuses a field; `field` names it where it tells."""

    field: str = ""


@dataclass
class SchemaDrift(PlatformError):
    """The answer has not the shape that the platform promised."""


@dataclass
class PartialFailure(PlatformError):
    """Some items of one call failed; `items` maps their id to the platform's words."""

    items: dict[str, str] | None = None


@dataclass
class ConnectorBug(PlatformError):
    """The connector itself went wrong."""


@dataclass
class HostNotAllowed(ConnectorBug):
    """The connector tried to call a host that its manifest does not name."""


@dataclass
class Cancelled(PlatformError):
    """The host asked to stop."""

    who = Who.NOBODY
    what_to_do = "Nothing."
