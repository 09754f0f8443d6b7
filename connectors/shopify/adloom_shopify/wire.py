"""Shopify's JSON as far as it is used, and the queries that ask for it."""

from datetime import datetime
from typing import Any

import msgspec

SHOP = "query Shop { shop { id name currencyCode ianaTimezone } }"

SCOPES = "query Scopes { currentAppInstallation { accessScopes { handle } } }"

ORDERS = """query Orders($first: Int!, $after: String, $query: String!) {
  orders(first: $first, after: $after, query: $query, sortKey: CREATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id
      createdAt
      cancelledAt
      test
      displayFinancialStatus
      totalPriceSet { shopMoney { amount currencyCode } }
      totalRefundedSet { shopMoney { amount currencyCode } }
      customerJourneySummary {
        ready
        customerOrderIndex
        lastVisit { source sourceType utmParameters { source medium } }
      }
    }
  }
}"""


class Body(msgspec.Struct, rename="camel"):
    """Base: what Shopify adds later is ignored."""


class Money(Body, rename="camel"):
    amount: str | int | float
    currency_code: str | None = None


class MoneyBag(Body, rename="camel"):
    shop_money: Money


class Utm(Body, rename="camel"):
    source: str | None = None
    medium: str | None = None


class Visit(Body, rename="camel"):
    source: str | None = None
    source_type: str | None = None
    utm_parameters: Utm | None = None


class Journey(Body, rename="camel"):
    ready: bool | None = None
    customer_order_index: int | None = None
    last_visit: Visit | None = None


class Order(Body, rename="camel"):
    """An order; `current_total_price_set` is the total less refunds and edits, where only that is told."""

    id: str | int
    created_at: datetime
    total_price_set: MoneyBag | None = None
    current_total_price_set: MoneyBag | None = None
    cancelled_at: datetime | None = None
    test: bool | None = None
    display_financial_status: str | None = None
    total_refunded_set: MoneyBag | None = None
    customer_journey_summary: Journey | None = None


class PageInfo(Body, rename="camel"):
    has_next_page: bool | None = None
    end_cursor: str | None = None


class Edge(Body, rename="camel"):
    node: Order
    cursor: str | None = None


class Orders(Body, rename="camel"):
    """A page of orders; Shopify's lists come plain, or with an edge around each item."""

    page_info: PageInfo | None = None
    nodes: list[Order] | None = None
    edges: list[Edge] | None = None

    def all(self) -> list[Order]:
        """The orders, in whichever form they came."""
        return self.nodes or [edge.node for edge in self.edges or ()]

    @property
    def next_cursor(self) -> str | None:
        """Where the next page begins, '' where there is one and Shopify does not say where; None after the last."""
        if not self.page_info or not self.page_info.has_next_page:
            return None
        return self.page_info.end_cursor or (self.edges[-1].cursor if self.edges else "") or ""


class OrdersData(Body, rename="camel"):
    orders: Orders


class OrdersReply(Body, rename="camel"):
    data: OrdersData


class Shop(Body, rename="camel"):
    id: str | int
    currency_code: str
    iana_timezone: str
    name: str | None = None


class ShopData(Body, rename="camel"):
    shop: Shop


class ShopReply(Body, rename="camel"):
    data: ShopData


class AccessScope(Body, rename="camel"):
    handle: str


class Installation(Body, rename="camel"):
    access_scopes: list[AccessScope] = []


class ScopesData(Body, rename="camel"):
    current_app_installation: Installation


class ScopesReply(Body, rename="camel"):
    data: ScopesData


class ThrottleStatus(Body, rename="camel"):
    currently_available: float = 0.0
    restore_rate: float = 50.0


class Cost(Body, rename="camel"):
    requested_query_cost: float = 0.0
    throttle_status: ThrottleStatus | None = None


class Extensions(Body, rename="camel"):
    cost: Cost | None = None


class Envelope(Body, rename="camel"):
    """What lies around every reply; `errors` is a text, a list, or an object by field."""

    errors: Any = None
    extensions: Extensions | None = None
