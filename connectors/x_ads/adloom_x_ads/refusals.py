"""What X's refusals mean, and when its headers allow the next call: instants in seconds since 1970, per app and per account."""

from datetime import UTC, datetime

import msgspec

from adloom_sdk import Reply, Throttle
from adloom_sdk.errors import (
    AccountDisabled,
    AppMisconfigured,
    AppNotApproved,
    AuthExpired,
    AuthRevoked,
    BadRequest,
    NotFound,
    PlatformError,
    RateLimited,
    SchemaDrift,
    ScopeMissing,
    TooMuchData,
    Transient,
    VersionSunset,
)
from adloom_x_ads.wire import Problem, Refusal

Meaning = tuple[type[PlatformError], str]
_DISABLED: Meaning = (AccountDisabled, "X has stopped this ad account.")
_BY_CODE: dict[str, Meaning] = {
    "32": (AppMisconfigured, "X does not accept this installation's app."),
    "64": _DISABLED,
    "89": (AuthRevoked, "Access to X was withdrawn."),
    "UNAUTHORIZED_ACCESS": (AuthExpired, "The X sign-in is no longer valid."),
    "UNAUTHORIZED_CLIENT_APPLICATION": (AppNotApproved, "X has not approved this installation's app for ads."),
    "CLIENT_NOT_PERMITTED": (AppNotApproved, "X has not approved this installation's app for ads."),
    "ACCOUNT_SUSPENDED": _DISABLED,
    "ACCOUNT_NOT_ACCEPTED": _DISABLED,
    "UNSUPPORTED_VERSION": (VersionSunset, "X has switched off the version that this connector speaks."),
    "INTERNAL_ERROR": (Transient, "X has trouble."),
    "SERVICE_UNAVAILABLE": (Transient, "X has trouble."),
    "OVER_CAPACITY": (Transient, "X has trouble."),
    "130": (Transient, "X has trouble."),
    "131": (Transient, "X has trouble."),
    "RESULT_SET_TOO_LARGE": (TooMuchData, "X refuses so large an answer."),
}
_BY_STATUS: dict[int, Meaning] = {
    401: (AuthExpired, "The X sign-in is no longer valid."),
    403: (ScopeMissing, "The X sign-in lacks a permission that Adloom needs."),
    404: (NotFound, "X does not find this account or entity."),
    410: (VersionSunset, "X has switched off the version that this connector speaks."),
}
_TOO_MANY = {"TOO_MANY_REQUESTS", "88"}
_SCOPES = ("x-rate-limit", "x-account-rate-limit", "x-cost-rate-limit")


def error_of(reply: Reply) -> PlatformError | None:
    """The error that a reply stands for."""
    if reply.status < 400:
        # Where tokens are given, X calls its forms web pages; other answers are checked when they are decoded.
        is_page = reply.is_html and reply.path == "/report-download"
        return SchemaDrift("X sent a web page instead of data.", reply.path) if is_page else None
    problem = _problem(reply)
    is_busy = reply.status == 503 and reply.method == "GET" and reply.retry_at()
    if reply.status == 429 or is_busy or _code(reply, problem) in _TOO_MANY:
        return RateLimited("X asks to wait.", _code(reply, problem), retry_at=_told_at(reply))
    if problem is None:
        return reply.error_by_status()
    code = _code(reply, problem)
    if reply.status >= 500:
        return Transient(f"X has trouble (HTTP {reply.status}).", code)
    words = (problem.message or "no reason given").rstrip(".")
    fallback = _BY_STATUS.get(reply.status, (BadRequest, f"X refuses the request: {words}."))
    kind, sentence = _BY_CODE.get(code, fallback)
    return BadRequest(sentence, code, field=problem.parameter or "") if kind is BadRequest else kind(sentence, code)


def throttle_of(reply: Reply) -> Throttle | None:
    """Wait for the instant that a used-up budget names."""
    until = _reset_at(reply)
    return Throttle(until=until) if until else None


def _reset_at(reply: Reply) -> datetime | None:
    """When the last of the budgets that are used up is whole again."""
    instants = []
    for scope in _SCOPES:
        reset = reply.headers.get(f"{scope}-reset", "")
        if reply.headers.get(f"{scope}-remaining") == "0" and reset.isdigit():
            instants.append(datetime.fromtimestamp(int(reset), UTC))
    return max(instants, default=None)


def _told_at(reply: Reply) -> datetime | None:
    """When a refused call may be sent again: where no budget is told to be used up, the next one that begins anew."""
    resets = [reply.headers.get(f"{scope}-reset", "") for scope in _SCOPES]
    instants = [datetime.fromtimestamp(int(reset), UTC) for reset in resets if reset.isdigit()]
    return _reset_at(reply) or reply.retry_at() or max(instants, default=None)


def _code(reply: Reply, problem: Problem | None) -> str:
    return str(problem.code) if problem and problem.code is not None else f"HTTP {reply.status}"


def _problem(reply: Reply) -> Problem | None:
    try:
        found = msgspec.json.decode(reply.content, type=Refusal)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
    return found.errors[0] if found.errors else None
