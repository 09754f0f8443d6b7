"""X's words, columns and gaps become records, also in the public records of its replies."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from adloom_x_ads import mapping, numbers, wire

from adloom_sdk import Account, AccountStatus, BudgetOwner, EntityStatus, Kind, Level
from tests.connectors.x_ads.test_reading import bench

SHARED = Path(os.environ.get("ADLOOM_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data")) / "connectors"
ACCOUNT = Account(id="2iqph", name="Northwind", currency="USD", timezone="America/Los_Angeles")


def added(*metrics: dict[str, Any], days: int = 1) -> list[mapping.Day]:
    found = [mapping.Day() for _ in range(days)]
    for one in metrics:
        mapping.add(found, wire.Segment(metrics=one))
    return found


def test_placements_are_added_up_and_a_null_column_adds_nothing() -> None:
    one, two = added({"impressions": [1, 2], "clicks": None}, {"impressions": [10, 20], "clicks": [3, None]}, days=2)
    assert (one.impressions, one.clicks) == (11, 3)
    assert (two.impressions, two.clicks) == (22, None)


def test_what_no_placement_told_stays_unknown_and_zero_stays_zero() -> None:
    (untold,) = added({"impressions": None})
    (zero,) = added({"impressions": [0]})
    assert (untold.is_untold, zero.is_untold, zero.spend_micros) == (True, False, None)


@pytest.mark.parametrize(
    ("purchases", "conversions", "value"),
    [
        ({"metric": [3], "sale_amount": [45_000_000]}, 3.0, 45_000_000),
        ({"post_view": [1], "post_engagement": [2], "assisted": [1], "sale_amount_local_micro": [7]}, 4.0, 7),
        ({"metric": None, "post_view": None, "sale_amount": None}, None, None),
        ([4], 4.0, None),
        (None, None, None),
    ],
)
def test_purchases_come_in_several_forms(purchases: Any, conversions: float | None, value: int | None) -> None:
    (day,) = added({"conversion_purchases": purchases})
    assert (day.conversions, day.conversion_value_micros) == (conversions, value)


def test_more_values_than_days_are_left_alone() -> None:
    (day,) = added({"impressions": [1, 2, 3]})
    assert day.impressions == 1


def test_deleted_and_expired_entities_are_not_taken_for_active() -> None:
    assert mapping.status(wire.Campaign(entity_status="ACTIVE", deleted=True)) is EntityStatus.REMOVED
    assert mapping.status(wire.Campaign(entity_status="ACTIVE", reasons_not_servable=["EXPIRED"])) is EntityStatus.ENDED
    assert mapping.status(wire.Campaign()) is EntityStatus.OTHER


def test_line_items_own_the_budget_where_x_optimises_by_them() -> None:
    one = wire.Campaign(id="1", budget_optimization="LINE_ITEM")
    assert mapping.campaign(one, ACCOUNT).budget_owner is BudgetOwner.AD_GROUPS


def test_a_days_question_begins_and_ends_at_the_accounts_midnights_over_the_change_of_clocks() -> None:
    day = date(2026, 3, 8)
    asked = numbers.Question(ACCOUNT, Level.AD, day, day).params(["a", "b"], "TREND")
    assert (asked["start_time"], asked["end_time"]) == ("2026-03-08T08:00:00Z", "2026-03-09T07:00:00Z")
    assert (asked["entity"], asked["entity_ids"], asked["placement"]) == ("PROMOTED_TWEET", "a,b", "TREND")


def recorded(name: str) -> Any:
    return json.loads((SHARED / "x_ads" / f"{name}.json").read_text())["response"]["body"]


shared = pytest.mark.skipif(not SHARED.exists(), reason="the yardstick data (ADLOOM_SHARED_DATA) are not here")


@pytest.mark.shared
@shared
def test_public_records_are_mapped() -> None:
    accounts = msgspec.convert(recorded("accounts_all"), wire.Page[wire.Account]).items
    funding = msgspec.convert(recorded("funding_instruments_all"), wire.Page[wire.FundingInstrument]).items
    first = mapping.account(accounts[0], funding, None)
    assert (first.id, first.currency, first.status, first.problem) == ("2iqph", "USD", AccountStatus.ACTIVE, "")
    campaigns = msgspec.convert(recorded("campaigns_all"), wire.Page[wire.Campaign]).items
    found = [mapping.campaign(one, ACCOUNT) for one in campaigns]
    assert [one.status for one in found[:3]] == [EntityStatus.ACTIVE, EntityStatus.PAUSED, EntityStatus.PAUSED]
    assert found[5].status is EntityStatus.OTHER  # this record tells no status
    assert found[0].daily_budget_micros == 1_000_000
    items = [
        mapping.ad_group(one, ACCOUNT)
        for one in msgspec.convert(recorded("line_items_all"), wire.Page[wire.LineItem]).items
    ]
    assert [one.status for one in items].count(EntityStatus.REMOVED) == 4
    stats = msgspec.convert(recorded("analytics_sync_stats"), wire.Page[wire.Stats]).items
    (day,) = added(*[(one.id_data or [])[0].metrics or {} for one in stats])
    assert (day.impressions, day.clicks, day.spend_micros) == (3, 3, None)
    job = msgspec.convert(recorded("analytics_async_post"), wire.One[wire.Job]).data
    assert (job.id, job.status) == (111111111111111111, "PROCESSING")


@pytest.mark.shared
@shared
def test_the_fake_speaks_as_the_public_records_do() -> None:
    at = bench()
    account, http = at.account(), at.ctx().http
    lists = {"accounts_all": "", "funding_instruments_all": f"/{account.id}/funding_instruments"}
    lists |= {"campaigns_all": f"/{account.id}/campaigns", "line_items_all": f"/{account.id}/line_items"}
    for name, path in lists.items():
        ours, theirs = http.get(f"/{{version}}/accounts{path}"), recorded(name)
        assert set(ours) == set(theirs)
        # Line items of those years had fields that are gone, today's have some that are new.
        assert set(theirs["data"][0]) - set(ours["data"][0]) <= {"placement_type"}
    day = date(2026, 11, 10)
    ids = [getattr(one, "id", "") for one in at.read(Kind.CAMPAIGNS, account)]
    params = numbers.Question(account, Level.CAMPAIGN, day, day).params(ids, "ALL_ON_TWITTER")
    ours, theirs = (
        http.get(f"/{{version}}/stats/accounts/{account.id}", params=params),
        recorded("analytics_sync_stats"),
    )
    assert set(ours) == set(theirs)
    assert set(ours["request"]["params"]) == set(theirs["request"]["params"])
    assert set(theirs["data"][0]["id_data"][0]["metrics"]) <= set(ours["data"][0]["id_data"][0]["metrics"])
    job = http.post(f"/{{version}}/stats/jobs/accounts/{account.id}", params=params)
    assert set(recorded("analytics_async_post")["data"]) == set(job["data"]) - {"id_str"}
