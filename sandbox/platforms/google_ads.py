"""The Google Ads API over REST, with Google's sign-in, over a made-up advertiser.

One account is reached directly, all others through a manager (two of them through a manager below it). Queries and rows are in
`google_ads_query` and `google_ads_bodies`.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any
from urllib.parse import parse_qs

from adloom_sdk.money import minor_digits
from adloom_sdk.records import AccountStatus, EntityStatus
from adloom_sdk.testing.bench import DEVELOPER_TOKEN
from adloom_sdk.testing.consent import CLIENT_ID, CLIENT_SECRET
from adloom_sdk.testing.fakes import Answer, FakePlatform, Request, Why, route
from adloom_sdk.testing.world import World, WorldAccount
from sandbox.platforms import google_ads_bodies as bodies
from sandbox.platforms.google_ads_query import BadQuery, Query, parsed
from sandbox.platforms.google_ads_wording import HTML_404, failure, refused

SCOPE = "https://www.googleapis.com/auth/adwords"
OLDEST_VERSION, LATEST_VERSION = 23, 26
_HTML = {"content-type": "text/html; charset=utf-8"}
_LEVELS = {"campaign": "campaign", "ad_group": "ad_group", "ad_group_ad": "ad"}
_SERVICES = {"campaigns": "campaign", "adGroups": "ad_group", "adGroupAds": "ad"}


class GoogleAds(FakePlatform):
    """googleads.googleapis.com, and the hosts of Google's sign-in. `page_size` is how many rows a part of a stream has."""

    key = "google_ads"
    host_names = ("googleads.googleapis.com", "oauth2.googleapis.com", "accounts.google.com")
    read_scope = SCOPE
    write_scope = SCOPE
    token_lifetime_s = 3600

    def __init__(self, world: World, *, page_size: int = 100, calls_per_second: float = 1000.0) -> None:
        super().__init__(world, page_size=page_size, calls_per_second=calls_per_second)
        self.day_quota: int | None = None

    def refusal(self, why: Why, *, retry_after_s: float = 30.0, detail: str = "") -> Answer:
        """Google's words."""
        return HTML_404 if why == "sunset" else refused(why, retry_after_s, detail)

    def undressed(self, shown_id: str) -> str:
        """Customer ids have ten digits."""
        return shown_id.removeprefix(bodies.PREFIX)

    def usage_headers(self, request: Request) -> dict[str, str]:
        """Google tells nothing of the budget."""
        return {"request-id": self.new_id()} if request.path.startswith("/v") else {}

    def knows(self, request: Request) -> bool:
        """Google's sign-in is one for all its products: here only what concerns Google Ads."""
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
        """The page on which a person lets the app in."""
        asked = request.params
        if asked.get("client_id") != CLIENT_ID:
            return Answer(content=b"<html><body>Error 401: invalid_client</body></html>", status=401, headers=_HTML)
        scopes = tuple(asked.get("scope", "").split())
        action = f"{request.mount}/o/oauth2/v2/decide"
        return Answer(
            content=self.consent.page(platform="Google", action=action, params=asked, scopes=scopes), headers=_HTML
        )

    @route("POST", "/o/oauth2/v2/decide", is_open=True)
    def decide(self, request: Request) -> Answer:
        """Back to the app."""
        granted = tuple(parse_qs(request.body.decode()).get("grant", []))
        return Answer(status=302, headers={"location": self.consent.decide(request.form, granted)})

    @route("POST", "/token", is_open=True)
    def token(self, request: Request) -> Answer:
        """Tokens for a code; a new access token for the refresh token, which stays as it is and is not told again."""
        asked = request.form
        if (asked.get("client_id"), asked.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return Answer(
                {"error": "invalid_client", "error_description": "The OAuth client was not found."}, status=401
            )
        is_refresh = asked.get("grant_type") == "refresh_token"
        if is_refresh:
            issued = self.consent.refresh(asked.get("refresh_token", ""))
        else:
            issued = self.consent.redeem(asked.get("code", ""))
        if issued is None:
            words = "Token has been expired or revoked." if is_refresh else "Malformed auth code."
            return Answer({"error": "invalid_grant", "error_description": words}, status=400)
        body: dict[str, Any] = {"access_token": issued["access_token"], "expires_in": int(issued["expires_in"])}
        body |= {"scope": issued["scope"], "token_type": "Bearer"}
        return Answer(body if is_refresh else body | {"refresh_token": issued["refresh_token"]})

    # -- reading -----------------------------------------------------------------------------------------------------

    @route("GET", "/{version}/customers:listAccessibleCustomers")
    def accessible(self, request: Request, version: str) -> Answer:
        """The accounts reached directly."""
        names = [f"customers/{one}" for one in bodies.directly_reached(self.world)]
        return self._checked(request, version, lambda: Answer({"resourceNames": names}))

    @route("POST", "/{version}/customers/{customer}/googleAds:searchStream")
    def stream(self, request: Request, version: str, customer: str) -> Answer:
        """Answer a query with all of its rows, in parts."""
        answer = self._checked(request, version, lambda: self._stream(request, customer))
        is_error = answer.content is None and isinstance(answer.body, dict)
        return Answer([answer.body], status=answer.status, headers=answer.headers) if is_error else answer

    @route("POST", "/{version}/customers/{customer}/googleAds:search")
    def search(self, request: Request, version: str, customer: str) -> Answer:
        """Answer a query with its first rows and the token of the next page."""
        return self._checked(request, version, lambda: self._search(request, customer))

    # -- changes -----------------------------------------------------------------------------------------------------

    @route("POST", "/{version}/customers/{customer}/campaignBudgets:mutate", is_write=True)
    def mutate_budgets(self, request: Request, version: str, customer: str) -> Answer:
        """Change budgets."""
        return self._checked(request, version, lambda: self._mutate(request, customer, "campaignBudgets"))

    @route("POST", "/{version}/customers/{customer}/campaigns:mutate", is_write=True)
    def mutate_campaigns(self, request: Request, version: str, customer: str) -> Answer:
        """Change campaigns."""
        return self._checked(request, version, lambda: self._mutate(request, customer, "campaigns"))

    @route("POST", "/{version}/customers/{customer}/adGroups:mutate", is_write=True)
    def mutate_ad_groups(self, request: Request, version: str, customer: str) -> Answer:
        """Change ad groups."""
        return self._checked(request, version, lambda: self._mutate(request, customer, "adGroups"))

    @route("POST", "/{version}/customers/{customer}/adGroupAds:mutate", is_write=True)
    def mutate_ads(self, request: Request, version: str, customer: str) -> Answer:
        """Change ads."""
        return self._checked(request, version, lambda: self._mutate(request, customer, "adGroupAds"))

    # -- parts of answers --------------------------------------------------------------------------------------------

    def _checked(self, request: Request, version: str, answer: Callable[[], Answer]) -> Answer:
        number = version.removeprefix("v")
        if not number.isdigit() or not OLDEST_VERSION <= int(number) <= LATEST_VERSION:
            return HTML_404
        token = request.headers.get("developer-token")
        if token != DEVELOPER_TOKEN:
            code = "DEVELOPER_TOKEN_INVALID" if token else "DEVELOPER_TOKEN_PARAMETER_MISSING"
            return failure("authenticationError", code, "The developer token is not valid.", status=401)
        try:
            return answer()
        except BadQuery as wrong:
            return failure("queryError", wrong.code, str(wrong))

    def _stream(self, request: Request, customer: str) -> Answer:
        if isinstance(found := self._found(request, customer), Answer):
            return found
        query, rows = found
        told = {"fieldMask": query.mask, "requestId": self.new_id(), "queryResourceConsumption": "96"}
        parts = []
        while part := list(islice(rows, self.page_size)):
            parts.append({"results": part, **told})
        return Answer(parts or ([] if query.is_segmented else [told]))

    def _search(self, request: Request, customer: str) -> Answer:
        if isinstance(found := self._found(request, customer), Answer):
            return found
        query, rows = found
        start = int(request.json().get("pageToken") or 0)
        part = list(islice(rows, start, start + self.page_size + 1))
        body: dict[str, Any] = {
            "results": part[: self.page_size],
            "fieldMask": query.mask,
            "queryResourceConsumption": "96",
        }
        if len(part) > self.page_size:
            body["nextPageToken"] = str(start + self.page_size)
        return Answer(body)

    def _found(self, request: Request, customer: str) -> tuple[Query, Iterator[dict[str, Any]]] | Answer:
        query = parsed(request.json().get("query", ""))
        if refusal := self._why_closed(request, customer):
            return refusal
        if query.source == "customer_client":
            return query, (query.shaped(row) for row in bodies.tree(self.world, customer) if query.admits(row))
        account = self.world.account(self.undressed(customer))
        if account is None:
            words = "Metrics cannot be requested for a manager account."
            return (
                failure("queryError", "REQUESTED_METRICS_FOR_MANAGER", words)
                if query.is_segmented
                else (query, iter(()))
            )
        return query, islice(self._rows(account, query), query.limit)

    def _rows(self, account: WorldAccount, query: Query) -> Iterator[dict[str, Any]]:
        book = bodies.opened(self.world, account)
        entities = [(one, bodies.entity(book, one)) for one in self.world.entities(account, _LEVELS[query.source])]
        shown = [(one, row) for one, row in entities if query.admits(row)]
        if not query.is_segmented:
            yield from (query.shaped(row) for _, row in shown)
            return
        for day in _days(query):
            for one, row in shown:
                numbers = self.world.numbers(account, one, day)
                if not numbers.is_nothing:
                    yield query.shaped(row | bodies.metrics(one, day, numbers))

    def _why_closed(self, request: Request, customer: str) -> Answer | None:
        """Whether the sign-in reaches the account, and through whom."""
        if customer not in bodies.customers(self.world):
            return failure(
                "authenticationError",
                "CUSTOMER_NOT_FOUND",
                "No customer found for the provided customer id.",
                status=401,
            )
        login = request.headers.get("login-customer-id", customer)
        if login not in bodies.directly_reached(self.world) or customer not in bodies.reached_through(
            self.world, login
        ):
            words = (
                "User doesn't have permission to access customer. Note: If you're accessing a client customer, the manager's "
                "customer id must be set in the 'login-customer-id' header."
            )
            return failure("authorizationError", "USER_PERMISSION_DENIED", words, status=403)
        account = self.world.account(self.undressed(customer))
        return self.refusal("account_disabled") if account and account.status is AccountStatus.DISABLED else None

    def _mutate(self, request: Request, customer: str, service: str) -> Answer:
        if refusal := self._why_closed(request, customer):
            return refusal
        account = self.world.account(self.undressed(customer))
        asked = request.json()
        results = []
        for operation in asked.get("operations", []):
            update, mask = operation.get("update", {}), operation.get("updateMask", "")
            name = update.get("resourceName", "")
            head, _, own = name.rpartition("/")
            if account is None or head != f"customers/{customer}/{service}":
                return failure("mutateError", "RESOURCE_NOT_FOUND", "Resource was not found.", status=404)
            wrong = self._change(
                account, service, own, {mask: update.get(mask)}, is_dry=asked.get("validateOnly", False)
            )
            if wrong:
                return wrong
            results.append({"resourceName": name})
        return Answer({} if asked.get("validateOnly") else {"results": results})

    def _change(
        self, account: WorldAccount, service: str, own: str, change: dict[str, Any], *, is_dry: bool
    ) -> Answer | None:
        """Check one change, and make it unless that is all. Gives what is wrong."""
        number = own.removeprefix(bodies.BUDGET) if service == "campaignBudgets" else own.rpartition("~")[2]
        found = self.world.find(number)
        if found is None or found[0] != account or found[1].level != _SERVICES.get(service, "campaign"):
            return failure("mutateError", "RESOURCE_NOT_FOUND", "Resource was not found.", status=404)
        if found[1].status is EntityStatus.REMOVED:
            return failure("contextError", "OPERATION_NOT_PERMITTED_FOR_REMOVED_RESOURCE", "The resource is removed.")
        status, budget = change.get("status"), change.get("amountMicros")
        wrong = _wrong_budget(account, budget) if service == "campaignBudgets" else _wrong_status(status)
        if wrong or is_dry:
            return wrong
        known = {"ENABLED": EntityStatus.ACTIVE, "PAUSED": EntityStatus.PAUSED}
        micros = None if budget is None else int(budget)
        self.world.change(number, status=known.get(str(status)), daily_budget_micros=micros)
        return None


def _wrong_budget(account: WorldAccount, budget: Any) -> Answer | None:
    if not str(budget).isdigit() or int(budget) <= 0:
        return failure("fieldError", "INVALID_VALUE", "The amount is not valid.", field="amount_micros")
    if int(budget) % 10 ** (6 - minor_digits(account.currency)):
        words = "A money amount was not a multiple of a minimum unit."
        return failure("campaignBudgetError", "NON_MULTIPLE_OF_MINIMUM_CURRENCY_UNIT", words, field="amount_micros")
    return None


def _wrong_status(status: Any) -> Answer | None:
    if status in {"ENABLED", "PAUSED"}:
        return None
    return failure("fieldError", "INVALID_VALUE", "The field's value is invalid.", field="status")


def _days(query: Query) -> Iterator[date]:
    since, until = query.days
    return (since + timedelta(days=offset) for offset in range((until - since).days + 1))
