"""A daily budget for one campaign: proposed from its own response, kept or refused where the data say so, and never applied."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import func, select, text

from app.campaigns.models import ChannelDay
from app.campaigns.platform_models import Campaign, CampaignChange, CampaignDay, RevenueDay
from app.campaigns.rates import keep_own_currency
from app.connections.catalogue import publish
from app.mix.campaign_budget import preview_of, request_for
from app.mix.running import run_model
from app.mix.schemas import Kind
from app.mix.service import start_run
from app.plugins import load_plugins
from kit.errors import InvalidInput
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tenants.workspaces.principal import WorkspaceRef
from tests.campaigns.advertiser import MICROS, Advertiser
from tests.mix.history import quiet_context, yesterday
from tests.people import Person, make_person

DAYS = 240


def advertise(at: Advertiser, *, response: float, days: int = DAYS, **more: Any) -> Campaign:
    """A campaign whose spend brings `response` for each unit, diminishing, beside another that brings little; and a shop's revenue."""
    rng = np.random.default_rng(5)
    keep_own_currency(at.session, "USD")
    account = at.account("Main")
    shop = at.account("Shop", connector="shopify")
    campaign = at.campaign("Tested", account=account, **({"daily_budget_micros": 100 * MICROS} | more))
    other = at.campaign("Rest", account=account)
    level = np.repeat(rng.choice([40.0, 70.0, 100.0, 130.0, 160.0], size=days // 7 + 1), 7)[:days] * rng.uniform(
        0.9, 1.1, days
    )
    rest = np.repeat(rng.choice([120.0, 200.0, 280.0], size=days // 10 + 1), 10)[:days] * rng.uniform(0.9, 1.1, days)
    revenue = 900 + response * 160 * level / (level + 160) + 0.4 * rest + rng.normal(0, 80, days)
    for offset in range(days):
        day = yesterday() - timedelta(days=days - 1 - offset)
        for owner, spend in ((campaign, level[offset]), (other, rest[offset])):
            at.session.add(
                CampaignDay(
                    campaign_number=owner.number,
                    day=day,
                    spend_micros=round(float(spend) * MICROS),
                    conversions=Decimal(3),
                    conversion_value_micros=100 * MICROS,
                    finality=2,
                )
            )
        money = round(float(revenue[offset]) * MICROS)
        at.session.add(RevenueDay(account_id=shop.id, day=day, source="", revenue_micros=money, finality=2))
    at.channel("whole_day", "Not by channel")
    at.session.flush()
    at.rolled_up()
    return campaign


@pytest.fixture
def at(planes: Planes, settings: Settings) -> Any:
    person = make_person(settings, planes, name="Olaf Optimiser", plan="premium")
    with planes.tenant(person.tenant) as session:
        yield Advertiser(session, yesterday())


def asked(at: Advertiser, campaign: Campaign, workspace: WorkspaceRef, *, max_change: float = 0.2) -> dict[str, Any]:
    """The result of a run."""
    request = request_for(at.session, campaign, max_change=max_change)
    run = start_run(at.session, kind=Kind.CAMPAIGN_BUDGET, request=request, workspace=workspace, actor_id=uuid4())
    done = run_model(at.session, run_id=run.id, context=quiet_context())
    assert done.state == "done"
    assert done.result is not None
    return done.result


def preview(at: Advertiser, campaign: Campaign, result: dict[str, Any]) -> Any:
    manifest = load_plugins().named("meta_ads").manifest
    return preview_of(at.session, campaign, result, manifest=manifest, base="/w/1")


def test_a_campaign_that_brings_more_than_the_rest_gets_a_larger_budget_within_its_limit(
    at: Advertiser, workspace: WorkspaceRef
) -> None:
    campaign = advertise(at, response=6, daily_budget_micros=70 * MICROS)
    result = asked(at, campaign, workspace)
    assert result["verdict"] == "raise"
    assert 70 * MICROS < result["proposed_daily_budget_micros"] <= 84 * MICROS
    assert result["expected"]["low"] <= result["expected"]["uplift_per_day"] <= result["expected"]["high"]
    assert result["response"]["marginal_roi"]["mean"] > 1
    shown = preview(at, campaign, result)
    assert shown.problem == ""
    assert shown.confirm.method == "PATCH"
    assert shown.confirm.body["expected_daily_budget_micros"] == 70 * MICROS
    assert campaign.daily_budget_micros == 70 * MICROS
    assert at.session.scalar(select(func.count()).select_from(CampaignChange)) == 0


def test_the_preview_says_when_the_budget_has_moved_since(at: Advertiser) -> None:
    campaign = advertise(at, response=6, days=3)
    result = {"verdict": "raise", "daily_budget_micros": 100 * MICROS, "proposed_daily_budget_micros": 120 * MICROS}
    campaign.daily_budget_micros = 90 * MICROS
    shown = preview(at, campaign, result)
    assert shown.problem == "The budget has changed since you looked."
    assert shown.confirm is None


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"budget_owner": "shared"}, "feeds other campaigns"),
        ({"daily_budget_micros": None}, "no daily budget of its own"),
        ({"status": "paused"}, "does not run"),
        ({}, "at least 60"),
    ],
)
def test_where_nothing_can_be_advised_the_reason_and_the_next_step_are_the_answer(
    at: Advertiser, workspace: WorkspaceRef, more: dict[str, Any], word: str
) -> None:
    campaign = advertise(at, response=6, days=20, **more)
    result = asked(at, campaign, workspace)
    assert result["verdict"] == "cannot_advise"
    assert word in result["reason"]
    assert result["next_step"]
    assert result["proposed_daily_budget_micros"] == result["daily_budget_micros"]
    assert preview(at, campaign, result) is None


def test_a_campaign_whose_spend_never_changed_cannot_be_advised_on(at: Advertiser, workspace: WorkspaceRef) -> None:
    campaign = advertise(at, response=6, days=120)
    for row in at.session.scalars(select(CampaignDay).where(CampaignDay.campaign_number == campaign.number)):
        row.spend_micros = 100 * MICROS
    at.session.flush()
    at.rolled_up()
    result = asked(at, campaign, workspace)
    assert result["verdict"] == "cannot_advise"
    assert "two weeks" in result["next_step"]


def test_a_campaign_that_does_not_spend_its_budget_keeps_it(at: Advertiser, workspace: WorkspaceRef) -> None:
    campaign = advertise(at, response=6, daily_budget_micros=400 * MICROS)
    result = asked(at, campaign, workspace)
    assert result["verdict"] == "keep"
    assert "more budget would change nothing" in result["reason"]


def test_a_missing_exchange_rate_is_a_reason_too(at: Advertiser, workspace: WorkspaceRef) -> None:
    campaign = advertise(at, response=6, days=70)
    campaign.currency = "NZD"
    at.session.flush()
    result = asked(at, campaign, workspace)
    assert result["verdict"] == "cannot_advise"
    assert "exchange rate from NZD" in result["reason"]


def test_a_plan_has_no_budget_on_a_platform(at: Advertiser) -> None:
    plan = Campaign(channel_id=at.channel().id, name="Plan", status="planned", currency="USD")
    at.session.add(plan)
    at.session.flush()
    with pytest.raises(InvalidInput):
        request_for(at.session, plan, max_change=0.2)
    assert at.session.scalar(select(func.count()).select_from(ChannelDay)) == 0


def test_over_http_a_run_is_started_read_and_found_again(
    client: TestClient[Litestar], settings: Settings, planes: Planes
) -> None:
    with planes.begin_control() as control:
        publish(control, load_plugins())
    person = make_person(settings, planes, name="Hanna Http", plan="premium")
    with planes.begin_tenant(person.tenant) as session:
        campaign_id = advertise(Advertiser(session, yesterday()), response=6, days=20).id

    def call(method: str, path: str, by: Person = person) -> httpx.Response:
        return by.request(client, method, path, headers={"x-workspace": str(by.workspace_id)})

    path = f"/api/v1/campaigns/{campaign_id}/optimize"
    started = call("POST", path)
    assert (started.status_code, started.json()["state"], started.json()["preview"]) == (202, "queued", None)
    again = call("POST", path)
    assert again.json()["id"] == started.json()["id"]
    with planes.begin_tenant(person.tenant) as session:
        run_model(session, run_id=started.json()["id"], context=quiet_context())
    shown = call("GET", started.headers["location"])
    assert (shown.status_code, shown.json()["result"]["verdict"]) == (200, "cannot_advise")
    assert call("POST", path).status_code == 200
    assert call("POST", path + "?max_change=3").status_code == 400
    assert call("GET", f"/api/v1/campaigns/{uuid4()}/optimize/{started.json()['id']}").status_code == 404
    free = make_person(settings, planes, name="Fritz Free")
    assert call("POST", path, by=free).status_code == 402
    with planes.begin_control() as control:
        control.execute(text("DELETE FROM control.connectors"))
