"""How Google words its refusals."""

from typing import Any

from adloom_sdk.testing.fakes import Answer, Why

_TYPE = "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure"
_STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}
_STATUS |= {429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}
_PAGE = b"<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title><p>The requested URL was not found on this server.</html>"
HTML_404 = Answer(content=_PAGE, status=404, headers={"content-type": "text/html; charset=UTF-8"})
_REFUSALS: dict[str, tuple[str, str, str, int]] = {
    "no_token": ("authenticationError", "OAUTH_TOKEN_INVALID", "Oauth token is not valid.", 401),
    "expired": ("authenticationError", "OAUTH_TOKEN_EXPIRED", "Oauth token has expired.", 401),
    "revoked": ("authenticationError", "OAUTH_TOKEN_REVOKED", "Oauth token was revoked.", 401),
    "app_not_approved": (
        "authorizationError",
        "DEVELOPER_TOKEN_NOT_APPROVED",
        "The developer token is only approved for use with test accounts.",
        403,
    ),
    "account_disabled": (
        "authorizationError",
        "CUSTOMER_NOT_ENABLED",
        "The customer account can't be accessed because it is not yet enabled or has been deactivated.",
        403,
    ),
    "not_found": ("authenticationError", "CUSTOMER_NOT_FOUND", "No customer found for the provided customer id.", 401),
    "bad_request": ("requestError", "INVALID_INPUT", "Request is invalid.", 400),
    "server_error": ("internalError", "INTERNAL_ERROR", "An internal error has occurred.", 500),
}


def refused(why: Why, retry_after_s: float, detail: str) -> Answer:
    """A refusal of the kind that every platform has."""
    if why == "throttled":
        return throttled(retry_after_s)
    if why == "scope":
        return _without_scope()
    group, code, message, status = _REFUSALS[why]
    return failure(group, code, f"{message} {detail}".strip(), status=status)


def failure(
    group: str, code: str, message: str, *, status: int = 400, field: str = "", details: dict[str, Any] | None = None
) -> Answer:
    """A failure of Google Ads."""
    error: dict[str, Any] = {"errorCode": {group: code}, "message": message}
    if field:
        error["location"] = {"fieldPathElements": [{"fieldName": "operations", "index": 0}, {"fieldName": field}]}
    if details:
        error["details"] = details
    return _error(
        status, "Request contains an invalid argument.", [{"@type": _TYPE, "errors": [error], "requestId": "fake"}]
    )


def throttled(retry_after_s: float) -> Answer:
    """Too many calls; how long to wait stands in the body only."""
    quota = {"rateScope": "ACCOUNT", "rateName": "Requests per second", "retryDelay": f"{-int(-retry_after_s // 1)}s"}
    words = "Too many requests. Retry later."
    code = "RESOURCE_TEMPORARILY_EXHAUSTED"
    return failure("quotaError", code, words, status=429, details={"quotaErrorDetails": quota})


def _without_scope() -> Answer:
    """Said by Google's APIs in general, before Google Ads sees the call."""
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}
    return _error(403, "Request had insufficient authentication scopes.", [info | {"domain": "googleapis.com"}])


def _error(status: int, message: str, details: list[dict[str, Any]]) -> Answer:
    error = {"code": status, "message": message, "status": _STATUS[status], "details": details}
    return Answer({"error": error}, status=status)
