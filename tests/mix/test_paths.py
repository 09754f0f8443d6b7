"""Runs from touch paths on a real database: the chain's truth, refunds, days of the shop's clock, and what is missing."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.campaigns.models import Channel
from app.campaigns.platform_models import Campaign, CampaignDay
from app.campaigns.rates import OWN, put_rates
from app.mix.models import ModelRun
from app.mix.path_words import flag_sentences, headline
from app.mix.running import RunContext, run_model
from app.mix.schemas import AttributionRequest, Kind, PathsRequest
from app.mix.service import is_current, start_run
from kit.clock import today_in
from kit.db import ScopedSession
from tenants.workspaces.principal import WorkspaceRef
from tests.mix.history import MICROS, shop_rows, store, yesterday
from tests.mix.path_world import CHAIN, Told, noon, order, population, refund, removal_truth, tell, touch


def run_of(
    session: ScopedSession, workspace: WorkspaceRef, *, zone: str = "UTC", again: bool = False, **asked: int
) -> ModelRun:
    run = start_run(
        session,
        kind=Kind.PATHS,
        request=PathsRequest(**asked),
        workspace=workspace,
        actor_id=uuid4(),
        again=again,
    )
    context = RunContext(currency="USD", today=today_in(zone), progress=lambda _share, _sentence: None, timezone=zone)
    return run_model(session, run_id=run.id, context=context)


def document_of(session: ScopedSession, workspace: WorkspaceRef, **more: Any) -> dict[str, Any]:
    run = run_of(session, workspace, **more)
    assert run.state == "done", run.problem
    assert run.result is not None
    document: dict[str, Any] = run.result["document"]
    return document


def credit(document: dict[str, Any], model: str, *, of: str = "value") -> dict[str, float]:
    """What a model gives each channel."""
    paths = document["paths"]
    found = next(one for one in paths["credits"] if one["model"] == model)
    return dict(zip(paths["channels"], found[of], strict=True))


def flags(document: dict[str, Any]) -> set[str]:
    return {flag["code"] for flag in document["table"]["flags"]}


def row(document: dict[str, Any], channel: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["table"]["channels"] if one["channel"] == channel)
    return found


def test_the_removal_model_finds_the_truth_of_a_simulated_chain(
    session: ScopedSession, workspace: WorkspaceRef
) -> None:
    tell(session, population(1_200))
    document = document_of(session, workspace)
    sales, truth = document["orders"]["value"], removal_truth()
    found, low, high = (credit(document, "markov", of=end) for end in ("value", "value_low", "value_high"))
    for channel, share in truth.items():
        assert found[channel] / sales == pytest.approx(share, abs=0.05)
        assert low[channel] / sales - 0.01 <= share <= high[channel] / sales + 0.01
    assert credit(document, "last")["Facebook Ads"] / sales < truth["Facebook Ads"] / 2
    for model in ("first", "last", "last_non_direct", "linear", "time_decay", "position", "markov", "shapley"):
        assert sum(credit(document, model).values()) == pytest.approx(sales)
    assert set(CHAIN) - {""} == set(found)


def test_orders_are_credited_net_of_refunds(session: ScopedSession, workspace: WorkspaceRef) -> None:
    tell(
        session,
        [
            touch("ann", "Email", noon(5)),
            order("ann", 100, noon(4), "a1"),
            refund("ann", 30, noon(2), "a1"),
            touch("bob", "Google Search", noon(5)),
            order("bob", 80, noon(4), "b1"),
            refund("bob", 80, noon(1), "b1"),
            touch("cem", "Google Search", noon(3)),
            order("cem", 40, noon(2), "c1"),
            refund("cem", 45, noon(1), "c1"),
            order("dee", 20, noon(2), "d1"),
            refund("eve", 20, noon(2), "unknown"),
        ],
    )
    document = document_of(session, workspace)
    assert credit(document, "last") == {"Email": pytest.approx(70), "Google Search": pytest.approx(0)}
    assert document["orders"]["count"] == 2
    assert document["orders"]["share_with_touch"] == pytest.approx(70 / 90)
    assert any("1 refunds exceed the value of their order" in note for note in document["notes"])
    assert document["sales"] == {"value": pytest.approx(90), "basis": "orders"}


def test_a_day_is_a_day_of_the_shops_clock(session: ScopedSession, workspace: WorkspaceRef) -> None:
    auckland = ZoneInfo("Pacific/Auckland")
    today = today_in("Pacific/Auckland")
    midnight = datetime(today.year, today.month, today.day, tzinfo=auckland)
    tell(
        session,
        [
            order("ann", 10, midnight - timedelta(days=10), "first day"),
            order("ann", 20, midnight - timedelta(minutes=1), "last minute of yesterday"),
            order("ann", 40, midnight + timedelta(minutes=1), "today is not over"),
        ],
    )
    document = document_of(session, workspace, zone="Pacific/Auckland")
    assert document["until"] == (today - timedelta(days=1)).isoformat()
    assert document["since"] == (today - timedelta(days=10)).isoformat()
    assert document["orders"]["value"] == pytest.approx(30)


def test_a_touch_before_the_window_counts_only_for_a_sale_within_it(
    session: ScopedSession, workspace: WorkspaceRef
) -> None:
    tell(
        session,
        [
            order("old", 5, noon(40), "o1"),
            touch("ann", "Email", noon(12)),
            touch("ann", "Google Search", noon(10)),
            order("ann", 100, noon(9), "a1"),
            touch("ann", "Facebook Ads", noon(8)),
            order("ann", 50, noon(4), "a2"),
            touch("bob", "Email", noon(20)),
            order("bob", 70, noon(3), "b1"),
            touch("cem", "Email", noon(9)),
            touch("dee", "Email", noon(0)),
        ],
    )
    document = document_of(session, workspace, window_days=7, look_back_days=10)
    assert document["days"] == 7
    assert credit(document, "linear") == {"Email": 0, "Facebook Ads": pytest.approx(50)}
    assert document["orders"]["value"] == pytest.approx(120)


def test_touches_of_one_session_are_one(session: ScopedSession, workspace: WorkspaceRef) -> None:
    visits = [touch("ann", "Email", noon(3, minutes=minute)) for minute in (0, 10, 20)]
    tell(session, [*visits, touch("ann", "Google Search", noon(3, minutes=30)), order("ann", 40, noon(2), "a1")])
    assert credit(document_of(session, workspace), "linear")["Email"] == pytest.approx(20)
    assert credit(document_of(session, workspace, session_minutes=0), "linear")["Email"] == pytest.approx(30)


def test_claims_and_recorded_revenue_are_compared_without_any_touch(
    session: ScopedSession, workspace: WorkspaceRef
) -> None:
    store(session, shop_rows(days=40))
    document = document_of(session, workspace, window_days=30)
    assert document["sales"]["basis"] == "recorded"
    assert 0 < document["table"]["claims_share"] < 1, "what comes without advertising is nobody's claim"
    assert "Direct" not in {one["channel"] for one in document["table"]["channels"]}
    assert document["paths"]["channels"] == []
    assert document["orders"]["share_with_touch"] is None
    assert document["mix"] is None
    assert row(document, "Google Search")["claimed_value"] > 0
    assert not flags(document) & {"no_touches", "paths_miss_sales", "paths_have_no_baseline"}


def test_platforms_claims_are_counted_in_the_workspaces_currency(
    session: ScopedSession, workspace: WorkspaceRef
) -> None:
    tell(session, [order("old", 10, noon(20), "o1"), touch("ann", "Email", noon(3)), order("ann", 90, noon(2), "a1")])
    channel_id = session.scalars(select(Channel.id).where(Channel.name == "Email")).one()
    put_rates(session, {("USD", date(1970, 1, 1)): Decimal(1)}, source=OWN)
    put_rates(session, {("EUR", yesterday() - timedelta(days=30)): Decimal("1.25")}, source="bank")
    for currency, value in (("EUR", 80), ("USD", 50)):
        campaign = Campaign(channel_id=channel_id, name=f"Mails in {currency}", status="active", currency=currency)
        session.add(campaign)
        session.flush()
        session.add(
            CampaignDay(
                campaign_number=campaign.number,
                day=yesterday() - timedelta(days=2),
                spend_micros=5 * MICROS,
                conversions=Decimal(2),
                conversion_value_micros=value * MICROS,
                finality=2,
            )
        )
    session.flush()
    document = document_of(session, workspace)
    assert row(document, "Email")["claimed_value"] == pytest.approx(150)
    assert row(document, "Email")["claimed_conversions"] == 4
    assert document["table"]["claims_share"] == pytest.approx(1.5)
    assert "claims_exceed_sales" in flags(document)
    assert "at least 33\u00a0% of that cannot be right" in headline(document)
    assert flag_sentences(document)[0].startswith("Claims sum to 150\u00a0% of sales")


def test_the_mix_model_is_shown_for_the_same_days_with_its_grade(
    session: ScopedSession, workspace: WorkspaceRef
) -> None:
    store(session, shop_rows(days=180))
    fitted = start_run(
        session, kind=Kind.ATTRIBUTION, request=AttributionRequest(), workspace=workspace, actor_id=uuid4()
    )
    before = run_of(session, workspace)
    context = RunContext(currency="USD", today=today_in("UTC"), progress=lambda _share, _sentence: None)
    fit = run_model(session, run_id=fitted.id, context=context).result["document"]  # type: ignore[index]  # it is done
    assert not is_current(session, before), "an attribution has come in since"
    whole = document_of(session, workspace, window_days=180)
    month = document_of(session, workspace, window_days=30)
    for channel in fit["channels"]:
        found = row(whole, channel["channel"])
        assert found["mix_grade"] == channel["grade"]
        assert found["mix_low"] == pytest.approx(channel["contribution_low"], rel=1e-3, abs=1)
        if channel["grade"] == "cannot_tell":
            assert found["mix_value"] is None
        else:
            assert found["mix_value"] == pytest.approx(channel["contribution"], rel=1e-3)
            assert 0 < row(month, channel["channel"])["mix_value"] < 0.4 * found["mix_value"]
    assert month["mix"]["covered"] == pytest.approx(1.0)


def test_paths_to_a_part_of_the_sales_are_not_held_against_the_mix_model(
    session: ScopedSession, workspace: WorkspaceRef
) -> None:
    store(session, shop_rows(days=60))
    tell(session, [order("old", 1, noon(59), "o1"), touch("ann", "Email", noon(3)), order("ann", 40, noon(2), "a1")])
    tell(session, [touch("ann", "Email", noon(0))])
    document = document_of(session, workspace)
    assert document["orders"]["share_of_sales"] < 0.01
    assert "orders_are_not_all_sales" in flags(document)
    assert not flags(document) & {"paths_miss_sales", "last_click_above_mix", "last_click_below_mix"}


def test_new_events_make_an_answer_old_and_the_same_question_is_asked_once(
    session: ScopedSession, workspace: WorkspaceRef
) -> None:
    tell(session, [touch("ann", "Email", noon(3)), order("ann", 40, noon(2), "a1")])
    first = run_of(session, workspace)
    assert is_current(session, first)
    asked = {"kind": Kind.PATHS, "request": PathsRequest(), "workspace": workspace, "actor_id": None}
    assert start_run(session, **asked).id == first.id  # type: ignore[arg-type]  # named as above
    tell(session, [order("bob", 10, noon(1), "b1")])
    assert not is_current(session, first)
    assert start_run(session, **asked).id != first.id  # type: ignore[arg-type]  # named as above


def test_an_empty_workspace_is_refused_with_what_to_do(session: ScopedSession, workspace: WorkspaceRef) -> None:
    run = run_of(session, workspace)
    assert run.state == "refused"
    assert run.problem is not None
    assert run.problem["code"] == "model-refused"
    assert "Upload customers' orders and touches" in run.problem["hint"]


def test_more_channels_than_can_be_told_apart_are_refused_by_number(
    session: ScopedSession, workspace: WorkspaceRef
) -> None:
    visits = [touch("ann", f"Channel {number}", noon(5, minutes=number)) for number in range(63)]
    tell(session, [*visits, order("ann", 40, noon(2), "a1")])
    run = run_of(session, workspace)
    assert run.state == "refused"
    assert run.problem is not None
    assert "63 channels" in run.problem["detail"]
    assert run.problem["code"] == "model-refused"


def test_orders_without_a_number_and_numbers_used_twice_all_count(
    session: ScopedSession, workspace: WorkspaceRef
) -> None:
    events: list[Told] = [touch("ann", "Email", noon(5)), order("ann", 10, noon(4), ""), order("ann", 20, noon(3), "")]
    events += [order("bob", 30, noon(3), "same"), order("cem", 40, noon(2), "same"), refund("bob", 30, noon(1), "same")]
    tell(session, events)
    document = document_of(session, workspace)
    assert document["orders"]["value"] == pytest.approx(70)
    assert document["orders"]["count"] == 3


def test_a_window_ends_where_one_of_both_is_no_longer_known(session: ScopedSession, workspace: WorkspaceRef) -> None:
    store(session, shop_rows(days=60))
    tell(session, [order("ann", 40, noon(100), "a1"), order("ann", 40, datetime.now(UTC) - timedelta(days=11), "a2")])
    document = document_of(session, workspace)
    assert document["until"] == (datetime.now(UTC).date() - timedelta(days=11)).isoformat()
    assert document["since"] == (yesterday() - timedelta(days=59)).isoformat()
