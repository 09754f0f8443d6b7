"""The three decision pages put together: which run, how far it is, its result in views, or the sample and the offer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar.di import NamedDependency

from app.mix.asking import budget_form, forecast_form
from app.mix.budget_rollout import DEFAULT_STEP, rollout_of
from app.mix.comparing import Asked, comparison_of, plan_choices, what_if_choices
from app.mix.contexts import (
    AttributionPage,
    BudgetPage,
    Download,
    ForecastPage,
    Frame,
    Offer,
    PlanView,
    SelfTestCard,
    SpendLine,
)
from app.mix.errors import RunRefused
from app.mix.lift_tests import lift_tests
from app.mix.models import ModelRun
from app.mix.opening import run_state
from app.mix.queries import (
    PaidChannel,
    channel_slots,
    claimed_revenue,
    latest_run,
    marketing_frame,
    paid_channels,
    recent_runs,
    run_by_id,
)
from app.mix.sample import BUDGET as SAMPLE_BUDGET
from app.mix.sample import read_sample
from app.mix.schemas import BudgetRequest, ForecastRequest, Kind
from app.mix.service import fit_of
from app.mix.views import attribution_view, forecast_view, next_test_view, plan_view
from billing.plans import Entitlement, Plan, cheapest_plan_with, price_label
from kit.clock import today_in, utc_now
from kit.db import ScopedSession
from kit.format import percent
from kit.storage import Storage
from ml.errors import MlError
from ml.forecast import Forecast
from ml.mix.identify import identify
from ml.mix.results import MixFit
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef

CURRENT_DAYS, USUAL_DAYS = 90, 28
_PATHS = {
    Kind.ATTRIBUTION: "attribution",
    Kind.FORECAST: "forecast",
    Kind.BUDGET: "budget",
    Kind.SELF_TEST: "attribution",
    Kind.PATHS: "attribution/paths",
}
_NEEDS = {
    Kind.ATTRIBUTION: Entitlement.ATTRIBUTION,
    Kind.FORECAST: Entitlement.FORECAST,
    Kind.BUDGET: Entitlement.OPTIMISER,
    Kind.PATHS: Entitlement.ATTRIBUTION,
}
_OFFERS = {
    Kind.ATTRIBUTION: ("Attribution", "See what each channel really brings, how sure that is, and what the next unit of spend would bring."),
    Kind.FORECAST: ("The forecast", "See where revenue is heading over 7 to 90 days, and what a change of spend would do to it."),
    Kind.BUDGET: ("The budget optimiser", "See how to split the same budget so that it brings more, and how likely that is."),
}  # fmt: skip
_FILES = {
    Kind.ATTRIBUTION: (("Excel workbook (XLSX)", "xlsx", "file-spreadsheet"), ("Channels (CSV)", "csv", "table-2"), ("Everything (JSON)", "json", "file-text")),
    Kind.FORECAST: (("Excel workbook (XLSX)", "xlsx", "file-spreadsheet"), ("Days (CSV)", "csv", "table-2"), ("Everything (JSON)", "json", "file-text")),
    Kind.BUDGET: (("Report (PDF)", "pdf", "file-text"), ("Excel workbook (XLSX)", "xlsx", "file-spreadsheet"), ("Plan (CSV)", "csv", "table-2")),
    Kind.PATHS: (("Excel workbook (XLSX)", "xlsx", "file-spreadsheet"), ("Channels (CSV)", "csv", "table-2"), ("Everything (JSON)", "json", "file-text")),
}  # fmt: skip


@dataclass(frozen=True)
class Visit:
    """Who looks at which workspace, when, and the sessions to answer with."""

    session: ScopedSession
    control: ScopedSession
    storage: Storage
    workspace: WorkspaceRef
    plan: Plan
    today: date
    now: datetime

    def base(self, kind: Kind) -> str:
        """The page's address."""
        return f"/w/{self.workspace.id}/{_PATHS[kind]}"

    def includes(self, kind: Kind) -> bool:
        """True where the workspace's plan has this page."""
        return self.plan.includes(_NEEDS[kind])


def provide_visit(
    session: NamedDependency[ScopedSession],
    control: NamedDependency[ScopedSession],
    storage: NamedDependency[Storage],
    workspace: NamedDependency[WorkspaceRef],
    plan: NamedDependency[Plan],
) -> Visit:
    """Everything that the pages answer with."""
    return Visit(session, control, storage, workspace, plan, today_in(workspace.timezone), utc_now())


def attribution_page(visit: Visit, run_id: UUID | None) -> AttributionPage:
    """What each channel brings."""
    if not visit.includes(Kind.ATTRIBUTION):
        sample = read_sample(visit.storage)
        shown = attribution_view(sample.fit, slots=sample.slots) if sample else None
        return AttributionPage(_offered(visit, Kind.ATTRIBUTION), shown)
    run = chosen_run(visit, Kind.ATTRIBUTION, run_id)
    page = run_frame(visit, Kind.ATTRIBUTION, run)
    fit = _fit_to_show(run)
    if fit is None:
        return AttributionPage(page, None, before=_before(visit) if run is None else ())
    since, until = fit.dates[0].astype(object), fit.dates[-1].astype(object)
    shown = attribution_view(
        fit,
        slots=channel_slots(visit.session),
        claimed=claimed_revenue(visit.session, since=since, until=until),
        with_curves=visit.plan.includes(Entitlement.RESPONSE_CURVES),
    )
    keys = {one.name: one.key for one in paid_channels(visit.session, today=visit.today, days=USUAL_DAYS)}
    stored = run.result.get("next_test") if run and run.result else None
    return AttributionPage(
        page,
        shown,
        has_tests=bool(lift_tests(visit.session)),
        next_test=next_test_view(stored, base=visit.base(Kind.ATTRIBUTION), keys=keys),
        self_test=_self_test(visit) if run and run.state == "done" else None,
    )


def _self_test(visit: Visit) -> SelfTestCard:
    """The newest self-test, or the offer of one."""
    run = latest_run(visit.session, kind=Kind.SELF_TEST)
    if run is None:
        return SelfTestCard(None, "", ())
    base = visit.base(Kind.ATTRIBUTION)
    state = run_state(visit.session, visit.control, run, base=base, workspace=visit.workspace, now=visit.now)
    tested: dict[str, Any] = (
        run.result["self_test"] if run.state == "done" and run.result else {"sentence": "", "channels": ()}
    )
    lines = tuple(
        (
            one["channel"],
            percent(one["covered_95"], digits=0),
            percent(one["typical_error"], digits=0),
            percent(one["graded_cannot_tell"], digits=0),
        )
        for one in tested["channels"]
    )
    return SelfTestCard(replace(state, href=base), tested["sentence"], lines)


def _fit_to_show(run: ModelRun | None) -> MixFit | None:
    """The run's fit, or while it works its first look."""
    if run is not None and run.state == "running" and run.result is not None:
        return MixFit.from_dict(run.result["fit"])
    return fit_of(run) if run is not None and run.state == "done" else None


def _before(visit: Visit) -> tuple[SpendLine, ...]:
    """What the spend alone says of each channel, before anything is worked out; nothing where there is too little."""
    try:
        frame = marketing_frame(visit.session, currency=visit.workspace.currency, today=visit.today)
        return tuple(SpendLine(one.channel, one.grade, one.reason, one.would_help) for one in identify(frame))
    except (MlError, RunRefused):
        return ()


def forecast_page(visit: Visit, run_id: UUID | None, typed: Mapping[str, str] | None = None) -> ForecastPage:
    """Where revenue is heading."""
    if not visit.includes(Kind.FORECAST):
        sample = read_sample(visit.storage)
        return ForecastPage(_offered(visit, Kind.FORECAST), None, forecast_view(sample.forecast) if sample else None)
    run = chosen_run(visit, Kind.FORECAST, run_id)
    channels = paid_channels(visit.session, today=visit.today, days=USUAL_DAYS)
    asked = msgspec.convert(run.request, ForecastRequest) if run else None
    shown = (
        forecast_view(Forecast.from_dict(run.result["forecast"]))
        if run and run.state == "done" and run.result
        else None
    )
    return ForecastPage(
        page=run_frame(visit, Kind.FORECAST, run, channels),
        form=forecast_form(channels, currency=visit.workspace.currency, asked=asked, typed=typed),
        shown=shown,
    )


@dataclass(frozen=True)
class BudgetLook:
    """What an address asks of the budget page beside the plan: plans and what-ifs side by side, and the steps of the roll-out."""

    compared: Sequence[UUID] = ()
    what_ifs: Sequence[str] = ()
    step: float = DEFAULT_STEP


def budget_page(
    visit: Visit, run_id: UUID | None, look: BudgetLook | None = None, typed: Mapping[str, str] | None = None
) -> BudgetPage:
    """Where the next money should go."""
    look = look or BudgetLook()
    if not visit.includes(Kind.BUDGET):
        sample = read_sample(visit.storage)
        shown = plan_view(sample.plan, sample.fit, SAMPLE_BUDGET, slots=sample.slots) if sample else None
        return BudgetPage(_offered(visit, Kind.BUDGET), None, shown, (), None)
    run = chosen_run(visit, Kind.BUDGET, run_id)
    channels = paid_channels(visit.session, today=visit.today, days=CURRENT_DAYS)
    asked = msgspec.convert(run.request, BudgetRequest) if run else None
    slots, fit = channel_slots(visit.session), fit_of_plan(visit.session, run) if run else None
    shown = (
        plan_view(run.result, fit, asked, slots=slots, with_own=True) if run and run.result and fit and asked else None
    )
    form = budget_form(
        channels,
        base=visit.base(Kind.BUDGET),
        run_id=str(run.id) if run else "",
        currency=visit.workspace.currency,
        asked=asked,
        fit=fit,
        recommended=_recommended(shown),
        typed=typed or {},
    )
    recent = recent_runs(visit.session, kind=Kind.BUDGET)
    return BudgetPage(
        page=run_frame(visit, Kind.BUDGET, run, channels),
        form=form,
        shown=shown,
        recent=plan_choices(
            recent,
            compared=look.compared,
            base=visit.base(Kind.BUDGET),
            currency=visit.workspace.currency,
            now=visit.now,
        ),
        comparison=comparison_of(
            Asked([run_by_id(visit.session, one, kind=Kind.BUDGET) for one in look.compared[:10]], look.what_ifs),
            shown=run,
            fit=fit,
        ),
        what_ifs=what_if_choices(look.what_ifs),
        rollout=rollout_of(run.result, fit, step=look.step, today=visit.today)
        if run is not None and run.result and fit
        else None,
    )


def fit_of_plan(session: ScopedSession, run: ModelRun) -> MixFit | None:
    """The fit that a finished plan rests on."""
    if run.state != "done" or run.result is None:
        return None
    return fit_of(run_by_id(session, UUID(run.result["attribution_run_id"]), kind=Kind.ATTRIBUTION))


def _recommended(shown: PlanView | None) -> dict[str, float]:
    return {line.name: line.recommended for line in shown.lines} if shown else {}


def chosen_run(visit: Visit, kind: Kind, run_id: UUID | None) -> ModelRun | None:
    """The run that the address names, else the newest of its kind."""
    if run_id is not None:
        return run_by_id(visit.session, run_id, kind=kind)
    return latest_run(visit.session, kind=kind)


def run_frame(
    visit: Visit,
    kind: Kind,
    run: ModelRun | None,
    channels: Sequence[PaidChannel] | None = None,
    *,
    has_data: bool | None = None,
) -> Frame:
    """What the pages share; there are data where a channel takes money, unless the caller knows better."""
    base, workspace = visit.base(kind), visit.workspace
    if channels is None and has_data is None:
        channels = paid_channels(visit.session, today=visit.today, days=USUAL_DAYS)
    state = run_state(visit.session, visit.control, run, base=base, workspace=workspace, now=visit.now) if run else None
    may_export = run is not None and run.state == "done" and workspace.allows(Permission.EXPORT_DATA)
    return Frame(
        here=state.href if state else base,
        base=base,
        may_run=workspace.allows(Permission.RUN_MODELS),
        has_data=bool(channels) if has_data is None else has_data,
        import_href=f"/w/{workspace.id}/imports" if workspace.allows(Permission.IMPORT_DATA) else "",
        run=state,
        downloads=tuple(
            Download(label, f"{base}/{run.id}/export.{ending}", icon) for label, ending, icon in _FILES[kind]
        )
        if run is not None and may_export
        else (),
    )


def _offered(visit: Visit, kind: Kind) -> Frame:
    better = cheapest_plan_with(_NEEDS[kind])
    title, text = _OFFERS[kind]
    return Frame(
        here=visit.base(kind),
        base=visit.base(kind),
        may_run=False,
        has_data=True,
        import_href="",
        offer=Offer(title, text, better.name, price_label(better), f"/w/{visit.workspace.id}/billing"),
    )
