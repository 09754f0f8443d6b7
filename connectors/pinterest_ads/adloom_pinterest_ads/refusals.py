"""What Pinterest's refusals mean, and what its headers say of the calls that are left."""

from datetime import datetime, timedelta

import msgspec

from adloom_pinterest_ads.wire import Problem
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

_RATE_CODE = 8
# Words of Pinterest's messages and what they stand for; its codes are shared by several situations.
_MEANINGS: tuple[tuple[tuple[str, ...], type[PlatformError], str], ...] = (
    (
        ("consumer type", "not approved", "trial access"),
        AppNotApproved,
        "Pinterest has not approved this installation's app for ads.",
    ),
    (("missing:", "scope"), ScopeMissing, "The Pinterest sign-in lacks a permission that Adloom needs."),
    (("disabled", "suspended", "deactivated", "closed"), AccountDisabled, "Pinterest has disabled this ad account."),
    (("revoked",), AuthRevoked, "Access to Pinterest was withdrawn."),
    (
        ("no longer supported", "deprecated version"),
        VersionSunset,
        "Pinterest has switched off the version that this connector speaks.",
    ),
    (("not found", "does not exist"), NotFound, "Pinterest does not find this account or entity."),
    (("too much data", "reduce the"), TooMuchData, "Pinterest refuses so large an answer."),
)


def error_of(reply: Reply) -> PlatformError | None:
    """The error that a reply stands for."""
    if reply.status < 400:
        return None
    problem = _problem(reply)
    if problem is None:
        return reply.error_by_status()
    return meaning(problem, reply)


def meaning(problem: Problem, reply: Reply) -> PlatformError:
    """The error of a refusal's code and words, be it of a call or of one item of it."""
    code, words = str(problem.code or ""), (problem.message or "").lower()
    request_id = reply.headers.get("x-pinterest-rid", "")
    if reply.status == 429 or code == str(_RATE_CODE):
        return RateLimited("Pinterest asks to wait.", code, request_id, retry_at=_retry_at(reply))
    for known, kind, sentence in _MEANINGS:
        if any(word in words for word in known):
            return kind(sentence, code, request_id)
    kind, sentence = _by_status(reply.status)
    if kind is BadRequest:
        reason = (problem.message or "no reason given").rstrip(".")
        sentence = f"Pinterest refuses the request: {reason}."
    return kind(sentence, code, request_id)


def _by_status(status: int) -> tuple[type[PlatformError], str]:
    """What a status stands for where neither code nor words say more."""
    if status >= 500:
        return Transient, f"Pinterest has trouble (HTTP {status})."
    known: dict[int, tuple[type[PlatformError], str]] = {
        401: (AuthExpired, "The Pinterest sign-in is no longer valid."),
        403: (ScopeMissing, "The Pinterest sign-in lacks a permission that Adloom needs."),
        404: (NotFound, "Pinterest does not find this account or entity."),
        408: (Transient, "Pinterest took too long."),
        426: (VersionSunset, "Pinterest has switched off the version that this connector speaks."),
    }
    return known.get(status, (BadRequest, ""))


def throttle_of(reply: Reply) -> Throttle | None:
    """The budget of the call's category: what is left, and in how many seconds it is whole again."""
    remaining, reset_s = _seconds(reply, "x-ratelimit-remaining"), _seconds(reply, "x-ratelimit-reset")
    if remaining is None or reset_s is None:
        return None
    return Throttle(until=reply.received_at + timedelta(seconds=reset_s) if remaining < 1 else None)


def _retry_at(reply: Reply) -> datetime | None:
    reset_s = _seconds(reply, "x-ratelimit-reset")
    return reply.received_at + timedelta(seconds=reset_s) if reset_s is not None else reply.retry_at()


def _seconds(reply: Reply, name: str) -> float | None:
    """The first number of a header; Pinterest may list several windows after it."""
    value = reply.headers.get(name, "").partition(",")[0].strip()
    return float(value) if value.replace(".", "", 1).isdigit() else None


def _problem(reply: Reply) -> Problem | None:
    try:
        return msgspec.json.decode(reply.content, type=Problem)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
