"""Runs on a real database: one question is answered once per state of the data, and a refusal is an answer with a reason."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from app.campaigns.facts import refresh_rollup
from app.mix.errors import BudgetImpossible
from app.mix.models import ModelRun
from app.mix.queries import marketing_frame, paid_channels, run_by_id
from app.mix.running import run_model
from app.mix.scenarios import value_allocation
from app.mix.schemas import AttributionRequest, BudgetRequest, ForecastRequest, Kind, RunRequest
from app.mix.service import fit_of, is_current, reply, start_run
from kit.clock import today_in
from kit.db import ScopedSession
from kit.errors import NotFound
from kit.jobs.models import JobRow
from kit.settings import Settings
from ml.mix.results import MixFit
from tenants.isolation.planes import Planes
from tenants.workspaces.principal import WorkspaceRef
from tests.mix.history import quiet_context, shop_rows, store, yesterday
from tests.people import Person, make_person


def started(session: ScopedSession, workspace: WorkspaceRef, kind: Kind, request: RunRequest, **more: Any) -> ModelRun:
    return start_run(session, kind=kind, request=request, workspace=workspace, actor_id=uuid4(), **more)


def computed(session: ScopedSession, run: ModelRun) -> ModelRun:
    return run_model(session, run_id=run.id, context=quiet_context())


def refreshed(session: ScopedSession) -> None:
    """What an import does at its end."""
    refresh_rollup(session, since=yesterday() - timedelta(days=1), until=yesterday())


def test_the_same_question_on_the_same_data_is_answered_once(session: ScopedSession, workspace: WorkspaceRef) -> None:
    store(session, shop_rows())
    first = started(session, workspace, Kind.ATTRIBUTION, AttributionRequest())
    assert started(session, workspace, Kind.ATTRIBUTION, AttributionRequest()).id == first.id
    computed(session, first)
    assert started(session, workspace, Kind.ATTRIBUTION, AttributionRequest()).id == first.id
    assert started(session, workspace, Kind.FORECAST, ForecastRequest()).id != first.id


def test_a_finished_answer_is_worked_out_anew_when_asked_for_or_when_data_came_in(
    session: ScopedSession, workspace: WorkspaceRef
) -> None:
    store(session, shop_rows())
    first = computed(session, started(session, workspace, Kind.ATTRIBUTION, AttributionRequest()))
    assert started(session, workspace, Kind.ATTRIBUTION, AttributionRequest(), again=True).id != first.id
    refreshed(session)
    assert not is_current(session, first)
    assert started(session, workspace, Kind.ATTRIBUTION, AttributionRequest()).id != first.id


def test_a_run_whose_job_was_cancelled_gets_a_new_job(
    planes: Planes, settings: Settings, workspace: WorkspaceRef
) -> None:
    person = make_person(settings, planes, name="Cara Cancel", plan="premium")
    with planes.tenant(person.tenant) as session:
        run = started(session, workspace, Kind.ATTRIBUTION, AttributionRequest())
        session.commit()
        first_job = run.job_id
        with planes.begin_control() as control:
            control.get_one(JobRow, first_job).state = "cancelled"
        again = started(session, workspace, Kind.ATTRIBUTION, AttributionRequest())
        assert again.id == run.id
        assert again.job_id != first_job


def test_an_attribution_tells_progress_and_can_be_opened_again(session: ScopedSession, workspace: WorkspaceRef) -> None:
    store(session, shop_rows())
    run, told = started(session, workspace, Kind.ATTRIBUTION, AttributionRequest()), list[float]()
    run_model(session, run_id=run.id, context=quiet_context(told))
    session.flush()
    session.expire_all()
    opened = run_by_id(session, run.id, kind=Kind.ATTRIBUTION)
    assert opened.state == "done"
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert set(fit_of(opened).names) >= {"Google Search", "Facebook Ads"}
    assert reply(session, opened).is_current


@pytest.mark.parametrize(
    ("days", "reason"), [(0, "There is no data yet"), (30, "30 days of data; at least 60 are needed")]
)
def test_a_refusal_is_stored_with_its_reason_and_what_to_do(
    session: ScopedSession, workspace: WorkspaceRef, days: int, reason: str
) -> None:
    if days:
        store(session, shop_rows(days=days))
    run = computed(session, started(session, workspace, Kind.ATTRIBUTION, AttributionRequest()))
    assert run.state == "refused"
    assert run.result is None
    assert run.problem is not None
    assert reason in run.problem["detail"]
    assert run.problem["hint"]


def test_a_refused_question_may_be_asked_again(session: ScopedSession, workspace: WorkspaceRef) -> None:
    run = computed(session, started(session, workspace, Kind.ATTRIBUTION, AttributionRequest()))
    assert started(session, workspace, Kind.ATTRIBUTION, AttributionRequest()).id != run.id


def test_a_plan_makes_the_attribution_that_it_needs_and_keeps_it(
    session: ScopedSession, workspace: WorkspaceRef
) -> None:
    store(session, shop_rows())
    plan = computed(session, started(session, workspace, Kind.BUDGET, BudgetRequest()))
    assert plan.result is not None
    kept = run_by_id(session, UUID(plan.result["attribution_run_id"]), kind=Kind.ATTRIBUTION)
    assert started(session, workspace, Kind.ATTRIBUTION, AttributionRequest()).id == kept.id


def test_a_second_plan_uses_the_attribution_that_is_there(session: ScopedSession, workspace: WorkspaceRef) -> None:
    store(session, shop_rows())
    fitted = computed(session, started(session, workspace, Kind.ATTRIBUTION, AttributionRequest()))
    recent = AttributionRequest(since=yesterday() - timedelta(days=100))
    computed(session, started(session, workspace, Kind.ATTRIBUTION, recent))
    plan = computed(session, started(session, workspace, Kind.BUDGET, BudgetRequest(max_change=0.3)))
    assert plan.result is not None
    assert plan.result["attribution_run_id"] == str(fitted.id)
    assert session.scalar(select(func.count()).select_from(ModelRun)) == 3


def test_limits_that_contradict_each_other_are_named(session: ScopedSession, workspace: WorkspaceRef) -> None:
    store(session, shop_rows())
    request = BudgetRequest(budget_per_day=100, minimum={"Google Search": 400})
    run = computed(session, started(session, workspace, Kind.BUDGET, request))
    assert run.state == "refused"
    assert run.problem is not None
    assert "Google Search" in run.problem["detail"]
    assert run.problem["code"] == BudgetImpossible.code


def test_todays_unfinished_day_is_left_out(session: ScopedSession) -> None:
    store(session, shop_rows(days=80, end_on=today_in("UTC")))
    frame = marketing_frame(session, currency="USD", today=today_in("UTC"))
    assert frame.dates[-1].astype(object) == yesterday()


def test_recent_spend_is_an_average_over_all_days_of_channels_that_take_money(session: ScopedSession) -> None:
    rows = shop_rows(days=80)
    store(session, rows)
    found = {channel.name: channel.per_day for channel in paid_channels(session, today=today_in("UTC"), days=28)}
    since = yesterday() - timedelta(days=27)
    spent = sum(row.spend for row in rows if row.channel == "Google Search" and row.date >= since)
    assert found["Google Search"] == pytest.approx(spent / 28)
    assert "Direct" not in found


def test_a_run_of_another_kind_or_workspace_is_not_found(
    planes: Planes, session: ScopedSession, workspace: WorkspaceRef, stranger: Person
) -> None:
    run = started(session, workspace, Kind.ATTRIBUTION, AttributionRequest())
    with pytest.raises(NotFound):
        run_by_id(session, run.id, kind=Kind.FORECAST)
    with planes.tenant(stranger.tenant) as elsewhere, pytest.raises(NotFound):
        run_by_id(elsewhere, run.id)


def test_todays_split_is_worth_what_it_brings_today(fit: MixFit) -> None:
    today = dict(zip(fit.names, fit.current_per_day().tolist(), strict=True))
    found = value_allocation(fit, today)
    assert found.expected_uplift_per_day == pytest.approx(0)
    assert found.revenue_low < found.expected_revenue_per_day < found.revenue_high
