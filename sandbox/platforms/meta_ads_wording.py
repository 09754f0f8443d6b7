"""How Meta words its refusals: nearly always HTTP 400, told apart by code and subcode."""

from typing import Any

import msgspec

from adloom_sdk.testing.fakes import Answer, Why


class Refused(Exception):
    """The call is wrong; the answer says how."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("refused")
        self.answer = answer


def throttled(retry_after_s: float) -> Answer:
    """Waits of a minute and more are told in minutes, in one header, shorter ones in seconds, in another."""
    words = "(#80000) There have been too many calls from this ad-account. Wait a bit and try again."
    if retry_after_s >= 60:
        row = {"type": "ads_insights", "call_count": 100, "total_cputime": 20, "total_time": 20}
        minutes = -int(-retry_after_s // 60)
        use = {
            "1506473679510495": [
                row | {"estimated_time_to_regain_access": minutes, "ads_api_access_tier": "standard_access"}
            ]
        }
        headers = {"x-business-use-case-usage": text(use)}
    else:
        wait = {"acc_id_util_pct": 100, "reset_time_duration": -int(-retry_after_s // 1)}
        headers = {"x-ad-account-usage": text(wait | {"ads_api_access_tier": "standard_access"})}
    return error(words, 80000, 2446079, headers=headers)


def text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def error(
    message: str,
    code: int,
    subcode: int | None = None,
    *,
    status: int = 400,
    is_transient: bool = False,
    user_msg: str = "",
    headers: dict[str, str] | None = None,
) -> Answer:
    body: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code}
    if subcode is not None:
        body["error_subcode"] = subcode
    if is_transient:
        body["is_transient"] = True
    if user_msg:
        body |= {"error_user_title": "Invalid parameter", "error_user_msg": user_msg}
    return Answer({"error": body | {"fbtrace_id": f"A{code:x}fake"}}, status=status, headers=headers or {})


REFUSALS: dict[str, tuple[str, int, int | None]] = {
    "no_token": ("Invalid OAuth access token - Cannot parse access token", 190, None),
    "expired": ("Error validating access token: Session has expired on Friday, 20-Nov-26 04:00:00 PST.", 190, 463),
    "revoked": ("Error validating access token: The user has not authorized application 1.", 190, 458),
    "scope": ("(#200) Ad account owner has NOT grant ads_management or ads_read permission", 200, None),
    "app_not_approved": ("(#3) Application does not have the capability to make this API call.", 3, None),
    "account_disabled": ("(#200) The ad account is disabled.", 200, 1487194),
    "not_found": (
        "Unsupported get request. Object with this ID does not exist or cannot be loaded due to missing permissions",
        100,
        33,
    ),
    "bad_request": ("(#100) Invalid parameter", 100, None),
    "sunset": ("(#2635) You are calling a deprecated version of the Ads API. Please update to the latest version: v26.0.", 2635, None),
}  # fmt: skip


def refusal(why: Why, retry_after_s: float, detail: str) -> Answer:
    """A refusal of the kind that every platform has."""
    if why == "throttled":
        return throttled(retry_after_s)
    if why == "server_error":
        words = "An unexpected error has occurred. Please retry your request later."
        return error(words, 2, status=500, is_transient=True)
    message, code, subcode = REFUSALS[why]
    return error(f"{message} {detail}".strip() if why == "bad_request" else message, code, subcode)
