"""What Amazon's refusals mean: the status says most, the words the rest."""

import msgspec

from adloom_amazon_ads.wire import Refusal
from adloom_sdk import Reply
from adloom_sdk.errors import (
    AccountDisabled,
    AppMisconfigured,
    AppNotApproved,
    AuthExpired,
    BadRequest,
    NotFound,
    PlatformError,
    RateLimited,
    SchemaDrift,
    ScopeMissing,
    Transient,
    VersionSunset,
)

_STATUSES: dict[int, tuple[type[PlatformError], str]] = {
    400: (BadRequest, "Amazon refuses the request."),
    401: (AuthExpired, "Amazon no longer accepts the sign-in."),
    403: (ScopeMissing, "The Amazon sign-in lacks a permission that Adloom needs."),
    404: (NotFound, "Amazon does not find this."),
    406: (VersionSunset, "Amazon has switched off the version that this connector speaks."),
    410: (VersionSunset, "Amazon has switched off the version that this connector speaks."),
    415: (VersionSunset, "Amazon has switched off the version that this connector speaks."),
    422: (BadRequest, "Amazon refuses the request."),
}
# Words by which refusals of the same status are told apart.
_WORDS: tuple[tuple[str, type[PlatformError], str], ...] = (
    ("not approved", AppNotApproved, "Amazon has not approved this installation's app for ads."),
    ("invalid client", AppMisconfigured, "Amazon does not accept this installation's app."),
    ("suspended", AccountDisabled, "Amazon has suspended this account."),
)


def error_of(reply: Reply) -> PlatformError | None:
    """The error that a reply stands for."""
    if reply.status < 400:
        return SchemaDrift("Amazon sent a web page instead of data.", reply.path) if reply.is_html else None
    refusal = _refusal(reply)
    request_id = reply.headers.get("x-amz-request-id", "")
    code = str(refusal.code or f"HTTP {reply.status}")
    if reply.status == 429:
        return RateLimited("Amazon asks to wait.", code, request_id, retry_at=reply.retry_at())
    words = refusal.words().lower()
    for mark, kind, sentence in _WORDS:
        if reply.status in {401, 403} and mark in words:
            return kind(sentence, code, request_id)
    if reply.status >= 500:
        return Transient("Amazon has trouble.", code, request_id)
    if reply.is_html or reply.status not in _STATUSES:
        return reply.error_by_status(code=code, request_id=request_id)
    kind, sentence = _STATUSES[reply.status]
    return kind(sentence, code, request_id)


def _refusal(reply: Reply) -> Refusal:
    try:
        return msgspec.json.decode(reply.content, type=Refusal)
    except msgspec.DecodeError:
        return Refusal()
