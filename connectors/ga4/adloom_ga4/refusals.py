"""What Google's refusals mean, and when an empty budget of tokens fills again."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from adloom_ga4.wire import Envelope, Quota, Refusal, Status
from adloom_sdk import Reply, Throttle
from adloom_sdk.errors import (
    AccountDisabled,
    AppNotApproved,
    AuthExpired,
    BadRequest,
    NotFound,
    PlatformError,
    RateLimited,
    SchemaDrift,
    ScopeMissing,
    Transient,
)

# Google's days of quota end at midnight there.
_QUOTA_ZONE = ZoneInfo("America/Los_Angeles")
_CONCURRENCY_PAUSE = timedelta(seconds=10)
_KINDS: dict[str, tuple[type[PlatformError], str]] = {
    "UNAUTHENTICATED": (AuthExpired, "Google no longer accepts the sign-in."),
    "PERMISSION_DENIED": (NotFound, "Your Google sign-in does not reach this property."),
    "NOT_FOUND": (NotFound, "Google does not find this property."),
    "INVALID_ARGUMENT": (BadRequest, "Google Analytics refuses the question."),
    "INTERNAL": (Transient, "Google Analytics has trouble."),
    "UNAVAILABLE": (Transient, "Google Analytics has trouble."),
    "DEADLINE_EXCEEDED": (Transient, "Google Analytics took too long."),
    "ABORTED": (Transient, "Google Analytics has trouble."),
}
_REASONS: dict[str, tuple[type[PlatformError], str]] = {
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": (ScopeMissing, "The Google sign-in does not let Adloom read Analytics."),
    "SERVICE_DISABLED": (
        AppNotApproved,
        "Google Analytics is not switched on for this installation's app.",
    ),
    "ACCOUNT_STATE_INVALID": (AccountDisabled, "Google has closed this property."),
}


def error_of(reply: Reply) -> PlatformError | None:
    """The error that a reply stands for."""
    if reply.status < 400:
        return SchemaDrift("Google sent a web page instead of data.", reply.path) if reply.is_html else None
    status = _status(reply)
    if status is None:
        return reply.error_by_status()
    reason = next((str(one["reason"]) for one in status.details if "reason" in one), "")
    if status.status == "RESOURCE_EXHAUSTED":
        return _exhausted(reply, status)
    found = _REASONS.get(reason or _reason_in(status.message)) or _KINDS.get(status.status)
    if found is None:
        return reply.error_by_status(code=reason or status.status)
    kind, sentence = found
    return kind(sentence, reason or status.status)


def _reason_in(message: str) -> str:
    """The reason by Google's words, where it stands in no detail."""
    words = message.lower()
    if "insufficient authentication scopes" in words:
        return "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    return "SERVICE_DISABLED" if "has not been used in project" in words else ""


def throttle_of(reply: Reply) -> Throttle | None:
    """A budget that is empty closes the property until it fills again."""
    if b'"propertyQuota"' not in reply.content:
        return None
    try:
        quota = msgspec.json.decode(reply.content, type=Envelope).property_quota
    except msgspec.DecodeError:
        return None
    if quota and _is_empty(quota.tokens_per_day):
        return Throttle(until=_next_midnight(reply.received_at))
    if quota and (_is_empty(quota.tokens_per_hour) or _is_empty(quota.tokens_per_project_per_hour)):
        return Throttle(until=_next_hour(reply.received_at))
    return None


def _exhausted(reply: Reply, status: Status) -> RateLimited:
    """Only the words tell which budget is empty."""
    words, code = status.message.lower(), status.status
    if "per day" in words:
        until = _next_midnight(reply.received_at)
        return RateLimited("Google's budget for today is used up.", code, retry_at=until, scope="day")
    if "concurrent" in words:
        until = reply.retry_at() or _delayed(reply, status) or reply.received_at + _CONCURRENCY_PAUSE
        return RateLimited("Google asks to wait.", code, retry_at=until)
    until = reply.retry_at() or _delayed(reply, status) or _next_hour(reply.received_at)
    return RateLimited("Google's budget for this hour is used up.", code, retry_at=until)


def _delayed(reply: Reply, status: Status) -> datetime | None:
    """What a detail of the body tells to wait, such as "30s"."""
    told = (str(one["retryDelay"]).removesuffix("s") for one in status.details if "retryDelay" in one)
    delay = next((one for one in told if one.replace(".", "", 1).isdigit()), None)
    return None if delay is None else reply.received_at + timedelta(seconds=float(delay))


def _is_empty(quota: Quota | None) -> bool:
    """Whether another call like the last would be refused."""
    return quota is not None and quota.remaining is not None and quota.remaining < max(1, quota.consumed)


def _next_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _next_midnight(now: datetime) -> datetime:
    local = now.astimezone(_QUOTA_ZONE) + timedelta(days=1)
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def _status(reply: Reply) -> Status | None:
    try:
        return msgspec.json.decode(reply.content, type=Refusal).error
    except msgspec.DecodeError:
        return None
