"""An attribution shows a first look while it works, then its checks, the next best test, and how good it is on data like these."""

from typing import Any

import pytest

from app.mix.models import ModelRun
from app.mix.queries import run_by_id
from app.mix.running import RunContext, run_model
from app.mix.schemas import AttributionRequest, Kind, SelfTestRequest
from app.mix.service import fit_of, keep_first_look, start_run
from kit.db import ScopedSession
from ml.mix.results import MixFit
from tenants.workspaces.principal import WorkspaceRef
from tests.mix.history import quiet_context, shop_rows, store, yesterday


@pytest.fixture
def shop(session: ScopedSession) -> ScopedSession:
    store(session, shop_rows(days=150))
    return session


def started(shop: ScopedSession, workspace: WorkspaceRef, kind: Kind, request: Any) -> ModelRun:
    return start_run(shop, kind=kind, request=request, workspace=workspace, actor_id=None)


def test_a_first_look_comes_before_the_full_answer_and_is_marked(shop: ScopedSession, workspace: WorkspaceRef) -> None:
    run = started(shop, workspace, Kind.ATTRIBUTION, AttributionRequest())
    looks: list[dict[str, Any]] = []
    told: list[float] = []
    quiet = quiet_context()
    context = RunContext(
        currency=quiet.currency,
        today=quiet.today,
        progress=lambda share, _sentence: told.append(share),
        first_look=looks.append,
    )
    done = run_model(shop, run_id=run.id, context=context)
    (look,) = looks
    assert MixFit.from_dict(look["fit"]).preview
    assert all(one.grade != "reliable" for one in MixFit.from_dict(look["fit"]).channels)
    assert not fit_of(done).preview
    assert told == sorted(told)
    assert done.result is not None
    assert done.result["next_test"]["reason"]
    assert {check.name for check in fit_of(done).checks} >= {"settled", "hold-out", "baseline", "placebo"}


def test_a_first_look_replaces_no_finished_answer(shop: ScopedSession, workspace: WorkspaceRef) -> None:
    run = started(shop, workspace, Kind.ATTRIBUTION, AttributionRequest())
    keep_first_look(shop, run.id, {"document": {"rough": True}})
    shop.refresh(run)
    assert (run.state, run.result) == ("running", {"document": {"rough": True}})
    run.state, run.result = "done", {"document": {"rough": False}}
    shop.flush()
    keep_first_look(shop, run.id, {"document": {"rough": True}})
    shop.refresh(run)
    assert run_by_id(shop, run.id).result == {"document": {"rough": False}}


def test_a_self_test_tells_how_often_the_ranges_hold(shop: ScopedSession, workspace: WorkspaceRef) -> None:
    run = started(shop, workspace, Kind.SELF_TEST, SelfTestRequest(rounds=2))
    done = run_model(shop, run_id=run.id, context=quiet_context())
    assert done.state == "done", done.problem
    assert done.result is not None
    tested = done.result["self_test"]
    assert tested["rounds"] == 2
    assert 0 <= tested["covered_95"] <= 1
    assert len(tested["channels"]) == len({one["channel"] for one in tested["channels"]})
    assert tested["sentence"]
    assert yesterday() >= fit_of(run_by_id(shop, done.result["attribution_run_id"])).dates[-1].astype(object)


def test_four_more_weeks_move_returns_in_steps(session: ScopedSession, workspace: WorkspaceRef) -> None:
    rows = shop_rows(days=178)
    last_days = sorted({row.date for row in rows})[-28:]
    store(session, [row for row in rows if row.date not in last_days])
    first = started(session, workspace, Kind.ATTRIBUTION, AttributionRequest())
    before = fit_of(run_model(session, run_id=first.id, context=quiet_context()))
    store(session, [row for row in rows if row.date in last_days])
    second = started(session, workspace, Kind.ATTRIBUTION, AttributionRequest())
    assert second.id != first.id
    after = fit_of(run_model(session, run_id=second.id, context=quiet_context()))
    assert after.days == before.days + 28
    for old in before.channels:
        new = after.channel(old.channel).roi_mean
        is_new_evidence = not old.roi_low <= new <= old.roi_high
        assert is_new_evidence or abs(new / old.roi_mean - 1) <= 0.15
