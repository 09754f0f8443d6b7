"""What Snapchat's statuses and messages mean, for a whole request and for one item of it."""

from datetime import UTC, datetime, timedelta

import msgspec

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
from adloom_snapchat_ads import wire

# Words are looked for in this order; codes differ between Snapchat's services.
_WORDS: tuple[tuple[tuple[str, ...], type[PlatformError], str], ...] = (
    (
        ("can not be found", "cannot be found", "not found", "does not exist"),
        NotFound,
        "Snapchat does not find this.",
    ),
    (
        ("date range", "time range", "exceeds 32", "too much data", "too many"),
        TooMuchData,
        "Snapchat refuses so large a report.",
    ),
    (("api version", "deprecated"), VersionSunset, "Snapchat has switched off the version that this connector speaks."),
    (
        ("below the minimum", "minimum daily budget", "budget is too low"),
        BadRequest,
        "Snapchat wants a higher daily budget.",
    ),
)
_FORBIDDEN: tuple[tuple[tuple[str, ...], type[PlatformError], str], ...] = (
    (
        ("disabled", "suspended", "inactive", "closed"),
        AccountDisabled,
        "Snapchat has disabled this ad account.",
    ),
    (
        ("allowlist", "whitelist", "approved", "app is not", "client is not"),
        AppNotApproved,
        "Snapchat has not approved this installation's app for ads.",
    ),
    (("revoked",), AuthRevoked, "Snapchat access was withdrawn."),
)
_STATUSES: dict[int, tuple[type[PlatformError], str]] = {
    404: (NotFound, "Snapchat does not find this."),
    408: (Transient, "Snapchat took too long."),
    410: (NotFound, "Snapchat does not find this any more."),
    426: (VersionSunset, "Snapchat has switched off the version that this connector speaks."),
    413: (TooMuchData, "Snapchat refuses so large a report."),
}
_FIELDS = ("daily_budget_micro", "lifetime_budget_micro", "start_time", "end_time", "status", "name", "fields", "limit")


def error_of(reply: Reply) -> PlatformError | None:
    """The error in a reply, whatever its status; failed items of a reply that succeeded are not looked for."""
    try:
        told = msgspec.json.decode(reply.content, type=wire.Refusal)
    except msgspec.DecodeError:
        return reply.error_by_status()
    words = " ".join(filter(None, (told.debug_message, told.display_message, told.msg)))
    code, request_id = told.error_code or "", told.request_id or ""
    if reply.status >= 400:
        return _by_status(reply, words, code or f"HTTP {reply.status}", request_id)
    status = (told.request_status or told.status or "").upper()
    has_failed = status.startswith(("ERROR", "FAIL")) and bool(words or code)
    return _meaning(words, code, request_id) if has_failed else None


def item_error(item: wire.Item, request_id: str) -> PlatformError:
    """Why an item failed though its request did not."""
    return _meaning(item.sub_request_error_reason or "", item.error_code or "", request_id)


def throttle_of(reply: Reply) -> Throttle | None:
    """What is left of the budget; nothing may be sent before it fills again."""
    left, limit = reply.headers.get("x-ratelimit-remaining", ""), reply.headers.get("x-ratelimit-limit", "")
    if not left.isdigit():
        return None
    used = 1 - int(left) / int(limit) if limit.isdigit() and int(limit) else None
    return Throttle(until=_reset_at(reply) if int(left) == 0 else None, used=used)


def _by_status(reply: Reply, words: str, code: str, request_id: str) -> PlatformError:
    if reply.status == 429:
        return RateLimited("Snapchat asks to wait.", code, request_id, retry_at=_reset_at(reply), scope="app")
    if reply.status in {401, 403}:
        return _forbidden(reply.status, words, code, request_id)
    if reply.status >= 500:
        return Transient("Snapchat has trouble.", code, request_id)
    if reply.status in _STATUSES:
        kind, sentence = _STATUSES[reply.status]
        return kind(sentence, code, request_id)
    return _meaning(words, code, request_id)


def _meaning(words: str, code: str, request_id: str) -> PlatformError:
    """What words without a status stand for."""
    lower = words.lower()
    for signs, kind, sentence in (*_WORDS, *_FORBIDDEN):
        if any(sign in lower for sign in signs):
            if kind is BadRequest:
                break
            return kind(sentence, code, request_id)
    else:
        sentence = f"Snapchat refuses the request: {(words or 'no reason given').rstrip('.')}."
    return BadRequest(sentence, code, request_id, field=next((name for name in _FIELDS if name in lower), ""))


def _forbidden(status: int, words: str, code: str, request_id: str) -> PlatformError:
    for signs, kind, sentence in _FORBIDDEN:
        if any(sign in words.lower() for sign in signs):
            return kind(sentence, code, request_id)
    if status == 401:
        return AuthExpired("The Snapchat sign-in has run out.", code, request_id)
    return ScopeMissing(
        "The Snapchat sign-in lacks a permission that Adloom needs, or its role is too small.", code, request_id
    )


def _reset_at(reply: Reply) -> datetime | None:
    """When the budget fills again: Retry-After, or a reset in seconds or as an instant."""
    told = reply.headers.get("x-ratelimit-reset", "")
    if reply.retry_at() or not told.replace(".", "", 1).isdigit():
        return reply.retry_at()
    seconds = float(told)
    return datetime.fromtimestamp(seconds, UTC) if seconds > 1e9 else reply.received_at + timedelta(seconds=seconds)
