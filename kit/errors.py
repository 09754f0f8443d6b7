"""The one error taxonomy: named for the situation, carrying data, mapped to an HTTP status once (`kit/web/problems.py`).

AdloomError
├── InvalidInput 422 · BadRequest 400 · TooLarge 413 · UnsupportedFile 415
├── NotSignedIn 401 · NotAllowed 403 · PlanDoesNotInclude 402 · NotFound 404 · Conflict 409 · TooManyRequests 429
├── DataCannotCarry 422 (the numbers do not allow an answer)
└── Unavailable 503 (an outside part is down; what is stored is safe)
"""

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True)
class FieldError:
    """One complaint about one place of the input: a field's name, a row number, or both."""

    message: str
    field: str | None = None
    row: int | None = None
    value: str | None = None


@dataclass
class AdloomError(Exception):
    """Something that a person can read: `detail` says what happened, `hint` what to do about it."""

    detail: str
    hint: str = ""
    errors: list[FieldError] = field(default_factory=list)

    # True where what was written before the refusal is part of it, such as a counted try; the edge then commits.
    keeps_changes: ClassVar[bool] = False
    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong on our side"

    def __str__(self) -> str:
        return f"{self.detail} {self.hint}".strip()


class BadRequest(AdloomError):
    status = 400
    code = "bad-request"
    title = "The request cannot be read"


class InvalidInput(AdloomError):
    status = 422
    code = "invalid-input"
    title = "Some of the input needs a correction"


class DataCannotCarry(AdloomError):
    status = 422
    code = "data-cannot-carry"
    title = "The data cannot carry this answer yet"


class TooLarge(AdloomError):
    status = 413
    code = "too-large"
    title = "That is more than can be taken at once"


class UnsupportedFile(AdloomError):
    status = 415
    code = "unsupported-file"
    title = "That kind of file cannot be read"


class NotSignedIn(AdloomError):
    status = 401
    code = "not-signed-in"
    title = "Sign in first"


class NotAllowed(AdloomError):
    status = 403
    code = "not-allowed"
    title = "Your role does not allow this"


class NotFound(AdloomError):
    status = 404
    code = "not-found"
    title = "There is nothing here"


class Conflict(AdloomError):
    status = 409
    code = "conflict"
    title = "That does not fit what is stored"


class TooManyRequests(AdloomError):
    status = 429
    code = "too-many-requests"
    title = "Too many tries"

    def __init__(self, detail: str, hint: str = "", *, retry_after_s: int = 60) -> None:
        super().__init__(detail, hint)
        self.retry_after_s = retry_after_s


class Unavailable(AdloomError):
    status = 503
    code = "unavailable"
    title = "A part of the service cannot be reached"


class PlanDoesNotInclude(AdloomError):
    """The plan's value blocks this; says which, the usage so far and what would unlock it."""

    status = 402
    code = "plan-does-not-include"
    title = "Your plan does not include this"

    def __init__(
        self, detail: str, hint: str = "", *, entitlement: str, limit: int | None = None, used: int | None = None
    ) -> None:
        super().__init__(detail, hint)
        self.entitlement = entitlement
        self.limit = limit
        self.used = used
