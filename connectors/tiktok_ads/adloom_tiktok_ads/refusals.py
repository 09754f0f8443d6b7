"""What TikTok's error codes mean. They come with HTTP 200, so every reply's body is looked at."""

from datetime import datetime, timedelta

import msgspec

from adloom_sdk import Reply
from adloom_sdk.errors import (
    AccountDisabled,
    AppMisconfigured,
    AppNotApproved,
    AuthExpired,
    AuthRevoked,
    BadRequest,
    NotFound,
    PartialFailure,
    PlatformError,
    RateLimited,
    ScopeMissing,
    TooMuchData,
    Transient,
    VersionSunset,
)
from adloom_tiktok_ads import wire

_CODES: dict[int, tuple[type[PlatformError], str]] = {
    20001: (PartialFailure, "TikTok carried out a part of the request only."),
    40101: (AppMisconfigured, "TikTok does not accept this installation's app id and secret."),
    40102: (AuthExpired, "The TikTok sign-in has run out."),
    40103: (AuthRevoked, "The TikTok sign-in has run out and cannot be renewed."),
    40104: (AuthExpired, "The TikTok sign-in is missing."),
    40105: (AuthRevoked, "TikTok no longer accepts this sign-in."),
    40106: (AuthRevoked, "TikTok does not know who signed in."),
    40107: (AuthRevoked, "TikTok no longer accepts this sign-in."),
    40110: (AuthRevoked, "TikTok's sign-in code was used before, or is older than an hour."),
    40113: (AppNotApproved, "TikTok has not approved this installation's app for this."),
    40115: (AppNotApproved, "TikTok has not approved this installation's app for this."),
    40118: (AppNotApproved, "TikTok has not approved this installation's app, or has suspended it."),
    40201: (Transient, "TikTok could not prepare the report."),
}
# Most refusals are 40002 and differ by their words only.
_WORDS: tuple[tuple[tuple[str, ...], type[PlatformError], str], ...] = (
    (("not exist", "not found", "doesn't exist"), NotFound, "TikTok does not find this."),
    (
        ("version is no longer", "deprecated", "api version"),
        VersionSunset,
        "TikTok has switched off the version that this connector speaks.",
    ),
    (
        ("date range", "time range", "time span", "too much data", "too many rows"),
        TooMuchData,
        "TikTok refuses so large a report.",
    ),
    (
        ("105%", "105 %"),
        BadRequest,
        "TikTok wants a daily budget of at least 105 % of what was spent today.",
    ),
)
_THROTTLED = {40016, 40100, 40132, 40133}
_FIELDS = ("budget", "operation_status", "campaign_id", "advertiser_id", "page_size", "metrics", "dimensions")


def error_of(reply: Reply) -> PlatformError | None:
    """The error in a reply; None where `code` is 0."""
    try:
        told = msgspec.json.decode(reply.content, type=wire.Envelope)
        code = int(told.code)
    except (msgspec.DecodeError, ValueError):
        return reply.error_by_status()
    message, request_id = told.message or "", told.request_id or ""
    if code == 0:
        return reply.error_by_status(request_id=request_id)
    if code in _THROTTLED or reply.status == 429:
        return _throttled(reply, code, message.lower(), request_id)
    kind, sentence = _CODES.get(code) or _by_words(code, message.lower())
    if kind is BadRequest:
        sentence = sentence or f"TikTok refuses the request: {(message or 'no reason given').rstrip('.')}."
        return BadRequest(sentence, str(code), request_id, field=_field(message.lower()))
    return kind(sentence, str(code), request_id)


def _by_words(code: int, words: str) -> tuple[type[PlatformError], str]:
    if code >= 50000:
        return Transient, "TikTok has trouble."
    if code == 40001:
        return _permission(words)
    for signs, kind, sentence in _WORDS:
        if any(sign in words for sign in signs):
            return kind, sentence
    return BadRequest, ""


def _permission(words: str) -> tuple[type[PlatformError], str]:
    if any(one in words for one in ("disabled", "suspended", "punish", "closed", "frozen")):
        return AccountDisabled, "TikTok has disabled this ad account."
    if any(one in words for one in ("allowlist", "whitelist", "approved", "under review")):
        return AppNotApproved, "TikTok has not approved this installation's app for this."
    return ScopeMissing, "The TikTok sign-in lacks a permission that Adloom needs, or no longer reaches the ad account."


def _throttled(reply: Reply, code: int, words: str, request_id: str) -> RateLimited:
    """TikTok names no time; per minute and per day the end of the span is known."""
    sentence = "TikTok asks to wait."
    if code == 40133 or "per day" in words or "qpd" in words or "daily" in words:
        ends_at = _next(reply.received_at, timedelta(days=1))
        return RateLimited(sentence, str(code), request_id, retry_at=ends_at, scope="day")
    retry_at = reply.retry_at()
    if code == 40132 or "per minute" in words or "qpm" in words:
        retry_at = retry_at or _next(reply.received_at, timedelta(minutes=1))
    return RateLimited(sentence, str(code), request_id, retry_at=retry_at, scope="app")


def _next(now: datetime, span: timedelta) -> datetime:
    """Where the next minute or day (UTC) begins."""
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return start + ((now - start) // span + 1) * span


def _field(words: str) -> str:
    return next((name for name in _FIELDS if name in words), "")
