"""Shopify's Admin GraphQL API and sign-in, over a made-up order book. Every account of the world is a shop of its own host."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from adloom_sdk.days import today_in
from adloom_sdk.money import decimal_text
from adloom_sdk.records import AccountStatus
from adloom_sdk.testing.consent import CLIENT_ID, CLIENT_SECRET
from adloom_sdk.testing.fakes import Answer, FakePlatform, Request, Why, route
from adloom_sdk.testing.orders import Order, OrderBook
from adloom_sdk.testing.world import World, WorldAccount

_DOMAIN = ".myshopify.com"
_CURRENCIES = ("usd", "eur", "jpy", "kwd", "krw", "old")
_RESTORE_PER_S = 100
_BUCKET = 2000
_VISIBLE = timedelta(days=60)
_WORDS = re.compile(r'"(?:[^"\\]|\\.)*"|\$?\w+|\S')
_TERM = re.compile(r"created_at:(>=|<)'([^']+)'")
Fields = dict[str, "Fields | None"]


class UndefinedField(Exception):
    """The query asks for what the schema has not."""


class Shopify(FakePlatform):
    """One shop per account: northwind-usd.myshopify.com and so on; a host that is none of them is the first shop.

    With `counts_points`, each shop's bucket of points is real: it empties by what questions cost, and fills with the clock.
    """

    key = "shopify"
    host_names = (f"northwind{_DOMAIN}", *(f"northwind-{currency}{_DOMAIN}" for currency in _CURRENCIES))
    read_scope = "read_orders"
    # Nothing can be written; tokens "for writing" are those that see orders of any age.
    write_scope = "read_all_orders"
    token_lifetime_s = 3600

    def __init__(self, world: World, *, page_size: int = 250, calls_per_second: float = 1000.0) -> None:
        super().__init__(world, page_size=page_size, calls_per_second=calls_per_second)
        self.book = OrderBook(world)
        self.counts_points = False
        self._points: dict[str, tuple[float, datetime]] = {}
        self.consent.rotates = True

    def token_of(self, request: Request) -> str:
        """Shopify has its own header."""
        return request.headers.get("x-shopify-access-token", "")

    def config_for(self, account: WorldAccount) -> dict[str, str]:
        """A connection is for one shop."""
        return {"shop": shop_name(account)}

    def shop_of(self, request: Request) -> WorldAccount:
        """The shop that the host names."""
        name = request.host.removesuffix(_DOMAIN)
        named = (one for one in self.world.accounts if shop_name(one) == name)
        return next(named, self.world.accounts[0])

    def refusal(self, why: Why, *, retry_after_s: float = 30.0, detail: str = "") -> Answer:  # noqa: ARG002 - GraphQL does not say where
        """Shopify's words: a text under `errors` with the old statuses, a list with HTTP 200 for GraphQL."""
        if why == "throttled":
            cost = self._cost(min(_BUCKET, int(retry_after_s * _RESTORE_PER_S)), available=0)
            return Answer(_errors("Throttled", "THROTTLED") | {"extensions": cost})
        if why == "sunset":
            return Answer({"data": None}, headers={"x-shopify-api-version": "2027-10"})
        statuses = {"no_token": 401, "expired": 401, "revoked": 401, "account_disabled": 402, "not_found": 404}
        words = {
            401: "[API] Invalid API key or access token (unrecognized login or wrong password)",
            402: "Payment Required",
            404: "Not Found",
        }
        if why in statuses:
            return Answer({"errors": words[statuses[why]]}, status=statuses[why])
        return Answer(_errors(*_GRAPHQL_REFUSALS[why]))

    def usage_headers(self, request: Request) -> dict[str, str]:
        """The version that answers, and the request's id."""
        found = re.match(r"/admin/api/([^/]+)/", request.path)
        version = {"x-shopify-api-version": found[1]} if found else {}
        return {"x-request-id": self.new_id(), **version}

    # -- signing in --------------------------------------------------------------------------------------------------

    @route("GET", "/admin/oauth/authorize", is_open=True)
    def authorize(self, request: Request) -> Answer:
        """The page on which the shop's owner installs the app."""
        asked = request.params
        if asked.get("client_id") != CLIENT_ID:
            return Answer(content=b"Oauth error application_cannot_be_found", status=400, headers=_HTML)
        scopes = tuple(asked.get("scope", "").split(","))
        action = f"{request.mount}/admin/oauth/decide"
        page = self.consent.page(platform="Shopify", action=action, params=asked, scopes=scopes)
        return Answer(content=page, headers=_HTML)

    @route("POST", "/admin/oauth/decide", is_open=True)
    def decide(self, request: Request) -> Answer:
        """Back to the app, signed by the shop."""
        granted = tuple(parse_qs(request.body.decode()).get("grant", []))
        back = urlsplit(self.consent.decide(request.form, granted))
        params = {name: values[0] for name, values in parse_qs(back.query).items()}
        params |= {
            "shop": shop_name(self.shop_of(request)) + _DOMAIN,
            "host": base64.b64encode(b"admin.shopify.com/store").decode().rstrip("="),
            "timestamp": str(int(self.world.clock.now().timestamp())),
        }
        signed = "&".join(f"{name}={params[name]}" for name in sorted(params))
        params["hmac"] = hmac.new(CLIENT_SECRET.encode(), signed.encode(), hashlib.sha256).hexdigest()
        return Answer(status=302, headers={"location": back._replace(query=urlencode(params)).geturl()})

    @route("POST", "/admin/oauth/access_token", is_open=True)
    def access_token(self, request: Request) -> Answer:
        """Tokens for a code, or for a refresh token, which is used up."""
        asked = request.form
        if (asked.get("client_id"), asked.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return Answer({"error": "invalid_client", "error_description": "The client is unknown."}, status=401)
        if asked.get("grant_type") == "refresh_token":
            issued = self.consent.refresh(asked.get("refresh_token", ""))
        else:
            issued = self.consent.redeem(asked.get("code", ""))
        if issued is None:
            words = "The authorization code was not found or was already used"
            return Answer({"error": "invalid_grant", "error_description": words}, status=400)
        body: dict[str, Any] = {"access_token": issued["access_token"], "scope": issued["scope"].replace(" ", ",")}
        if asked.get("expiring") == "1" or asked.get("grant_type") == "refresh_token":
            refresh = {"refresh_token": issued["refresh_token"], "refresh_token_expires_in": 7_776_000}
            body |= {"expires_in": int(issued["expires_in"]), **refresh}
        return Answer(body)

    # -- questions ---------------------------------------------------------------------------------------------------

    @route("POST", "/admin/api/{version}/graphql.json")
    def graphql(self, request: Request, version: str) -> Answer:  # noqa: ARG002 - every version answers alike
        """Answer a query with the fields that it asks for, and no others."""
        shop = self.shop_of(request)
        if shop.status is AccountStatus.DISABLED:
            return self.refusal("account_disabled")
        asked = request.json()
        fields, variables = selection(asked.get("query", "")), asked.get("variables") or {}
        requested = 10 + (8 * int(variables.get("first", 0)) if "orders" in fields else 0)
        available = self._available(shop)
        if requested > available:
            extensions = self._cost(requested, available=int(available))
            return Answer(_errors("Throttled", "THROTTLED") | {"extensions": extensions})
        roots: dict[str, Callable[[], Any]] = {
            "shop": lambda: _shop(shop),
            "currentAppInstallation": lambda: {"accessScopes": [{"handle": one} for one in self._scopes(request)]},
            "orders": lambda: self._orders(request, shop, variables),
        }
        try:
            data = {name: projected(_root(roots, name)(), below) for name, below in fields.items()}
        except UndefinedField as error:
            return Answer(_errors(f"Field '{error}' doesn't exist on type 'Order'", "undefinedField"))
        actual = 10 + 8 * len(data.get("orders", {}).get("nodes", ()))
        self._points[shop.id] = (available - actual, self.world.clock.now())
        return Answer({"data": data, "extensions": self._cost(requested, actual, available=int(available - actual))})

    def _available(self, shop: WorldAccount) -> float:
        """The points in a shop's bucket now; a full one where nobody counts."""
        left, since = self._points.get(shop.id, (_BUCKET, self.world.clock.now()))
        filled = (self.world.clock.now() - since).total_seconds() * _RESTORE_PER_S
        return min(_BUCKET, left + filled) if self.counts_points else _BUCKET

    def _scopes(self, request: Request) -> Iterator[str]:
        for scope in (self.read_scope, self.write_scope):
            if self.consent.why_refused(self.token_of(request), scope) is None:
                yield scope

    def _orders(self, request: Request, shop: WorldAccount, variables: dict[str, Any]) -> dict[str, Any]:
        found = self._found(shop, str(variables.get("query") or ""))
        if self.write_scope not in self._scopes(request):
            found = [order for order in found if order.at > self.world.now() - _VISIBLE]
        after = int(base64.b64decode(variables["after"])) if variables.get("after") else 0
        rest = [order for order in found if order.number > after]
        page = rest[: min(self.page_size, int(variables.get("first", 0)))]
        cursor = base64.b64encode(str(page[-1].number).encode()).decode() if page else None
        info = {"hasNextPage": len(rest) > len(page), "endCursor": cursor}
        return {"pageInfo": info, "nodes": [_order(one, shop, self.world.now()) for one in page]}

    def _found(self, shop: WorldAccount, query: str) -> list[Order]:
        """The orders that a search finds, by when they were made."""
        bounds = {sign: datetime.fromisoformat(instant) for sign, instant in _TERM.findall(query)}
        ends = bounds.get("<", self.world.clock.now() + timedelta(days=1))
        begins = bounds.get(">=", ends - timedelta(days=60))
        since, until = today_in(shop.timezone, begins), today_in(shop.timezone, ends)
        return [order for order in self.book.orders(shop, since, until) if begins <= order.at < ends]

    def _cost(self, requested: int, actual: int | None = None, *, available: int) -> dict[str, Any]:
        """What a question may cost at most, and what it did cost; null where it was not answered."""
        status = {"maximumAvailable": float(_BUCKET), "currentlyAvailable": available, "restoreRate": _RESTORE_PER_S}
        return {"cost": {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}}


_HTML = {"content-type": "text/html; charset=utf-8"}
_GRAPHQL_REFUSALS: dict[str, tuple[str, str]] = {
    "scope": ("Access denied for orders field. Required access: `read_orders` access scope.", "ACCESS_DENIED"),
    "app_not_approved": (
        "This app is not approved to access the Order object. See the page on protected customer data for details.",
        "ACCESS_DENIED",
    ),
    "bad_request": ("Argument 'first' on Field 'orders' has an invalid value.", "argumentLiteralsIncompatible"),
    "server_error": ("Internal error. Looks like something went wrong on our end.", "INTERNAL_SERVER_ERROR"),
}


def shop_name(account: WorldAccount) -> str:
    """What stands before .myshopify.com."""
    return account.name.lower().replace(" ", "-")


def selection(query: str) -> Fields:
    """The fields that a query selects, nested; arguments are skipped. Enough GraphQL for queries without fragments."""
    words = iter(_WORDS.findall(query))
    depth = 0
    for word in words:
        depth += {"(": 1, ")": -1}.get(word, 0)
        if word == "{" and depth == 0:
            return _fields(words)
    return {}


def _fields(words: Iterator[str]) -> Fields:
    found: Fields = {}
    name, depth = "", 0
    for word in words:
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth or word == ")":
            continue
        if word == "}":
            break
        if word == "{":
            found[name] = _fields(words)
        else:
            name = word
            found[name] = None
    return found


def projected(value: Any, fields: Fields | None) -> Any:
    """The value with the selected fields only. Raises UndefinedField."""
    if isinstance(value, list):
        return [projected(item, fields) for item in value]
    if not isinstance(value, dict) or fields is None:
        return value
    for name in fields:
        if name not in value:
            raise UndefinedField(name)
    return {name: projected(value[name], below) for name, below in fields.items()}


def _root(roots: dict[str, Callable[[], Any]], name: str) -> Callable[[], Any]:
    if name not in roots:
        raise UndefinedField(name)
    return roots[name]


def _errors(message: str, code: str) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


def _shop(account: WorldAccount) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Shop/{account.id}",
        "name": account.name,
        "currencyCode": account.currency,
        "ianaTimezone": account.timezone,
        "myshopifyDomain": shop_name(account) + _DOMAIN,
    }


def _order(order: Order, shop: WorldAccount, now: datetime) -> dict[str, Any]:
    refunded = order.refunded_micros(now)
    is_cancelled = order.is_cancelled(now)
    return {
        "id": f"gid://shopify/Order/{order.number}",
        "name": f"#{order.number % 100_000}",
        "createdAt": _instant(order.at),
        "updatedAt": _instant(order.changed_at(now)),
        "cancelledAt": _instant(order.cancelled_at) if is_cancelled and order.cancelled_at else None,
        "test": order.is_test,
        "displayFinancialStatus": _financial_status(order, refunded, is_cancelled=is_cancelled),
        "totalPriceSet": _money(order.total_micros, shop),
        "totalRefundedSet": _money(refunded, shop),
        "customerJourneySummary": _journey(order, now),
    }


def _financial_status(order: Order, refunded_micros: int, *, is_cancelled: bool) -> str:
    if is_cancelled:
        return "VOIDED"
    if refunded_micros:
        return "REFUNDED" if refunded_micros == order.total_micros else "PARTIALLY_REFUNDED"
    return "PAID"


def _journey(order: Order, now: datetime) -> dict[str, Any]:
    """Organic visits carry no utm parameters: Shopify knows them by their kind."""
    source, is_known = order.known_source(now), bool(order.known_source(None) == order.known_source(now))
    name, _, medium = source.partition(" / ")
    is_organic = medium == "organic"
    visit = {
        "source": name,
        "sourceType": "SEO" if is_organic else None,
        "utmParameters": None if is_organic else {"source": name, "medium": medium, "campaign": None},
    }
    return {"ready": is_known, "customerOrderIndex": order.position, "lastVisit": visit if source else None}


def _money(micros: int, shop: WorldAccount) -> dict[str, Any]:
    """The shop's money; what the customer paid in may be another currency, which is a trap on purpose."""
    foreign = {"amount": decimal_text(micros * 2), "currencyCode": "CAD"}
    return {
        "shopMoney": {"amount": decimal_text(micros), "currencyCode": shop.currency},
        "presentmentMoney": foreign,
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
