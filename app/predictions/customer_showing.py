"""The page of customers' future put together: models, list, and the training that is under way."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from app.customers.queries import customer_count
from app.predictions.customer_asking import NO_MODEL
from app.predictions.customer_history import IMPORT_ORDERS
from app.predictions.customer_presenting import (
    CustomerLine,
    CustomersPage,
    LeavingCard,
    ListForm,
    Refusal,
    ValueCard,
    Work,
    customer_line,
    leaving_card,
    value_card,
)
from app.predictions.customer_queries import outlook, outlook_count
from app.predictions.customer_schemas import Listing, Sort
from app.predictions.customer_views import is_told
from app.predictions.jobs import TrainCustomers, TrainOffers
from app.predictions.models import ModelVersion
from app.predictions.queries import active_model, newest_model
from app.predictions.schemas import ModelKind
from app.predictions.showing import Visit
from kit.db import ScopedSession
from kit.format import plural
from kit.jobs import Job
from kit.jobs.job import type_of
from kit.jobs.models import ACTIVE, JobRow
from kit.jobs.queries import list_jobs
from tenants.workspaces.permissions import Permission

PAGE = 25


@dataclass(frozen=True)
class Models:
    """The versions that run."""

    value: ModelVersion | None
    leaving: ModelVersion | None
    offers: ModelVersion | None


def customers_page(visit: Visit, control: ScopedSession, listing: Listing, page: int) -> CustomersPage:
    """What customers will bring, who stops buying, and the list of them."""
    here, session = f"{visit.here}/customers", visit.session
    if visit.offer:
        return _empty(visit, listing)
    models = _models(session, currency=visit.workspace.currency)
    last, last_offers = (newest_job(control, visit.workspace.id, kind) for kind in (TrainCustomers, TrainOffers))
    total = outlook_count(session, listing)
    pages = max(-(-total // PAGE), 1)
    page = min(page, pages)
    query = urlencode({name: value for name, value in _asked(listing).items() if value})
    return CustomersPage(
        base=f"/w/{visit.workspace.id}",
        here=here,
        offer=None,
        may_train=visit.workspace.allows(Permission.RUN_MODELS),
        customers=customer_count(session),
        work=work_of(visit, last),
        value=_value(visit, models.value),
        value_refusal=refusal_of(last, ModelKind.LIFETIME),
        leaving=_leaving(visit, models.leaving),
        leaving_refusal=refusal_of(last, ModelKind.CHURN),
        offers_note="" if models.offers else offers_refusal(last_offers),
        lines=_lines(visit, models, listing, page),
        form=_form(listing),
        found=plural(total, "customer"),
        page=page,
        pages=pages,
        pages_base=f"{here}?{query}{'&' if query else ''}page=",
        export_href=f"{here}/export.csv{'?' if query else ''}{query}" if models.value and _may_export(visit) else "",
    )


def newest_job(control: ScopedSession, workspace_id: UUID, kind: type[Job]) -> JobRow | None:
    """The newest job of a kind, whatever became of it."""
    return next(iter(list_jobs(control, workspace_id=workspace_id, name=type_of(kind).name, limit=1)), None)


def work_of(visit: Visit, job: JobRow | None) -> Work | None:
    """The training while it runs, or why it stopped."""
    if job is None or job.state in {"done", "cancelled"}:
        return None
    if job.state not in ACTIVE:
        problem = job.problem or {}
        return Work(False, job.title, problem=problem.get("detail", ""), hint=problem.get("hint", ""))
    jobs = f"/w/{visit.workspace.id}/jobs/{job.id}"
    return Work(
        True,
        job.title,
        percent=round(job.progress * 100),
        message=job.message or "Waiting for a free worker.",
        events_url=f"{jobs}/events",
        poll_url=f"{jobs}/state",
        cancel_href=f"{jobs}/cancel" if visit.workspace.allows(Permission.MANAGE_JOBS) else "",
    )


def refusal_of(job: JobRow | None, kind: ModelKind) -> Refusal:
    """Why the last training gave no model of this kind, as far as it is known."""
    told: dict[str, Any] = ((job.result if job else None) or {}).get(kind.value) or {}
    if told.get("state") == "refused":
        return Refusal(told["reason"])
    return Refusal(NO_MODEL, IMPORT_ORDERS)


def offers_refusal(job: JobRow | None) -> str:
    """Why nobody is advised an offer; empty where nothing was tried yet."""
    told = (job.result if job else None) or {}
    return str(told["reason"]) if told.get("state") == "refused" else ""


def _models(session: ScopedSession, *, currency: str) -> Models:
    """What was learnt in another currency is not shown."""
    running = (active_model(session, kind=kind) for kind in (ModelKind.LIFETIME, ModelKind.CHURN, ModelKind.OFFERS))
    return Models(*(row if row is not None and row.currency == currency else None for row in running))


def _value(visit: Visit, row: ModelVersion | None) -> ValueCard | None:
    if row is None:
        return None
    newest = newest_model(visit.session, kind=ModelKind.LIFETIME)
    return value_card(row, newest, currency=visit.workspace.currency, today=visit.today, now=visit.now)


def _leaving(visit: Visit, row: ModelVersion | None) -> LeavingCard | None:
    return None if row is None else leaving_card(row, newest_model(visit.session, kind=ModelKind.CHURN), now=visit.now)


def _lines(visit: Visit, models: Models, listing: Listing, page: int) -> tuple[CustomerLine, ...]:
    if models.value is None and models.leaving is None:
        return ()
    rows = outlook(visit.session, listing, limit=PAGE, offset=PAGE * (page - 1))
    return tuple(
        customer_line(
            row,
            currency=visit.workspace.currency,
            with_value=is_told(models.value),
            with_risk=is_told(models.leaving),
            href=f"/w/{visit.workspace.id}/customers/{row.customer_id}",
            now=visit.now,
        )
        for row in rows
    )


def _form(listing: Listing) -> ListForm:
    is_filtered = bool(listing.act or listing.offer or listing.q)
    return ListForm(listing.sort.value, listing.act.value if listing.act else "", listing.offer, listing.q, is_filtered)


def _asked(listing: Listing) -> dict[str, str]:
    form = _form(listing)
    sort = "" if listing.sort is Sort.VALUE else form.sort
    return {"sort": sort, "act": form.act, "offer": form.offer, "q": form.q}


def _may_export(visit: Visit) -> bool:
    return visit.workspace.allows(Permission.EXPORT_DATA)


def _empty(visit: Visit, listing: Listing) -> CustomersPage:
    return CustomersPage(
        base=f"/w/{visit.workspace.id}",
        here=f"{visit.here}/customers",
        offer=visit.offer,
        may_train=False,
        customers=0,
        work=None,
        value=None,
        value_refusal=None,
        leaving=None,
        leaving_refusal=None,
        offers_note="",
        lines=(),
        form=_form(listing),
        found="",
        page=1,
        pages=1,
        pages_base="",
        export_href="",
    )
