"""Customers' future for programs: lifetime value, and a list of customers with value, risk and next offer."""

from typing import Annotated

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromQuery, JSONBody, QueryParameter

from app.predictions.customer_asking import predict_ltv
from app.predictions.customer_files import customers_file
from app.predictions.customer_schemas import Act, Listing, LtvReply, LtvRequest, OutlookPage, Sort
from app.predictions.customer_views import outlook_page
from billing.plans import Entitlement
from kit.db import ScopedSession
from kit.web.access import access
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef

Tenant = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
PageSize = Annotated[int, QueryParameter(ge=1, le=200)]
_LIST = "/api/v1/predictions/customers"


@post(
    "/api/v1/recommendations/predict/ltv",
    sync_to_thread=True,
    status_code=200,
    summary="Predict what customers will bring",
    **access(Permission.READ_DATA, entitlement=Entitlement.FORECAST),
)
def predict_customer_value(session: Tenant, workspace: Here, data: JSONBody[LtvRequest]) -> LtvReply:
    """What one customer, or all known ones, will order over the next 30, 90, 180 or 365 days, with range, grade, model version and track
    record. 422 with the reason where too little is known."""
    return predict_ltv(session, data, currency=workspace.currency, timezone=workspace.timezone)


@get(
    _LIST,
    sync_to_thread=True,
    summary="What is expected of customers",
    **access(Permission.READ_DATA, entitlement=Entitlement.FORECAST),
)
def list_outlook(
    session: Tenant,
    workspace: Here,
    sort: FromQuery[Sort] = Sort.VALUE,
    act: FromQuery[Act | None] = None,
    offer: FromQuery[str] = "",
    q: FromQuery[str] = "",
    page_size: PageSize = 50,
    cursor: FromQuery[str | None] = None,
) -> OutlookPage:
    """Customers with value, risk and next offer, highest first by `sort`; `act`, `offer` and `q` (name, id, e-mail) narrow it."""
    listing = Listing(sort=sort, act=act, offer=offer, q=q)
    return outlook_page(session, listing, currency=workspace.currency, page_size=page_size, cursor=cursor)


@get(
    _LIST + "/export.csv",
    sync_to_thread=True,
    media_type="text/csv",
    summary="What is expected of customers, as CSV",
    **access(Permission.EXPORT_DATA, entitlement=Entitlement.FORECAST),
)
def export_outlook(
    session: Tenant,
    workspace: Here,
    sort: FromQuery[Sort] = Sort.VALUE,
    act: FromQuery[Act | None] = None,
    offer: FromQuery[str] = "",
    q: FromQuery[str] = "",
) -> Response[bytes]:
    """All customers that the filters leave, in one file."""
    file = customers_file(session, Listing(sort=sort, act=act, offer=offer, q=q), currency=workspace.currency)
    headers = {"content-disposition": f'attachment; filename="{file.name}"', "cache-control": "no-store"}
    return Response(file.content, media_type=file.media_type, headers=headers)


HANDLERS: list[BaseRouteHandler] = [predict_customer_value, list_outlook, export_outlook]
