"""The page of experiments: three forms, and under each its answer. Nothing is kept, so every answer is the page itself."""

from dataclasses import dataclass, field, replace
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import URLEncodedBody

from app.deps import AnyRequest
from app.experiments.forms import FORM_GUARDRAILS, pause_request, plan_request, read_request
from app.experiments.schemas import MOST_VARIANTS
from app.experiments.service import LETTERS, plan_versions, read_pause, read_versions
from app.experiments.views import PauseView, PlanView, ReadingView, pause_view, plan_view, reading_view
from app.mix.queries import paid_channels
from billing.plans import Entitlement, plan_with_code
from kit.clock import today_in
from kit.db import ScopedSession
from kit.errors import DataCannotCarry, InvalidInput
from kit.web.access import access
from kit.web.forms import Form, refused_form
from kit.web.pages import render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef

_PAGE = "/w/{workspace_id:uuid}/experiments"
_TEMPLATE = "experiments/experiments.html"
_SHOWN: dict[str, Any] = {"sync_to_thread": True, "include_in_schema": False}
_ANSWERS: dict[str, Any] = _SHOWN | {"status_code": 200}
_ALL_DAYS = 3650
_ROWS = (("control", LETTERS[0]), *((f"variants.{index}", LETTERS[index + 1]) for index in range(MOST_VARIANTS)))
Here = NamedDependency[WorkspaceRef]
Tenant = NamedDependency[ScopedSession]
FormData = URLEncodedBody[dict[str, str]]


@dataclass(frozen=True)
class ExperimentsPage:
    """`/w/{workspace}/experiments`. `rows` are the versions of the first form: the start of their fields' names, and a letter;
    `guardrails` the same for the metrics that must not suffer."""

    base: str
    currency: str
    has_attribution: bool
    may_run: bool
    channels: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str], ...] = _ROWS
    guardrails: tuple[str, ...] = tuple(f"guardrails.{index}" for index in range(FORM_GUARDRAILS))
    read: Form = field(default_factory=Form)
    plan: Form = field(default_factory=Form)
    pause: Form = field(default_factory=Form)
    reading: ReadingView | None = None
    planned: PlanView | None = None
    paused: PauseView | None = None


@get(_PAGE, **_SHOWN, **access(Permission.READ_DATA))
def show_experiments(request: AnyRequest, session: Tenant, workspace: Here) -> Response[str]:
    """The forms."""
    return render(request, _TEMPLATE, _page(session, workspace))


@post(_PAGE + "/read", **_ANSWERS, **access(Permission.READ_DATA))
def show_reading(request: AnyRequest, session: Tenant, workspace: Here, data: FormData) -> Response[str]:
    """The page with a test read."""
    page = _page(session, workspace)
    try:
        asked = read_request(data)
        reading = reading_view(asked, read_versions(asked))
    except (InvalidInput, DataCannotCarry) as refusal:
        return render(request, _TEMPLATE, replace(page, read=refused_form(data, refusal)), status=422)
    return render(request, _TEMPLATE, replace(page, read=Form(data), reading=reading))


@post(_PAGE + "/plan", **_ANSWERS, **access(Permission.READ_DATA))
def show_plan(request: AnyRequest, session: Tenant, workspace: Here, data: FormData) -> Response[str]:
    """The page with a test planned."""
    page = _page(session, workspace)
    try:
        planned = plan_view(plan_versions(plan_request(data)))
    except (InvalidInput, DataCannotCarry) as refusal:
        return render(request, _TEMPLATE, replace(page, plan=refused_form(data, refusal)), status=422)
    return render(request, _TEMPLATE, replace(page, plan=Form(data), planned=planned))


@post(_PAGE + "/pause", **_ANSWERS, **access(Permission.RUN_MODELS, entitlement=Entitlement.ATTRIBUTION))
def show_pause(request: AnyRequest, session: Tenant, workspace: Here, data: FormData) -> Response[str]:
    """The page with a pause read."""
    page = _page(session, workspace)
    try:
        asked = pause_request(data)
        reply = read_pause(session, asked, currency=workspace.currency, today=today_in(workspace.timezone))
    except (InvalidInput, DataCannotCarry) as refusal:
        return render(request, _TEMPLATE, replace(page, pause=refused_form(data, refusal)), status=422)
    return render(request, _TEMPLATE, replace(page, pause=Form(data), paused=pause_view(reply, base=page.base)))


def _page(session: ScopedSession, workspace: WorkspaceRef) -> ExperimentsPage:
    channels = paid_channels(session, today=today_in(workspace.timezone), days=_ALL_DAYS)
    return ExperimentsPage(
        base=f"/w/{workspace.id}",
        currency=workspace.currency,
        has_attribution=plan_with_code(workspace.plan_code).includes(Entitlement.ATTRIBUTION),
        may_run=workspace.allows(Permission.RUN_MODELS),
        channels=tuple((channel.key, channel.name) for channel in channels),
    )


HANDLERS: list[BaseRouteHandler] = [show_experiments, show_reading, show_plan, show_pause]
