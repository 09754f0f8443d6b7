"""What Microsoft's refusals mean: its codes stand in one of three lists of the body, whatever the HTTP status."""

from datetime import timedelta

import msgspec

from adloom_microsoft_ads.wire import OperationError, Refusal
from adloom_sdk import Reply
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
    TooMuchData,
    Transient,
    VersionSunset,
)

_MINUTE = timedelta(seconds=60)
_TOO_MANY = {"117", "204", "207"}
_NUMBERS = {
    "InternalError": "0",
    "InvalidCredentials": "105",
    "UserIsNotAuthorized": "106",
    "AuthenticationTokenExpired": "109",
    "CallRateExceeded": "117",
    "ConcurrentRequestOverLimit": "207",
}
# By number; which number stands for the name where Microsoft gives the name only is in `_NUMBERS`.
_KINDS: dict[str, tuple[type[PlatformError], str]] = {
    "0": (Transient, "Microsoft Advertising has trouble."),
    "105": (AuthExpired, "Microsoft no longer accepts the sign-in."),
    "109": (AuthExpired, "The Microsoft sign-in has expired."),
    "106": (ScopeMissing, "The Microsoft sign-in lacks a permission that Adloom needs."),
    "CampaignServiceAccountNotActive": (AccountDisabled, "Microsoft has closed or paused this account."),
    "AccountNotActive": (AccountDisabled, "Microsoft has closed or paused this account."),
    "CustomerAccountInactive": (AccountDisabled, "Microsoft has closed or paused this account."),
    "1100": (NotFound, "Microsoft does not find this campaign."),
    "1102": (NotFound, "Microsoft does not find this account."),
    "CampaignServiceInvalidCampaignId": (NotFound, "Microsoft does not find this campaign."),
    "CampaignServiceInvalidAccountId": (NotFound, "Microsoft does not find this account."),
    "ReportingServiceInvalidReportId": (NotFound, "Microsoft no longer has this report."),
    "UnsupportedVersion": (VersionSunset, "Microsoft has switched off this version of its API."),
    "ReportingServiceReportTooLarge": (TooMuchData, "Microsoft refuses so large a report."),
}


def error_of(reply: Reply) -> PlatformError | None:
    """The error that a reply stands for."""
    if reply.status < 400:
        if reply.is_html:
            return SchemaDrift("Microsoft sent a web page instead of data.", reply.path)
        return _inner_error(reply)
    found = _inner_error(reply)
    if found is None and reply.status == 429:
        return RateLimited(
            "Microsoft asks to wait.", "HTTP 429", retry_at=reply.retry_at() or reply.received_at + _MINUTE
        )
    return found or reply.error_by_status()


def _code_of(error: OperationError) -> str:
    """Its name; its number where it has none."""
    return error.error_code or str(error.code if error.code is not None else "")


def meaning(error: OperationError, request_id: str = "", otherwise: PlatformError | None = None) -> PlatformError:
    """The class of one of Microsoft's errors, by its name or its number; `otherwise` where nobody knows either."""
    name, words, code = error.error_code or "", error.message or "", _code_of(error)
    if "developer token" in words.lower():
        return AppNotApproved("Microsoft has not approved this installation's app.", code, request_id)
    known = _KINDS.get(name) or _KINDS.get(_number_of(error))
    if known is None:
        return otherwise or BadRequest("Microsoft refuses the request.", code, request_id)
    return known[0](known[1], code, request_id)


def _number_of(error: OperationError) -> str:
    """Its number, also where only the name tells; 0 beside a name that nobody knows tells nothing."""
    number = str(error.code if error.code is not None else "")
    return _NUMBERS.get(error.error_code or "", "" if error.error_code and number == "0" else number)


def _inner_error(reply: Reply) -> PlatformError | None:
    if b"Errors" not in reply.content or reply.path == "/report-download":
        return None
    try:
        refusal = msgspec.json.decode(reply.content, type=Refusal)
    except msgspec.DecodeError:
        return None
    first = refusal.first()
    if first is None:
        return None
    request_id = refusal.tracking_id or ""
    if _number_of(first) in _TOO_MANY:
        # The limit is per minute, and the reply does not tell when the minute ends.
        retry_at = reply.retry_at() or reply.received_at + _MINUTE
        return RateLimited("Microsoft asks to wait.", _code_of(first), request_id, retry_at=retry_at)
    by_status = reply.error_by_status(code=_code_of(first), request_id=request_id)
    return meaning(first, request_id, None if isinstance(by_status, NotFound) else by_status)
