"""What Reddit's refusals mean, and what its headers say of the calls that are left."""

from datetime import datetime, timedelta

import msgspec

from adloom_reddit_ads.wire import Problem, Refusal
from adloom_sdk import Reply, Throttle
from adloom_sdk.errors import (
    AccountDisabled,
    AppNotApproved,
    AuthExpired,
    AuthRevoked,
    BadRequest,
    NotFound,
    PlatformError,
    RateLimited,
    ScopeMissing,
    TooMuchData,
    Transient,
    VersionSunset,
)

# Words of Reddit's messages and what they stand for; its codes only repeat the HTTP status.
_MEANINGS: tuple[tuple[tuple[str, ...], type[PlatformError], str], ...] = (
    (
        ("allowlist", "not approved", "whitelist"),
        AppNotApproved,
        "Reddit has not approved this installation's app for ads.",
    ),
    (("scope",), ScopeMissing, "The Reddit sign-in lacks a permission that Adloom needs."),
    (("suspended", "banned", "disabled"), AccountDisabled, "Reddit has stopped this ad account."),
    (("revoked",), AuthRevoked, "Access to Reddit was withdrawn."),
    (
        ("no longer supported", "sunset"),
        VersionSunset,
        "Reddit has switched off the version that this connector speaks.",
    ),
    (("too many rows", "too much data"), TooMuchData, "Reddit refuses so large an answer."),
)
# The others are about access: elsewhere, such words speak of something else ("tracking is disabled").
_ANYWHERE = {VersionSunset, TooMuchData}
_BY_STATUS: dict[int, tuple[type[PlatformError], str]] = {
    401: (AuthExpired, "The Reddit sign-in is no longer valid."),
    403: (ScopeMissing, "The Reddit sign-in lacks a permission that Adloom needs."),
    404: (NotFound, "Reddit does not find this account or entity."),
    410: (VersionSunset, "Reddit has switched off the version that this connector speaks."),
    413: (TooMuchData, "Reddit refuses so large an answer."),
}


def error_of(reply: Reply) -> PlatformError | None:
    """The error that a reply stands for."""
    if reply.status < 400:
        return None
    if reply.status == 429:
        return RateLimited("Reddit asks to wait.", "429", retry_at=_retry_at(reply))
    problem = _problem(reply)
    if problem is None:
        return reply.error_by_status()
    told = problem.message or problem.explanation or ""
    code, words = str(problem.code or reply.status), told.lower()
    for known, kind, sentence in _MEANINGS:
        may_be = kind in _ANYWHERE or reply.status in {401, 403}
        if may_be and any(word in words for word in known):
            return kind(sentence, code)
    if reply.status >= 500:
        return Transient(f"Reddit has trouble (HTTP {reply.status}).", code)
    reason = (told or "no reason given").rstrip(".")
    kind, sentence = _BY_STATUS.get(reply.status, (BadRequest, f"Reddit refuses the request: {reason}."))
    return kind(sentence, code)


def throttle_of(reply: Reply) -> Throttle | None:
    """How many calls are left, and in how many seconds the count begins anew."""
    remaining, reset_s = _number(reply, "x-ratelimit-remaining"), _number(reply, "x-ratelimit-reset")
    if remaining is None or reset_s is None:
        return None
    return Throttle(until=reply.received_at + timedelta(seconds=reset_s) if remaining < 1 else None)


def _retry_at(reply: Reply) -> datetime | None:
    reset_s = _number(reply, "x-ratelimit-reset")
    return reply.received_at + timedelta(seconds=reset_s) if reset_s is not None else reply.retry_at()


def _number(reply: Reply, name: str) -> float | None:
    value = reply.headers.get(name, "")
    return float(value) if value.replace(".", "", 1).isdigit() else None


def _problem(reply: Reply) -> Problem | None:
    try:
        found = msgspec.json.decode(reply.content, type=Refusal)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
    return found.error if isinstance(found.error, Problem) else Problem(code=found.error, message=found.message)
