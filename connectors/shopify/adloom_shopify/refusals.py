"""What Shopify's refusals mean. Most come with HTTP 200 and a code inside; the call budget is told in every reply."""

from datetime import timedelta
from typing import Any

import msgspec

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
    TooMuchData,
    Transient,
    VersionSunset,
)
from adloom_shopify.wire import Cost, Envelope

_KINDS: dict[str, tuple[type[PlatformError], str]] = {
    "ACCESS_DENIED": (ScopeMissing, "The Shopify sign-in does not let Adloom see the shop's orders."),
    "MAX_COST_EXCEEDED": (TooMuchData, "Shopify refuses so large a question."),
    "SHOP_INACTIVE": (AccountDisabled, "This shop is not active at Shopify."),
    "INTERNAL_SERVER_ERROR": (Transient, "Shopify has trouble."),
    "TIMEOUT": (Transient, "Shopify took too long."),
}
_STATUSES: dict[int, tuple[type[PlatformError], str]] = {
    401: (AuthExpired, "Shopify no longer accepts the sign-in, or the app was removed from the shop."),
    402: (AccountDisabled, "Shopify has frozen this shop: its plan has to be paid first."),
    404: (NotFound, "Shopify knows no shop of this name."),
    423: (AccountDisabled, "Shopify has locked this shop."),
}


def error_of(reply: Reply) -> PlatformError | None:
    """The error that a reply stands for."""
    request_id = reply.headers.get("x-request-id", "")
    if reply.status in _STATUSES:
        kind, words = _STATUSES[reply.status]
        return kind(words, f"HTTP {reply.status}", request_id)
    if reply.status >= 400:
        return reply.error_by_status(request_id=request_id)
    if reply.is_html:
        return SchemaDrift("Shopify sent a web page instead of data.", reply.path, request_id)
    return _version_error(reply) or _inner_error(reply, request_id)


def throttle_of(reply: Reply) -> Throttle | None:
    """When the next question as dear as this one can be paid for."""
    cost = _cost(reply)
    wait_s = _wait_s(cost)
    if cost is None or wait_s <= 0:
        return None
    return Throttle(until=reply.received_at + timedelta(seconds=wait_s))


def _version_error(reply: Reply) -> VersionSunset | None:
    """Shopify answers a retired version with the oldest that lives; then nobody knows whether the numbers still mean the same."""
    served, asked = reply.headers.get("x-shopify-api-version", ""), reply.path.removeprefix("/admin/api/")[:7]
    if not reply.path.startswith("/admin/api/") or served <= asked:
        return None
    return VersionSunset("Shopify has switched off the version that this connector speaks.", f"served {served}")


def _inner_error(reply: Reply, request_id: str) -> PlatformError | None:
    if b'"errors"' not in reply.content:
        return None
    envelope = _envelope(reply)
    first = _first(envelope.errors) if envelope else None
    if first is None:
        return None
    code, words = str(first.get("extensions", {}).get("code", "")), str(first.get("message", ""))
    if code == "THROTTLED":
        wait = timedelta(seconds=max(1.0, _wait_s(_cost(reply))))
        return RateLimited("Shopify asks to wait.", code, request_id, retry_at=reply.received_at + wait)
    if "not approved to access" in words:
        return AppNotApproved("Shopify has not approved this installation's app to read orders.", code, request_id)
    if code == "ACCESS_DENIED":
        return ScopeMissing(_KINDS[code][1], code, request_id, scope="read_orders")
    kind, sentence = _KINDS.get(code, (BadRequest, "Shopify refuses the question."))
    return kind(sentence, code or "errors", request_id)


def _first(errors: Any) -> dict[str, Any] | None:
    """The first error, whichever of its forms Shopify chose."""
    if isinstance(errors, list):
        errors = errors[0] if errors else None
    if isinstance(errors, dict):
        return errors
    return {"message": errors} if errors else None


def _wait_s(cost: Cost | None) -> float:
    status = cost.throttle_status if cost else None
    if cost is None or status is None or status.restore_rate <= 0:
        return 0.0
    return (cost.requested_query_cost - status.currently_available) / status.restore_rate


def _cost(reply: Reply) -> Cost | None:
    if b'"throttleStatus"' not in reply.content:
        return None
    envelope = _envelope(reply)
    return envelope.extensions.cost if envelope and envelope.extensions else None


def _envelope(reply: Reply) -> Envelope | None:
    """What can be read of the reply's frame; a cut body is the business of whoever reads the data."""
    try:
        return msgspec.json.decode(reply.content, type=Envelope)
    except msgspec.DecodeError:
        return None
