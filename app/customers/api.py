"""Customers for programs: the list, one of them, what they did, a file of all, and forgetting one. What is told of them comes in
through `app.imports.customer_api`.
"""

from typing import Annotated
from uuid import UUID

from litestar import delete, get
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream

from app.customers.asking import ASKED_CUSTOMERS
from app.customers.export import customers_file
from app.customers.listing import Asked, count_of, customers_of, timeline
from app.customers.queries import customer_by_id
from app.customers.schemas import (
    CustomerReply,
    CustomersReply,
    TimelineReply,
    customer_reply,
    happening_reply,
)
from app.customers.service import forget_customer
from kit.db import ScopedSession
from kit.web.access import access
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

Tenant = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
Caller = NamedDependency[Principal]
Filters = NamedDependency[Asked]
PageSize = Annotated[int, QueryParameter(ge=1, le=500)]
LIST, ONE = "/api/v1/customers", "/api/v1/customers/{customer_id:uuid}"
_READ = access(Permission.READ_DATA)


@get(LIST, dependencies=ASKED_CUSTOMERS, summary="Customers", sync_to_thread=True, **_READ)
def read_customers(
    session: Tenant, workspace: Here, asked: Filters, page_size: PageSize = 50, cursor: FromQuery[str | None] = None
) -> CustomersReply:
    """Customers with their orders and revenue; `sort` takes name, last_order, first_order, orders or revenue, `-` before it turns it."""
    found, next_cursor = customers_of(session, asked, timezone=workspace.timezone, limit=page_size, cursor=cursor)
    return CustomersReply(
        items=[customer_reply(one, currency=workspace.currency) for one in found],
        total=count_of(session, asked, timezone=workspace.timezone),
        next_cursor=next_cursor,
    )


@get(
    LIST + "/export.csv",
    dependencies=ASKED_CUSTOMERS,
    summary="Customers as a file",
    media_type="text/csv",
    sync_to_thread=True,
    **access(Permission.EXPORT_DATA),
)
def export_customers(session: Tenant, workspace: Here, asked: Filters) -> Stream:
    """All customers that the filters leave, as CSV."""
    return customers_file(session, asked, currency=workspace.currency, timezone=workspace.timezone)


@get(ONE, summary="A customer", sync_to_thread=True, **_READ)
def read_customer(session: Tenant, workspace: Here, customer_id: FromPath[UUID]) -> CustomerReply:
    """Who they are, and their running numbers."""
    return customer_reply(customer_by_id(session, customer_id), currency=workspace.currency)


@get(ONE + "/timeline", summary="What a customer did", sync_to_thread=True, **_READ)
def read_timeline(
    session: Tenant,
    workspace: Here,
    customer_id: FromPath[UUID],
    page_size: PageSize = 100,
    cursor: FromQuery[str | None] = None,
) -> TimelineReply:
    """Orders, refunds, touches, offers and events, the newest first."""
    customer = customer_by_id(session, customer_id)
    found, next_cursor = timeline(session, customer.id, limit=page_size, cursor=cursor)
    items = [happening_reply(one, currency=workspace.currency) for one in found]
    return TimelineReply(items=items, next_cursor=next_cursor)


@delete(ONE, sync_to_thread=True, status_code=204, summary="Forget a customer", **access(Permission.IMPORT_DATA))
def delete_customer(session: Tenant, caller: Caller, customer_id: FromPath[UUID]) -> None:
    """Remove everything that is known and predicted of them. It cannot be undone; telling of them again starts anew."""
    forget_customer(session, customer_id=customer_id, actor=caller.signed_in())


HANDLERS: list[BaseRouteHandler] = [read_customers, export_customers, read_customer, read_timeline, delete_customer]
