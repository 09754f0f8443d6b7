"""Google Analytics 4: the Admin API's lists, the Data API's reports in columns of texts, and Google's sign-in."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs

from adloom_sdk.money import decimal_text
from adloom_sdk.records import AccountStatus
from adloom_sdk.testing.consent import CLIENT_ID, CLIENT_SECRET
from adloom_sdk.testing.fakes import Answer, FakePlatform, Request, Why, route
from adloom_sdk.testing.orders import OrderBook, Takings
from adloom_sdk.testing.world import World, WorldAccount

SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
_ACCOUNT = "accounts/393156152"
_MAX_ROWS = 250_000
_TOKENS_PER_HOUR, _TOKENS_PER_DAY, _COST = 40_000, 200_000, 11
_HTML = {"content-type": "text/html; charset=utf-8"}
_METRICS = {
    "totalRevenue": "TYPE_CURRENCY",
    "transactions": "TYPE_INTEGER",
    "firstTimePurchasers": "TYPE_INTEGER",
    "totalPurchasers": "TYPE_INTEGER",
    "sessions": "TYPE_INTEGER",
}
_DIMENSIONS = ("date", "sessionSourceMedium")
_REFUSALS: dict[str, tuple[int, str, str, str]] = {
    "no_token": (
        401,
        "UNAUTHENTICATED",
        "CREDENTIALS_MISSING",
        "Request is missing required authentication credential.",
    ),
    "expired": (401, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED", "Request had invalid authentication credentials."),
    "revoked": (
        401,
        "UNAUTHENTICATED",
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
        "Request had invalid authentication credentials.",
    ),
    "scope": (
        403,
        "PERMISSION_DENIED",
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "Request had insufficient authentication scopes.",
    ),
    "app_not_approved": (
        403,
        "PERMISSION_DENIED",
        "SERVICE_DISABLED",
        "Google Analytics Data API has not been used in this project before or it is disabled.",
    ),
    "account_disabled": (403, "PERMISSION_DENIED", "ACCOUNT_STATE_INVALID", "The property has been deleted."),
    "throttled": (429, "RESOURCE_EXHAUSTED", "", "Exhausted concurrent requests quota."),
    "not_found": (403, "PERMISSION_DENIED", "", "User does not have sufficient permissions for this property."),
    "bad_request": (400, "INVALID_ARGUMENT", "", "The request is not valid."),
    "server_error": (503, "UNAVAILABLE", "", "The service is currently unavailable."),
}


class GoogleAnalytics(FakePlatform):
    """Every account of the world is a property of one Analytics account."""

    key = "ga4"
    host_names = (
        "analyticsdata.googleapis.com",
        "analyticsadmin.googleapis.com",
        "oauth2.googleapis.com",
        "accounts.google.com",
    )
    read_scope = SCOPE
    write_scope = SCOPE

    def __init__(self, world: World, *, page_size: int = _MAX_ROWS, calls_per_second: float = 1000.0) -> None:
        super().__init__(world, page_size=page_size, calls_per_second=calls_per_second)
        self.book = OrderBook(world, refunds_have_own_day=True)
        self.tokens_left_in_hour = _TOKENS_PER_HOUR
        self._hour: datetime | None = None

    def refusal(self, why: Why, *, retry_after_s: float = 30.0, detail: str = "") -> Answer:
        """Google's words: a status in capitals, the reason in the details; a retired version is a web page."""
        if why == "sunset":
            page = b"<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title></html>"
            return Answer(content=page, status=404, headers=_HTML)
        status, name, reason, words = _REFUSALS[why]
        info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}
        error = {"code": status, "message": detail or words, "status": name} | ({"details": [info]} if reason else {})
        headers = {"retry-after": str(int(retry_after_s))} if why == "throttled" and not detail else {}
        return Answer({"error": error}, status=status, headers=headers)

    def knows(self, request: Request) -> bool:
        """Google's sign-in is one for all its products: here only what concerns Analytics."""
        if not super().knows(request):
            return False
        if request.path == "/token":
            return any(self.consent.has_issued(request.form.get(name, "")) for name in ("code", "refresh_token"))
        if request.path.startswith("/o/oauth2/"):
            return SCOPE in {**request.params, **request.form}.get("scope", "").split()
        return True

    # -- signing in --------------------------------------------------------------------------------------------------

    @route("GET", "/o/oauth2/v2/auth", is_open=True)
    def authorize(self, request: Request) -> Answer:
        """The page that asks for consent."""
        if request.params.get("client_id") != CLIENT_ID:
            return Answer(content=b"Error 401: invalid_client", status=401, headers=_HTML)
        scopes = tuple(request.params.get("scope", "").split())
        action = f"{request.mount}/o/oauth2/v2/decide"
        page = self.consent.page(platform="Google Analytics", action=action, params=request.params, scopes=scopes)
        return Answer(content=page, headers=_HTML)

    @route("POST", "/o/oauth2/v2/decide", is_open=True)
    def decide(self, request: Request) -> Answer:
        """Back to the app."""
        granted = tuple(parse_qs(request.body.decode()).get("grant", []))
        return Answer(status=302, headers={"location": self.consent.decide(request.form, granted)})

    @route("POST", "/token", is_open=True)
    def token(self, request: Request) -> Answer:
        """Tokens for a code; a refresh token stays, and is sent only the first time."""
        asked = request.form
        if (asked.get("client_id"), asked.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            words = "The provided client secret is invalid."
            return Answer({"error": "invalid_client", "error_description": words}, status=401)
        renewed = asked.get("grant_type") == "refresh_token"
        refresh, code = asked.get("refresh_token", ""), asked.get("code", "")
        issued = self.consent.refresh(refresh) if renewed else self.consent.redeem(code)
        if issued is None:
            words = "Token has been expired or revoked."
            return Answer({"error": "invalid_grant", "error_description": words}, status=400)
        body: dict[str, Any] = {"access_token": issued["access_token"], "expires_in": int(issued["expires_in"])}
        body |= {"scope": issued["scope"], "token_type": "Bearer"}
        return Answer(body if renewed else body | {"refresh_token": issued["refresh_token"]})

    # -- lists -------------------------------------------------------------------------------------------------------

    @route("GET", "/v1beta/accountSummaries")
    def summaries(self, request: Request) -> Answer:  # noqa: ARG002 - one account is one page
        """The Analytics accounts with the names of their properties."""
        properties = [
            {"property": f"properties/{one.id}", "displayName": one.name, "propertyType": "PROPERTY_TYPE_ORDINARY"}
            for one in self.world.accounts
        ]
        name = _ACCOUNT.replace("accounts", "accountSummaries")
        summary = {"name": name, "account": _ACCOUNT, "displayName": "Northwind", "propertySummaries": properties}
        return Answer({"accountSummaries": [summary]})

    @route("GET", "/v1beta/accounts")
    def plain_accounts(self, request: Request) -> Answer:  # noqa: ARG002 - one account, so one page
        """The account itself, without its properties."""
        times = {"createTime": "2022-04-30T09:23:12.843Z", "updateTime": "2022-04-30T09:23:12.843Z"}
        return Answer({"accounts": [{"name": _ACCOUNT, **times, "displayName": "Northwind", "regionCode": "PL"}]})

    @route("GET", "/v1beta/properties")
    def properties(self, request: Request) -> Answer:
        """The properties of an account, a page of them."""
        asked = request.params
        if asked.get("filter") != f"parent:{_ACCOUNT}":
            return self.refusal("not_found")
        shown = [_property(one) for one in self.world.accounts]
        if asked.get("showDeleted") != "true":
            shown = [one for one in shown if "deleteTime" not in one]
        start = int(asked.get("pageToken") or 0)
        end = start + min(self.page_size, int(asked.get("pageSize", 50)))
        return Answer({"properties": shown[start:end]} | ({"nextPageToken": str(end)} if end < len(shown) else {}))

    # -- reports -----------------------------------------------------------------------------------------------------

    @route("POST", "/v1beta/properties/{name}")
    def run_report(self, request: Request, name: str) -> Answer:
        """A report; its address ends in :runReport."""
        account = self.world.account(name.removesuffix(":runReport"))
        if account is None or not name.endswith(":runReport"):
            return self.refusal("not_found")
        if account.status is AccountStatus.DISABLED:
            return self.refusal("account_disabled")
        asked = request.json()
        dimensions = [one["name"] for one in asked.get("dimensions", [])]
        metrics = [one["name"] for one in asked.get("metrics", [])]
        wrong = [one for one in [*dimensions, *metrics] if one not in {*_DIMENSIONS, *_METRICS}]
        if asked.get("currencyCode", account.currency) != account.currency:
            return self.refusal("bad_request", detail="This property is not told in another currency.")
        if wrong or int(asked.get("limit", 10_000)) > _MAX_ROWS:
            return self.refusal("bad_request", detail=f"Field {wrong[0]} is not a valid metric." if wrong else "")
        if not self._pay():
            words = "Exhausted property tokens per hour. These quota tokens will return in under an hour."
            return self.refusal("throttled", detail=words)
        return Answer(self._report(account, asked, dimensions, metrics))

    def _report(
        self, account: WorldAccount, asked: dict[str, Any], dimensions: list[str], metrics: list[str]
    ) -> dict[str, Any]:
        window = asked["dateRanges"][0]
        rows = list(self._rows(account, date.fromisoformat(window["startDate"]), date.fromisoformat(window["endDate"])))
        offset = int(asked.get("offset", 0))
        page = rows[offset : offset + min(self.page_size, int(asked.get("limit", 10_000)))]
        body: dict[str, Any] = {
            "dimensionHeaders": [{"name": name} for name in dimensions],
            "metricHeaders": [{"name": name, "type": _METRICS[name]} for name in metrics],
        }
        if page:
            body["rows"] = [
                {
                    "dimensionValues": [{"value": row[name]} for name in dimensions],
                    "metricValues": [{"value": row[name]} for name in metrics],
                }
                for row in page
            ]
        if rows:
            body["rowCount"] = len(rows)
        body["metadata"] = {"currencyCode": account.currency, "timeZone": account.timezone}
        if asked.get("returnPropertyQuota"):
            body["propertyQuota"] = self._quota()
        return body | {"kind": "analyticsData#runReport"}

    def _rows(self, account: WorldAccount, since: date, until: date) -> Iterator[dict[str, str]]:
        """Rows by day and source. What has no source stands under two of Analytics' names for that."""
        found = self.book.by_source(account, since, until)
        for (day, source), takings in sorted(found.items()):
            if source:
                yield _row(day, source, takings)
            else:
                unsold = Takings(sessions=takings.sessions)
                sold = Takings(
                    takings.revenue_micros, takings.orders, takings.new_customers, takings.returning_customers
                )
                yield _row(day, "(data not available)", sold)
                yield _row(day, "(not set)", unsold)

    def _pay(self) -> bool:
        """Take a report's tokens out of the hour's budget."""
        hour = self.world.clock.now().replace(minute=0, second=0, microsecond=0)
        if hour != self._hour and self._hour is not None:
            self.tokens_left_in_hour = _TOKENS_PER_HOUR
        self._hour = hour
        if self.tokens_left_in_hour < _COST:
            return False
        self.tokens_left_in_hour -= _COST
        return True

    def _quota(self) -> dict[str, Any]:
        return {
            "tokensPerDay": {"consumed": _COST, "remaining": _TOKENS_PER_DAY - _COST},
            "tokensPerHour": {"consumed": _COST, "remaining": self.tokens_left_in_hour},
            "concurrentRequests": {"remaining": 10},
            "serverErrorsPerProjectPerHour": {"remaining": 10},
            "potentiallyThresholdedRequestsPerHour": {"remaining": 120},
            "tokensPerProjectPerHour": {"consumed": _COST, "remaining": 14_000},
        }


def _property(account: WorldAccount) -> dict[str, Any]:
    body = {
        "name": f"properties/{account.id}",
        "parent": _ACCOUNT,
        "createTime": "2022-04-30T09:23:12.843Z",
        "updateTime": "2022-04-30T09:23:12.843Z",
        "displayName": account.name,
        "timeZone": account.timezone,
        "currencyCode": account.currency,
        "serviceLevel": "GOOGLE_ANALYTICS_STANDARD",
        "account": _ACCOUNT,
        "propertyType": "PROPERTY_TYPE_ORDINARY",
    }
    is_deleted = account.status is AccountStatus.DISABLED
    return body | ({"deleteTime": "2024-01-01T00:00:00Z"} if is_deleted else {})


def _row(day: date, source: str, takings: Takings) -> dict[str, str]:
    """Everything is text; money is in whole units."""
    return {
        "date": f"{day:%Y%m%d}",
        "sessionSourceMedium": source,
        "totalRevenue": decimal_text(takings.revenue_micros),
        "transactions": str(takings.orders),
        "firstTimePurchasers": str(takings.new_customers),
        "totalPurchasers": str(takings.new_customers + takings.returning_customers),
        "sessions": str(takings.sessions),
    }
