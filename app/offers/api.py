"""Offers for programs."""

from uuid import UUID

from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody

from app.offers.schemas import OfferList, OfferReply, OfferRequest
from app.offers.service import add_offer, change_offer, retire_offer, told_offer, told_offers
from billing.plans import Entitlement
from kit.db import ScopedSession
from kit.errors import Conflict
from kit.web.access import access
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef

Tenant = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
LIST, ONE = "/api/v1/offers", "/api/v1/offers/{offer_id:uuid}"
_READ = access(Permission.READ_DATA, entitlement=Entitlement.FORECAST)
_CHANGE = access(Permission.RUN_MODELS, entitlement=Entitlement.FORECAST, raises=(Conflict,))


@get(LIST, sync_to_thread=True, summary="Offers", **_READ)
def list_offers(session: Tenant, workspace: Here) -> OfferList:
    """All offers: how often each was shown and taken, and how many customers should see it now."""
    return OfferList(items=told_offers(session, currency=workspace.currency))


@post(LIST, sync_to_thread=True, status_code=201, summary="Add an offer", **_CHANGE)
def create_offer(session: Tenant, workspace: Here, data: JSONBody[OfferRequest]) -> Response[OfferReply]:
    """Tell of an offer by the name under which it is shown. Everybody's next offer is worked out anew; 409 where the name is taken."""
    made = add_offer(session, data, workspace=workspace)
    reply = told_offer(session, made.id, currency=workspace.currency)
    return Response(reply, status_code=201, headers={"location": f"{LIST}/{made.id}"})


@get(ONE, sync_to_thread=True, summary="An offer", **_READ)
def read_offer(session: Tenant, workspace: Here, offer_id: FromPath[UUID]) -> OfferReply:
    """What it leaves and costs, and what came of it."""
    return told_offer(session, offer_id, currency=workspace.currency)


@put(ONE, sync_to_thread=True, summary="Change an offer", **_CHANGE)
def replace_offer(
    session: Tenant, workspace: Here, offer_id: FromPath[UUID], data: JSONBody[OfferRequest]
) -> OfferReply:
    """All of its fields. What was shown under another name belongs to that name. 409 where it is retired or the name is taken."""
    change_offer(session, offer_id, data, workspace=workspace)
    return told_offer(session, offer_id, currency=workspace.currency)


@delete(ONE, sync_to_thread=True, summary="Retire an offer", **_CHANGE)
def withdraw_offer(session: Tenant, workspace: Here, offer_id: FromPath[UUID]) -> None:
    """It is advised no more; what was shown and taken stays, and teaches."""
    retire_offer(session, offer_id, workspace=workspace)


HANDLERS: list[BaseRouteHandler] = [list_offers, create_offer, read_offer, replace_offer, withdraw_offer]
