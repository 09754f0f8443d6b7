"""The page of what customers will bring, its file, and the button that has it learnt now."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.handlers import BaseRouteHandler
from litestar.params import FromQuery, QueryParameter

from app.predictions.customer_files import customers_file
from app.predictions.customer_schemas import Act, Listing, Sort
from app.predictions.customer_showing import customers_page
from app.predictions.jobs import TrainCustomers, TrainOffers
from app.predictions.showing import Visit
from billing.plans import Entitlement, Plan
from kit.clock import today_in, utc_now
from kit.db import ScopedSession
from kit.jobs import enqueue
from kit.web.access import access
from kit.web.pages import AnyRequest, redirect, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef

Tenant = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
PageNumber = Annotated[int, QueryParameter(ge=1, le=100_000)]
_PAGE = "/w/{workspace_id:uuid}/predictions/customers"
_SHOWN: dict[str, Any] = {"sync_to_thread": True, "include_in_schema": False}


def provide_visit(session: Tenant, workspace: Here, plan: NamedDependency[Plan]) -> Visit:
    """Everything that the page answers with."""
    return Visit(session, workspace, plan, today_in(workspace.timezone), utc_now())


def provide_listing(
    sort: FromQuery[str] = "", act: FromQuery[str] = "", offer: FromQuery[str] = "", q: FromQuery[str] = ""
) -> Listing:
    """What the list is narrowed to; a choice that nobody offers is none."""
    return Listing(
        sort=Sort(sort) if sort in set(Sort) else Sort.VALUE,
        act=Act(act) if act in set(Act) else None,
        offer=offer[:80],
        q=q.strip()[:200],
    )


_LISTING = {"listing": Provide(provide_listing, sync_to_thread=False)}


@get(
    _PAGE,
    **_SHOWN,
    dependencies={"visit": Provide(provide_visit, sync_to_thread=False), **_LISTING},
    **access(Permission.READ_DATA, entitlement=Entitlement.FORECAST, shows_sample=True),
)
def show_customers(
    request: AnyRequest,
    visit: NamedDependency[Visit],
    control: NamedDependency[ScopedSession],
    listing: NamedDependency[Listing],
    page: PageNumber = 1,
) -> Response[str]:
    """What customers will bring, who stops buying, and what to offer whom."""
    return render(request, "predictions/customers.html", customers_page(visit, control, listing, page))


@get(
    _PAGE + "/export.csv",
    **_SHOWN,
    dependencies=_LISTING,
    **access(Permission.EXPORT_DATA, entitlement=Entitlement.FORECAST),
)
def export_customers(session: Tenant, workspace: Here, listing: NamedDependency[Listing]) -> Response[bytes]:
    """All customers that the filters leave, as CSV."""
    file = customers_file(session, listing, currency=workspace.currency)
    headers = {"content-disposition": f'attachment; filename="{file.name}"', "cache-control": "no-store"}
    return Response(file.content, media_type=file.media_type, headers=headers)


@post(_PAGE + "/train", **_SHOWN, **access(Permission.RUN_MODELS, entitlement=Entitlement.FORECAST))
def learn_now(request: AnyRequest, session: Tenant, workspace: Here) -> Response[str]:
    """Have customers and offers learnt from now rather than on Monday."""
    asked = {"currency": workspace.currency, "timezone": workspace.timezone}
    enqueue(session, TrainCustomers(**asked), dedupe_key="predictions.train_customers")
    enqueue(session, TrainOffers(**asked), dedupe_key="offers.train")
    return redirect(request, f"/w/{workspace.id}/predictions/customers")


HANDLERS: list[BaseRouteHandler] = [show_customers, export_customers, learn_now]
