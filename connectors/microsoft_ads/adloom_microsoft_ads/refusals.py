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
)

_MINUTE = timedelta(seconds=60)
_KINDS: dict[str, tuple[type[PlatformError], str]] = {
    "0": (Transient, "Microsoft Advertising has trouble."),
    "InternalError": (Transient, "Microsoft Advertising has trouble."),
    "105": (AuthExpired, "Microsoft no longer accepts the sign-in."),
    "109": (AuthExpired, "The sign-in to Microsoft has expired."),
    "106": (ScopeMissing, "Your Microsoft user may not do this in this account."),
    "CampaignServiceAccountNotActive": (AccountDisabled, "Microsoft has closed or paused this account."),
    "CustomerAccountInactive": (AccountDisabled, "Microsoft has closed or paused this account."),
    "1100": (NotFound, "Microsoft does not find this campaign."),
    "1102": (NotFound, "Microsoft does not find this account."),
    "CampaignServiceInvalidCampaignId": (NotFound, "Microsoft does not find this campaign."),
    "CampaignServiceInvalidAccountId": (NotFound, "Microsoft does not find this account."),
    "ReportingServiceInvalidReportId": (NotFound, "Microsoft no longer has this report."),
    "ReportingServiceReportTooLarge": (TooMuchData, "Microsoft refuses so large a report."),
}


def error_of(reply: Reply) -> PlatformError | None:
    """The error that a reply stands for."""
    if reply.status < 400:
        if reply.is_html:
            return SchemaDrift("Microsoft sent a web page where data were due.", reply.path)
        return _inner_error(reply)
    found = _inner_error(reply)
    if found is None and reply.status == 429:
        return RateLimited(
            "Microsoft asks to wait.", "HTTP 429", retry_at=reply.retry_at() or reply.received_at + _MINUTE
        )
    return found or reply.error_by_status()


def meaning(error: OperationError, request_id: str = "") -> PlatformError:
    """The class of one of Microsoft's errors, by its number or its name."""
    number, name, words = str(error.code if error.code is not None else ""), error.error_code or "", error.message or ""
    code = name or number
    if "developer token" in words.lower():
        return AppNotApproved("Microsoft does not accept this installation's developer token.", code, request_id)
    kind, sentence = _KINDS.get(name) or _KINDS.get(number) or (BadRequest, "Microsoft refuses the request.")
    return kind(sentence, code, request_id)


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
    if str(first.code) in {"117", "207"} or first.error_code in {"CallRateExceeded", "ConcurrentRequestOverLimit"}:
        # The limit is per minute, and the reply does not tell when the minute ends.
        retry_at = reply.retry_at() or reply.received_at + _MINUTE
        return RateLimited(
            "Microsoft asks to wait.", first.error_code or str(first.code), request_id, retry_at=retry_at
        )
    return meaning(first, request_id)
