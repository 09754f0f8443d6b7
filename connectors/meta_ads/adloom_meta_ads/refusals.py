"""What Meta's refusals mean, and what its headers say of the call budget."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from adloom_meta_ads.wire import Problem, Refusal
from adloom_sdk import Reply, Throttle
from adloom_sdk.errors import (
    AccountDisabled,
    AppMisconfigured,
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

Meaning = tuple[type[PlatformError], str]
_REFUSED = re.compile(rb"\s*\{\s*\"error\"\s*:")
_APP_LIMITS, _CALL_LIMITS = {4}, {613}
_RATE_CODES = {4, 17, 32, 613, *range(80000, 80010)}
_TRANSIENT_CODES = {1, 2, 99, 104, 960}
_TOO_MUCH_SUBCODES = {1487534, 1504018}
_USED_UP_PERCENT = 100.0
_USED_UP_PAUSE_S = 60.0
_EXPIRED = "The Meta sign-in has expired."
_REVOKED = "Access to Meta was withdrawn."
_SIGN_INS: dict[int, Meaning] = {
    458: (AuthRevoked, _REVOKED),
    459: (AuthRevoked, "Facebook wants this person to sign in there first."),
    460: (AuthRevoked, "The Facebook password was changed, which ends the sign-in."),
    463: (AuthExpired, _EXPIRED),
    464: (AuthRevoked, "This Facebook account is not confirmed."),
    467: (AuthExpired, "The Meta sign-in is no longer valid."),
}
_CODES: dict[int, Meaning] = {
    3: (AppNotApproved, "Meta has not approved this installation's app for ads."),
    12: (VersionSunset, "Meta has switched off the version that this connector speaks."),
    101: (AppMisconfigured, "Meta does not know this installation's app."),
    102: (AuthExpired, _EXPIRED),
    190: (AuthExpired, "The Meta sign-in is no longer valid."),
    368: (AccountDisabled, "Meta has blocked this ad account."),
    803: (NotFound, "Meta does not find this account or entity."),
    2635: (VersionSunset, "Meta has switched off the version that this connector speaks."),
}
# Where a code stands for several situations, Meta's words decide.
_WORDS: tuple[tuple[tuple[str, ...], type[PlatformError], str], ...] = (
    (("reduce the amount of data",), TooMuchData, "Meta refuses so large an answer."),
    (("appsecret_proof",), AppMisconfigured, "This installation's app demands signed calls: turn “Require app secret” off at Meta."),
    (("validating client secret", "validating application"), AppMisconfigured, "Meta does not accept this installation's app."),
    (("verification code", "authorization code"), AuthRevoked, "Meta no longer accepts this sign-in. Begin again."),
    (("account is disabled", "account has been disabled"), AccountDisabled, "Meta has disabled this ad account."),
    (("application does not have permission", "development mode"), AppNotApproved, "Meta has not approved this installation's app for ads."),
    (("missing permission",), ScopeMissing, "The Meta sign-in lacks a permission that Adloom needs."),
)  # fmt: skip
_SCOPES = ("ads_management", "ads_read", "business_management")


def error_of(reply: Reply) -> PlatformError | None:
    """The error that a reply stands for."""
    if reply.status < 400 and not _REFUSED.match(reply.content):
        return None
    problem = _problem(reply)
    if problem is None:
        return reply.error_by_status()
    code = str(problem.code) + (f"/{problem.error_subcode}" if problem.error_subcode else "")
    request_id = problem.fbtrace_id or reply.headers.get("x-fb-trace-id", "")
    if _whole(problem.code) in _RATE_CODES or reply.status == 429:
        retry_at = _wait_until(reply, is_refused=True)
        return RateLimited("Meta asks to wait.", code, request_id, retry_at=retry_at, scope=_scope(problem))
    kind, sentence = _meaning(problem, reply.status)
    if kind is BadRequest and reply.status not in {200, 400}:
        return reply.error_by_status(code=code, request_id=request_id)
    if kind is ScopeMissing:
        return ScopeMissing(sentence, code, request_id, scope=_named_scope(problem.message or ""))
    return kind(sentence, code, request_id)


def throttle_of(reply: Reply) -> Throttle | None:
    """The budget that is used, and until when to wait where it is used up. Meta tells it in four headers and three units."""
    used = [percent for percent, _ in _usages(reply)]
    if not used:
        return None
    return Throttle(until=_wait_until(reply), used=max(used) / 100)


def _meaning(problem: Problem, status: int) -> Meaning:
    code = _whole(problem.code)
    known = _by_subcode(code, _whole(problem.error_subcode)) or _by_words(problem) or _by_code(code)
    if known:
        return known
    if problem.is_transient or code in _TRANSIENT_CODES or status >= 500:
        return Transient, "Meta has trouble."
    told = problem.error_user_msg or problem.message or "no reason given"
    return BadRequest, f"Meta refuses the request: {told}"


def _by_subcode(code: int, subcode: int) -> Meaning | None:
    if subcode in _TOO_MUCH_SUBCODES:
        return TooMuchData, "Meta refuses so large an answer."
    if code == 100 and subcode == 33:
        return NotFound, "Meta does not find this account or entity, or the sign-in may not see it."
    return _SIGN_INS.get(subcode) if code == 190 else None


def _by_words(problem: Problem) -> Meaning | None:
    words = (problem.message or "").lower()
    return next(((kind, told) for known, kind, told in _WORDS if any(word in words for word in known)), None)


def _by_code(code: int) -> Meaning | None:
    if code == 10 or 200 <= code <= 299:
        return ScopeMissing, "The Meta sign-in lacks a permission that Adloom needs."
    return _CODES.get(code)


def _scope(problem: Problem) -> Literal["call", "account", "app", "day"]:
    code = _whole(problem.code)
    if code in _APP_LIMITS:
        return "app"
    return "call" if code in _CALL_LIMITS else "account"


def _named_scope(words: str) -> str:
    return next((scope for scope in _SCOPES if scope in words), "")


def _wait_until(reply: Reply, *, is_refused: bool = False) -> datetime | None:
    """The latest time that any header tells; to a call that was refused, also where it calls the budget not quite used up."""
    waits = [wait_s for _, wait_s in _usages(reply, is_refused=is_refused) if wait_s > 0]
    return reply.received_at + timedelta(seconds=max(waits)) if waits else reply.retry_at()


def _usages(reply: Reply, *, is_refused: bool = False) -> Iterator[tuple[float, float]]:
    """Percent used and seconds to wait, of every header."""
    for app in _objects(reply, "x-app-usage"):
        yield _used(max(_number(app.get(name)) for name in ("call_count", "total_time", "total_cputime")))
    for account in _objects(reply, "x-ad-account-usage"):
        percent, reset_s = _number(account.get("acc_id_util_pct")), _number(account.get("reset_time_duration"))
        yield (percent, reset_s) if is_refused and reset_s else _used(percent, reset_s)
    for business in _objects(reply, "x-business-use-case-usage"):
        for rows in business.values():
            for row in rows if isinstance(rows, list) else [rows]:
                yield _business_use(row) if isinstance(row, dict) else (0.0, 0.0)
    for insights in _objects(reply, "x-fb-ads-insights-throttle"):
        yield _used(max(_number(insights.get(name)) for name in ("app_id_util_pct", "acc_id_util_pct")))


def _business_use(row: dict[str, Any]) -> tuple[float, float]:
    """This header alone tells minutes, and tells them only to those who must wait."""
    percent = max(_number(row.get(name)) for name in ("call_count", "total_time", "total_cputime"))
    minutes = _number(row.get("estimated_time_to_regain_access"))
    return percent, minutes * 60 if minutes else _used(percent)[1]


def _used(percent: float, reset_s: float = 0.0) -> tuple[float, float]:
    return percent, (reset_s or _USED_UP_PAUSE_S) if percent >= _USED_UP_PERCENT else 0.0


def _objects(reply: Reply, name: str) -> Iterator[dict[str, Any]]:
    """The JSON in a header: an object, or a list of them."""
    try:
        found = msgspec.json.decode(reply.headers.get(name, "{}"))
    except msgspec.DecodeError:
        return
    yield from (one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict) and one)


def _number(value: Any) -> float:
    try:
        return float(value) if isinstance(value, int | float | str) else 0.0
    except ValueError:
        return 0.0


def _whole(value: Any) -> int:
    """A code, which has been seen as text too; 0 where there is none."""
    return int(_number(value))


def _problem(reply: Reply) -> Problem | None:
    try:
        return msgspec.json.decode(reply.content, type=Refusal).error
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
