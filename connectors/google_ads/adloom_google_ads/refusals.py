"""What Google's refusals mean. They come as an object, from streams as a list with that object, and after parts that were good."""

import re
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from msgspec.structs import replace

from adloom_google_ads.manifest import SCOPE
from adloom_google_ads.wire import Failure, Problem, QuotaDetails, Refusal
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
    Transient,
    VersionSunset,
)

_DELAY = re.compile(r"(\d+(?:\.\d+)?)s$")
_DAY_QUOTA = "RESOURCE_EXHAUSTED"
_QUOTA_GROUP = "quotaError"
# A used-up day is told with hours to wait or with none at all; a wait of seconds is for calls that come too fast.
_SHORT_WAIT, _UNTOLD_WAIT = timedelta(minutes=15), timedelta(hours=1)
_EXPIRED = "The Google sign-in has expired."
_REVOKED = "Access to Google Ads was withdrawn."
_UNREACHED = "This sign-in does not reach the Google Ads account, or not through the manager account that was named."
_TOKEN = "Google does not accept this installation's developer token."  # noqa: S105 - a sentence
_MANAGER = "This is a manager account, which has no numbers of its own: connect the accounts below it."
_UNAPPROVED = "Google has not approved this installation's app for live accounts."
_MEANINGS: dict[str, tuple[type[PlatformError], str]] = {
    "OAUTH_TOKEN_EXPIRED": (AuthExpired, _EXPIRED),
    "OAUTH_TOKEN_INVALID": (AuthExpired, _EXPIRED),
    "OAUTH_TOKEN_HEADER_INVALID": (AuthExpired, _EXPIRED),
    "AUTHENTICATION_ERROR": (AuthExpired, _EXPIRED),
    "OAUTH_TOKEN_REVOKED": (AuthRevoked, _REVOKED),
    "OAUTH_TOKEN_DISABLED": (AuthRevoked, _REVOKED),
    "GOOGLE_ACCOUNT_DELETED": (AuthRevoked, "This Google account no longer exists."),
    "TWO_STEP_VERIFICATION_NOT_ENROLLED": (AuthRevoked, "Google wants two-step verification on this Google account."),
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": (ScopeMissing, "The Google sign-in does not grant access to Google Ads."),
    "NOT_ADS_USER": (NotFound, "This Google account has no Google Ads account."),
    "CUSTOMER_NOT_FOUND": (NotFound, "Google Ads does not find this account."),
    "USER_PERMISSION_DENIED": (NotFound, _UNREACHED),
    "INVALID_LOGIN_CUSTOMER_ID": (NotFound, _UNREACHED),
    "RESOURCE_NOT_FOUND": (NotFound, "Google Ads does not find this entity."),
    "REQUESTED_METRICS_FOR_MANAGER": (NotFound, _MANAGER),
    "CUSTOMER_NOT_ENABLED": (AccountDisabled, "This Google Ads account is not enabled, or was closed."),
    "ACTION_NOT_PERMITTED_FOR_SUSPENDED_ACCOUNT": (AccountDisabled, "Google has suspended this account."),
    "DEVELOPER_TOKEN_NOT_APPROVED": (AppNotApproved, _UNAPPROVED),
    "DEVELOPER_TOKEN_NOT_ON_ALLOWLIST": (AppNotApproved, _UNAPPROVED),
    "DEVELOPER_TOKEN_PROHIBITED": (AppNotApproved, _UNAPPROVED),
    "INCOMPLETE_SIGNUP": (AppNotApproved, "The owner of the developer token has not finished signing up for the API."),
    "DEVELOPER_TOKEN_INVALID": (AppMisconfigured, _TOKEN),
    "DEVELOPER_TOKEN_PARAMETER_MISSING": (AppMisconfigured, _TOKEN),
    "PROJECT_DISABLED": (AppMisconfigured, "The installation's Google Cloud project is disabled."),
    "SERVICE_DISABLED": (AppMisconfigured, "The Google Ads API is off in the installation's Google Cloud project."),
    "UNSUPPORTED_VERSION": (VersionSunset, "Google has switched off the version that this connector speaks."),
    "CONCURRENT_MODIFICATION": (Conflict, "Somebody else is changing this at the same time."),
    "RESPONSE_TOO_LARGE": (TooMuchData, "Google refuses so large an answer."),
}
# Groups of failures whose new codes still say, by their status, who must act.
_WHO_GROUPS = {"", "authenticationError", "authorizationError"}
_STATUS_OF = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}
_BY_STATUS: dict[str, tuple[type[PlatformError], str]] = {
    "UNAUTHENTICATED": (AuthExpired, "The Google sign-in is no longer valid."),
    "PERMISSION_DENIED": (NotFound, _UNREACHED),
    "NOT_FOUND": (NotFound, "Google Ads does not find this."),
    "UNAVAILABLE": (Transient, "Google has trouble."),
    "INTERNAL": (Transient, "Google has trouble."),
    "DEADLINE_EXCEEDED": (Transient, "Google took too long."),
    "ABORTED": (Transient, "Google has trouble."),
}


def error_of(reply: Reply) -> PlatformError | None:
    """The error that a reply stands for."""
    if reply.status < 400:
        return None
    problem = _problem(reply)
    if problem is None:
        return reply.error_by_status()
    found = meaning(problem if problem.code else replace(problem, code=reply.status), reply.received_at)
    if not found.request_id:
        found.request_id = reply.headers.get("request-id", "")
    if isinstance(found, RateLimited) and found.retry_at is None:
        found.retry_at = reply.retry_at()
    return found


def meaning(problem: Problem, received_at: datetime) -> PlatformError:
    """The error of a refusal, be it of a whole reply or in the middle of a stream."""
    failure, request_id = _first_failure(problem)
    group, code = next(iter(failure.error_code.items()), ("", ""))
    code = code or next((detail.reason for detail in problem.details if detail.reason), "")
    if group == _QUOTA_GROUP or problem.status == _DAY_QUOTA or problem.code == 429:
        return _quota(problem, failure, code or problem.status, request_id, received_at)
    kind, sentence = _kind(problem, failure, group, code)
    if kind is BadRequest:
        return BadRequest(sentence, code or problem.status, request_id, field=_field(failure))
    if kind is ScopeMissing:
        return ScopeMissing(sentence, code, request_id, scope=SCOPE)
    return kind(sentence, code or problem.status, request_id)


def _kind(problem: Problem, failure: Failure, group: str, code: str) -> tuple[type[PlatformError], str]:
    if code in _MEANINGS:
        return _MEANINGS[code]
    if group == "internalError" or problem.code >= 500:
        return Transient, "Google has trouble."
    status = problem.status or _STATUS_OF.get(problem.code, "")
    if group in _WHO_GROUPS and status in _BY_STATUS:
        return _BY_STATUS[status]
    return BadRequest, f"Google refuses the request: {failure.message or problem.message or 'no reason given'}"


def _quota(problem: Problem, failure: Failure, code: str, request_id: str, received_at: datetime) -> RateLimited:
    """The day's operations are used up, or calls come too fast; the body tells how long to wait, as "30s"."""
    told = (failure.details and failure.details.quota_error_details) or QuotaDetails()
    delay = told.retry_delay or next((detail.retry_delay for detail in problem.details if detail.retry_delay), None)
    found = _DELAY.match(delay or "")
    wait = timedelta(seconds=float(found[1])) if found else None
    retry_at = received_at + wait if wait else None
    scope: Literal["account", "app", "day"] = "app" if told.rate_scope == "DEVELOPER" else "account"
    if failure.error_code.get(_QUOTA_GROUP) == _DAY_QUOTA and (wait is None or wait > _SHORT_WAIT):
        scope, retry_at = "day", retry_at or received_at + _UNTOLD_WAIT
    return RateLimited("Google asks to wait.", code, request_id, retry_at=retry_at, scope=scope)


def _first_failure(problem: Problem) -> tuple[Failure, str]:
    for detail in problem.details:
        if detail.errors:
            return detail.errors[0], detail.request_id
    return Failure(), ""


def _field(failure: Failure) -> str:
    elements = failure.location.field_path_elements if failure.location else []
    return ".".join(element.field_name for element in elements if element.field_name)


def _problem(reply: Reply) -> Problem | None:
    try:
        found = msgspec.json.decode(reply.content, type=Refusal | list[Refusal])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
    if isinstance(found, Refusal):
        return found.error
    return found[0].error if found else None
