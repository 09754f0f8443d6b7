"""What LinkedIn's statuses, codes and service error codes mean."""

from datetime import timedelta

import msgspec

from adloom_linkedin_ads import wire
from adloom_sdk import Reply
from adloom_sdk.errors import (
    AccountDisabled,
    AppMisconfigured,
    AppNotApproved,
    AuthExpired,
    AuthRevoked,
    BadRequest,
    Conflict,
    NotFound,
    PlatformError,
    RateLimited,
    ScopeMissing,
    TooMuchData,
    VersionSunset,
)

_CODES: dict[str, tuple[type[PlatformError], str]] = {
    "EXPIRED_ACCESS_TOKEN": (AuthExpired, "The LinkedIn sign-in has run out."),
    "65602": (AuthExpired, "The LinkedIn sign-in has run out."),
    "REVOKED_ACCESS_TOKEN": (AuthRevoked, "LinkedIn access was withdrawn."),
    "65601": (AuthRevoked, "LinkedIn access was withdrawn."),
    "INVALID_ACCESS_TOKEN": (AuthRevoked, "LinkedIn does not accept this sign-in."),
    "65600": (AuthRevoked, "LinkedIn does not accept this sign-in."),
    "EMPTY_ACCESS_TOKEN": (AuthExpired, "The LinkedIn sign-in is missing."),
    "65604": (AuthExpired, "The LinkedIn sign-in is missing."),
    "invalid_client": (AppMisconfigured, "LinkedIn does not accept this installation's client id and secret."),
    "NONEXISTENT_VERSION": (VersionSunset, "LinkedIn has switched off the version that this connector speaks."),
    "VERSION_MISSING": (VersionSunset, "LinkedIn wants the version of its API to be named."),
}
_STATUSES: dict[int, tuple[type[PlatformError], str]] = {
    404: (NotFound, "LinkedIn does not find this."),
    409: (Conflict, "Somebody else is changing this at LinkedIn."),
}
_APP_WORDS = ("not approved", "application is not", "app is not", "unpermitted product", "developer application")
_SCOPES = ("r_ads_reporting", "rw_ads", "r_ads")


def error_of(reply: Reply) -> PlatformError | None:
    """The error in a reply; None below 400."""
    if reply.status < 400:
        return None
    try:
        told = msgspec.json.decode(reply.content, type=wire.Refusal)
    except msgspec.DecodeError:
        return reply.error_by_status()
    request_id = reply.headers.get("x-li-uuid", "")
    code = str(told.code or told.service_error_code or f"HTTP {reply.status}")
    for name in (str(told.code), str(told.service_error_code)):
        if name in _CODES:
            kind, sentence = _CODES[name]
            return kind(sentence, code, request_id)
    return _by_status(reply, told, code, request_id)


def _by_status(reply: Reply, told: wire.Refusal, code: str, request_id: str) -> PlatformError | None:
    words = (told.message or "").lower()
    if reply.status == 429:
        return _throttled(reply, words, code, request_id)
    if reply.status == 403:
        return _forbidden(words, code, request_id)
    if reply.status in {413, 414} or any(
        one in words for one in ("too large", "too much data", "exceeds the limit of")
    ):
        return TooMuchData("LinkedIn refuses so large a report.", code, request_id)
    if reply.status in _STATUSES:
        kind, sentence = _STATUSES[reply.status]
        return kind(sentence, code, request_id)
    if reply.status in {400, 422}:
        reason = (told.message or "no reason given").rstrip(".")
        return BadRequest(f"LinkedIn refuses the request: {reason}.", code, request_id, field=_field(told))
    return reply.error_by_status(code=code, request_id=request_id)


def _forbidden(words: str, code: str, request_id: str) -> PlatformError:
    if any(one in words for one in _APP_WORDS):
        return AppNotApproved("LinkedIn has not approved this installation's app for ads.", code, request_id)
    if any(one in words for one in ("restricted", "on hold", "account is canceled", "account has been")):
        return AccountDisabled("LinkedIn has restricted this ad account.", code, request_id)
    scope = next((one for one in _SCOPES if one in words), "")
    return ScopeMissing("The LinkedIn sign-in lacks a permission that Adloom needs.", code, request_id, scope=scope)


def _throttled(reply: Reply, words: str, code: str, request_id: str) -> RateLimited:
    """Quotas are per day and end at midnight UTC; short ones name no end."""
    sentence = "LinkedIn asks to wait."
    if "day limit" in words or "daily" in words or "per day" in words:
        now = reply.received_at
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return RateLimited(sentence, code, request_id, retry_at=midnight, scope="day")
    return RateLimited(sentence, code, request_id, retry_at=reply.retry_at(), scope="app")


def _field(told: wire.Refusal) -> str:
    for error in (told.error_details.input_errors if told.error_details else None) or ():
        if error.input and error.input.input_path and error.input.input_path.field_path:
            return error.input.input_path.field_path
    return ""
