"""The three decision pages, their forms, sliders and files. A plan without them sees the same page on sample data, with the price."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, URLEncodedBody

from app.deps import AnyRequest
from app.mix.budget_rollout import asked_step
from app.mix.comparing import known_what_ifs
from app.mix.downloads import attribution_file, budget_file, forecast_file
from app.mix.forms import budget_request, forecast_request
from app.mix.queries import channel_slots, paid_channels, run_by_id
from app.mix.schemas import AttributionRequest, Kind, RunRequest, SelfTestRequest
from app.mix.service import start_run
from app.mix.showing import (
    CURRENT_DAYS,
    USUAL_DAYS,
    BudgetLook,
    Visit,
    attribution_page,
    budget_page,
    fit_of_plan,
    forecast_page,
    provide_visit,
)
from app.mix.trying import TryReply, TryRequest, try_split
from app.performance.export import ExportFile
from billing.entitlements import require
from billing.plans import Entitlement, Plan
from kit.db import ScopedSession
from kit.errors import Conflict, InvalidInput, NotFound
from kit.ids import parse_id
from kit.web.access import access
from kit.web.forms import refused_form
from kit.web.pages import redirect, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

_ATTRIBUTION = "/w/{workspace_id:uuid}/attribution"
_FORECAST = "/w/{workspace_id:uuid}/forecast"
_BUDGET = "/w/{workspace_id:uuid}/budget"
_NOTHING_NEW = "Nothing has changed since this answer, so it is shown again."

Here = NamedDependency[WorkspaceRef]
Caller = NamedDependency[Principal]
Session = NamedDependency[ScopedSession]
FormData = URLEncodedBody[dict[str, str]]


_PAGE: dict[str, Any] = {
    "sync_to_thread": True,
    "include_in_schema": False,
    "dependencies": {"visit": Provide(provide_visit, sync_to_thread=False)},
}
_FILE: dict[str, Any] = {"sync_to_thread": True, "include_in_schema": False}
Visitor = NamedDependency[Visit]


@get(_ATTRIBUTION, **_PAGE, **access(Permission.READ_DATA, entitlement=Entitlement.ATTRIBUTION, shows_sample=True))
def show_attribution(request: AnyRequest, visit: Visitor, run: FromQuery[UUID | None] = None) -> Response[str]:
    """The newest attribution, or the one named in the address."""
    return render(request, "mix/attribution.html", attribution_page(visit, run))


@post(_ATTRIBUTION, **_PAGE, **access(Permission.RUN_MODELS, entitlement=Entitlement.ATTRIBUTION))
def start_attribution(request: AnyRequest, visit: Visitor, caller: Caller, data: FormData) -> Response[str]:
    """Fit the mix model, or show the fit that today's data already have."""
    return _started(request, visit, caller, Kind.ATTRIBUTION, AttributionRequest(), again=bool(data.get("again")))


@post(_ATTRIBUTION + "/self-test", **_PAGE, **access(Permission.RUN_MODELS, entitlement=Entitlement.ATTRIBUTION))
def start_self_test(request: AnyRequest, visit: Visitor, caller: Caller) -> Response[str]:
    """Try the model on made-up businesses with this workspace's spend."""
    start_run(
        visit.session,
        kind=Kind.SELF_TEST,
        request=SelfTestRequest(),
        workspace=visit.workspace,
        actor_id=caller.signed_in().id,
    )
    return redirect(request, visit.base(Kind.ATTRIBUTION) + "#self-test")


@get(_FORECAST, **_PAGE, **access(Permission.READ_DATA, entitlement=Entitlement.FORECAST, shows_sample=True))
def show_forecast(request: AnyRequest, visit: Visitor, run: FromQuery[UUID | None] = None) -> Response[str]:
    """The newest forecast, or the one named in the address, with the form for another."""
    return render(request, "mix/forecast.html", forecast_page(visit, run))


@post(_FORECAST, **_PAGE, **access(Permission.RUN_MODELS, entitlement=Entitlement.FORECAST))
def start_forecast(request: AnyRequest, visit: Visitor, caller: Caller, data: FormData) -> Response[str]:
    """Forecast with the horizon and the planned spend of the form."""
    channels = paid_channels(visit.session, today=visit.today, days=USUAL_DAYS)
    try:
        asked = forecast_request(data, channels)
    except InvalidInput as refusal:
        page = replace(forecast_page(visit, None, data), problems=refused_form(data, refusal))
        return render(request, "mix/forecast.html", page, status=422)
    return _started(request, visit, caller, Kind.FORECAST, asked)


@get(_BUDGET, **_PAGE, **access(Permission.READ_DATA, entitlement=Entitlement.OPTIMISER, shows_sample=True))
def show_budget(request: AnyRequest, visit: Visitor, run: FromQuery[UUID | None] = None) -> Response[str]:
    """The newest plan, or the one named in the address; `compare` and `what_if` put up to four splits side by side, `step` is how far
    a channel may change a week while the plan is rolled out."""
    return render(request, "mix/budget.html", budget_page(visit, run, _look(request)))


@post(_BUDGET, **_PAGE, **access(Permission.RUN_MODELS, entitlement=Entitlement.OPTIMISER))
def start_budget(request: AnyRequest, visit: Visitor, caller: Caller, data: FormData) -> Response[str]:
    """Look for the best split within the limits of the form."""
    channels = paid_channels(visit.session, today=visit.today, days=CURRENT_DAYS)
    try:
        asked = budget_request(data, channels)
    except InvalidInput as refusal:
        page = replace(budget_page(visit, None, typed=data), problems=refused_form(data, refusal))
        return render(request, "mix/budget.html", page, status=422)
    return _started(request, visit, caller, Kind.BUDGET, asked)


@post(
    _BUDGET + "/{run_id:uuid}/try",
    **(_PAGE | {"status_code": 200}),
    **access(Permission.READ_DATA, entitlement=Entitlement.OPTIMISER),
)
def try_budget(visit: Visitor, run_id: FromPath[UUID], data: JSONBody[TryRequest]) -> TryReply:
    """What the split of the sliders would bring, by the attribution that the plan rests on."""
    run = run_by_id(visit.session, run_id, kind=Kind.BUDGET)
    fit = fit_of_plan(visit.session, run)
    if fit is None or run.result is None:
        raise Conflict("This plan is not finished yet.", "Wait for it, then move the sliders.")
    return try_split(
        data,
        fit=fit,
        plan=run.result["plan"],
        channels=paid_channels(visit.session, today=visit.today, days=CURRENT_DAYS),
        slots=channel_slots(visit.session),
    )


def _started(
    request: AnyRequest, visit: Visit, caller: Principal, kind: Kind, asked: RunRequest, *, again: bool = False
) -> Response[str]:
    run = start_run(
        visit.session,
        kind=kind,
        request=asked,
        workspace=visit.workspace,
        actor_id=caller.signed_in().id,
        again=again,
    )
    flash = _NOTHING_NEW if run.state == "done" else ""
    return redirect(request, f"{visit.base(kind)}?run={run.id}", flash=flash, kind="info")


def _look(request: AnyRequest) -> BudgetLook:
    """What the address asks beside the plan. Raises InvalidInput for a what-if that there is not."""
    what_ifs = known_what_ifs(request.query_params.getall("what_if", []))
    return BudgetLook(_compared(request), what_ifs, asked_step(request.query_params.get("step")))


def _compared(request: AnyRequest) -> list[UUID]:
    """`?compare=a,b` or `?compare=a&compare=b`; what is no id is left out."""
    named = ",".join(request.query_params.getall("compare", [])).split(",")
    return list(dict.fromkeys(found for one in named if (found := parse_id(one)) is not None))


@get(
    _ATTRIBUTION + "/{run_id:uuid}/{file:str}",
    **_FILE,
    **access(Permission.EXPORT_DATA, entitlement=Entitlement.ATTRIBUTION),
)
def export_attribution(
    session: Session, workspace: Here, run_id: FromPath[UUID], file: FromPath[str]
) -> Response[bytes]:
    """An attribution as CSV, XLSX or JSON."""
    return _download(
        attribution_file(session, run_id, workspace=workspace.name, ending=_ending(file, "csv", "xlsx", "json"))
    )


@get(
    _FORECAST + "/{run_id:uuid}/{file:str}",
    **_FILE,
    **access(Permission.EXPORT_DATA, entitlement=Entitlement.FORECAST),
)
def export_forecast(session: Session, workspace: Here, run_id: FromPath[UUID], file: FromPath[str]) -> Response[bytes]:
    """A forecast as CSV, XLSX or JSON."""
    return _download(
        forecast_file(session, run_id, workspace=workspace.name, ending=_ending(file, "csv", "xlsx", "json"))
    )


@get(
    _BUDGET + "/{run_id:uuid}/{file:str}",
    **_FILE,
    **access(Permission.EXPORT_DATA, entitlement=Entitlement.OPTIMISER),
)
def export_budget(
    session: Session, workspace: Here, plan: NamedDependency[Plan], run_id: FromPath[UUID], file: FromPath[str]
) -> Response[bytes]:
    """A plan as CSV, XLSX or PDF."""
    ending = _ending(file, "csv", "xlsx", "pdf")
    if ending == "pdf":
        require(plan, Entitlement.PDF_EXPORT)
    return _download(budget_file(session, run_id, workspace=workspace.name, ending=ending))


def _ending(file: str, *known: str) -> str:
    """`export.csv` → `csv`; any other name is no file of ours."""
    stem, _, ending = file.partition(".")
    if stem != "export" or ending not in known:
        raise NotFound("There is no such file.", f"Ask for export.{', export.'.join(known)}.")
    return ending


def _download(file: ExportFile) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{file.name}"', "cache-control": "no-store"}
    return Response(file.content, media_type=file.media_type, headers=headers)


HANDLERS: list[BaseRouteHandler] = [
    show_attribution,
    start_attribution,
    start_self_test,
    show_forecast,
    start_forecast,
    show_budget,
    start_budget,
    try_budget,
    export_attribution,
    export_forecast,
    export_budget,
]
