"""The pages of offers: all with what came of them, a form for another, and one offer to change or retire."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, URLEncodedBody

from app.offers.forms import offer_request, values_of
from app.offers.presenting import OfferPage, OffersPage, learning, offer_line
from app.offers.queries import offer_by_id
from app.offers.service import add_offer, change_offer, learn_anew, retire_offer, told_offer, told_offers
from app.predictions.customer_showing import newest_job, offers_refusal, work_of
from app.predictions.jobs import TrainOffers
from app.predictions.queries import active_model
from app.predictions.schemas import ModelKind
from app.predictions.showing import Visit
from billing.plans import Entitlement, Plan
from kit.clock import today_in, utc_now
from kit.db import ScopedSession
from kit.errors import Conflict, InvalidInput
from kit.web.access import access
from kit.web.forms import Form, refused_form
from kit.web.pages import AnyRequest, redirect, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef

Here = NamedDependency[WorkspaceRef]
Tenant = NamedDependency[ScopedSession]
FormData = URLEncodedBody[dict[str, str]]
_PAGE = "/w/{workspace_id:uuid}/offers"
_ONE = _PAGE + "/{offer_id:uuid}"


@dataclass(frozen=True)
class OfferVisit(Visit):
    """Who looks, with the session that knows of jobs."""

    control: ScopedSession

    @property
    def base(self) -> str:
        """The workspace's address."""
        return f"/w/{self.workspace.id}"


def provide_visit(
    session: Tenant, control: NamedDependency[ScopedSession], workspace: Here, plan: NamedDependency[Plan]
) -> OfferVisit:
    """Everything that the pages answer with."""
    return OfferVisit(session, workspace, plan, today_in(workspace.timezone), utc_now(), control)


_SHOWN: dict[str, Any] = {
    "sync_to_thread": True,
    "include_in_schema": False,
    "dependencies": {"visit": Provide(provide_visit, sync_to_thread=False)},
}
_CHANGE = access(Permission.RUN_MODELS, entitlement=Entitlement.FORECAST)
Visitor = NamedDependency[OfferVisit]


@get(_PAGE, **_SHOWN, **access(Permission.READ_DATA, entitlement=Entitlement.FORECAST, shows_sample=True))
def show_offers(request: AnyRequest, visit: Visitor) -> Response[str]:
    """All offers: how often each was taken, and who should see it."""
    return render(request, "offers/offers.html", _page(visit, Form()))


@post(_PAGE, **_SHOWN, **_CHANGE)
def save_offer(request: AnyRequest, visit: Visitor, data: FormData) -> Response[str]:
    """Add an offer."""
    try:
        add_offer(visit.session, offer_request(data), workspace=visit.workspace)
    except (InvalidInput, Conflict) as refusal:
        page = _page(visit, refused_form(data, refusal))
        return render(request, "offers/offers.html", page, status=422)
    return redirect(request, f"{visit.base}/offers", flash="The offer is kept, and everybody's next one is worked out.")


@post(_PAGE + "/train", **_SHOWN, **_CHANGE)
def choose_anew(request: AnyRequest, visit: Visitor) -> Response[str]:
    """Have everybody's next offer worked out now rather than on Monday."""
    learn_anew(visit.session, workspace=visit.workspace)
    return redirect(request, f"{visit.base}/offers")


@get(_ONE, **_SHOWN, **access(Permission.READ_DATA, entitlement=Entitlement.FORECAST, shows_sample=True))
def show_offer(request: AnyRequest, visit: Visitor, offer_id: FromPath[UUID]) -> Response[str]:
    """One offer, to change or to retire."""
    if visit.offer:
        # The list tells what this is and what it costs.
        return redirect(request, f"{visit.base}/offers")
    return render(request, "offers/offer.html", _one(visit, offer_id, None))


@post(_ONE, **_SHOWN, **_CHANGE)
def save_changes(request: AnyRequest, visit: Visitor, offer_id: FromPath[UUID], data: FormData) -> Response[str]:
    """Change it."""
    try:
        change_offer(visit.session, offer_id, offer_request(data), workspace=visit.workspace)
    except (InvalidInput, Conflict) as refusal:
        page = _one(visit, offer_id, refused_form(data, refusal))
        return render(request, "offers/offer.html", page, status=422)
    return redirect(
        request, f"{visit.base}/offers", flash="The offer is changed, and everybody's next one is worked out."
    )


@post(_ONE + "/retire", **_SHOWN, **_CHANGE)
def retire(request: AnyRequest, visit: Visitor, offer_id: FromPath[UUID]) -> Response[str]:
    """Advise it no more."""
    offer = retire_offer(visit.session, offer_id, workspace=visit.workspace)
    return redirect(
        request, f"{visit.base}/offers", flash=f"“{offer.name}” is retired. What it taught stays.", kind="info"
    )


def _page(visit: OfferVisit, form: Form) -> OffersPage:
    told = () if visit.offer else told_offers(visit.session, currency=visit.workspace.currency)
    job = None if visit.offer else newest_job(visit.control, visit.workspace.id, TrainOffers)
    running = active_model(visit.session, kind=ModelKind.OFFERS)
    lines = [offer_line(one, base=visit.base, is_learnt=running is not None) for one in told]
    return OffersPage(
        base=visit.base,
        here=f"{visit.base}/offers",
        plan_offer=visit.offer,
        may_change=visit.workspace.allows(Permission.RUN_MODELS) and not visit.offer,
        currency=visit.workspace.currency,
        offers=tuple(line for line in lines if line.is_made),
        retired=tuple(line for line in lines if not line.is_made),
        learning=learning(running, now=visit.now) if running else None,
        refusal=offers_refusal(job),
        work=work_of(visit, job),
        form=form,
    )


def _one(visit: OfferVisit, offer_id: UUID, form: Form | None) -> OfferPage:
    told = told_offer(visit.session, offer_id, currency=visit.workspace.currency)
    is_learnt = active_model(visit.session, kind=ModelKind.OFFERS) is not None
    return OfferPage(
        base=visit.base,
        here=f"{visit.base}/offers/{offer_id}",
        currency=visit.workspace.currency,
        may_change=visit.workspace.allows(Permission.RUN_MODELS),
        offer=offer_line(told, base=visit.base, is_learnt=is_learnt),
        form=form or Form(values_of(offer_by_id(visit.session, offer_id))),
    )


HANDLERS: list[BaseRouteHandler] = [show_offers, save_offer, choose_anew, show_offer, save_changes, retire]
