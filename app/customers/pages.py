"""Pages of customers: the list, and one of them with what they did. Files are dropped on the pages of `app.imports.customer_pages`."""

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Stream

from app.customers.asking import ASKED_CUSTOMERS
from app.customers.export import customers_file
from app.customers.listing import PAGE_SIZE, Asked, count_of, countries, customers_of, standing, timeline
from app.customers.presenting import customer_page, customers_page
from app.customers.queries import customer_by_id
from app.customers.service import forget_customer
from kit.db import ScopedSession
from kit.errors import InvalidInput
from kit.web.access import access
from kit.web.pages import AnyRequest, redirect, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

Tenant = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
Caller = NamedDependency[Principal]
Filters = NamedDependency[Asked]
LIST = "/w/{workspace_id:uuid}/customers"
ONE = LIST + "/{customer_id:uuid}"
TIMELINE_ROWS = 50
_LAST_PAGE = 10_000
_READ = access(Permission.READ_DATA)


@get(LIST, dependencies=ASKED_CUSTOMERS, sync_to_thread=True, include_in_schema=False, **_READ)
def show_customers(
    request: AnyRequest, session: Tenant, workspace: Here, asked: Filters, page: FromQuery[int] = 1
) -> Response[str]:
    """All customers, or those that the filters leave."""
    page = max(1, min(page, _LAST_PAGE))
    found, _ = customers_of(session, asked, timezone=workspace.timezone, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    shown = customers_page(
        found,
        total=count_of(session, asked, timezone=workspace.timezone),
        standing=standing(session),
        asked=asked,
        page=page,
        countries=countries(session),
        currency=workspace.currency,
        timezone=workspace.timezone,
        base=f"/w/{workspace.id}",
        may_import=workspace.allows(Permission.IMPORT_DATA),
    )
    return render(request, "customers/list.html", shown)


@get(
    LIST + "/export.csv",
    dependencies=ASKED_CUSTOMERS,
    sync_to_thread=True,
    include_in_schema=False,
    **access(Permission.EXPORT_DATA),
)
def customers_csv_file(session: Tenant, workspace: Here, asked: Filters) -> Stream:
    """All that the filters leave, as a file."""
    return customers_file(session, asked, currency=workspace.currency, timezone=workspace.timezone)


@get(ONE, sync_to_thread=True, include_in_schema=False, **_READ)
def show_customer(
    request: AnyRequest,
    session: Tenant,
    workspace: Here,
    customer_id: FromPath[UUID],
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    """One customer, with what they did, the newest first."""
    customer = customer_by_id(session, customer_id)
    happenings, older = timeline(session, customer.id, limit=TIMELINE_ROWS, cursor=cursor)
    shown = customer_page(
        customer,
        happenings,
        older=older,
        is_first=not cursor,
        currency=workspace.currency,
        timezone=workspace.timezone,
        base=f"/w/{workspace.id}",
        may_forget=workspace.allows(Permission.IMPORT_DATA),
    )
    return render(request, "customers/customer.html", shown)


@post(ONE + "/forget", sync_to_thread=True, include_in_schema=False, **access(Permission.IMPORT_DATA))
def forget(
    request: AnyRequest,
    session: Tenant,
    workspace: Here,
    caller: Caller,
    customer_id: FromPath[UUID],
    data: URLEncodedBody[dict[str, str]],
) -> Response[str]:
    """Remove a customer, once the word is typed that says it is meant."""
    if data.get("typed", "").strip().lower() != "forget":
        raise InvalidInput("The customer is still there.", "Type forget to remove them; it cannot be undone.")
    forget_customer(session, customer_id=customer_id, actor=caller.signed_in())
    flash = "The customer is forgotten, with everything that was known of them."
    return redirect(request, f"/w/{workspace.id}/customers", flash=flash)


HANDLERS: list[BaseRouteHandler] = [show_customers, customers_csv_file, show_customer, forget]
