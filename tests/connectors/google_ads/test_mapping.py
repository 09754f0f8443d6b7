"""Google's gaps, units and times become what the records mean."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from adloom_google_ads import mapping, wire

from adloom_sdk import Account, BudgetOwner, EntityStatus, Level
from adloom_sdk.errors import SchemaDrift

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OF = Account(id="1", name="One", currency="USD", timezone="America/New_York")


def row(**parts: Any) -> wire.Row:
    return msgspec.convert(parts, wire.Row)


def daily(**metrics: Any) -> Any:
    return mapping.daily(
        row(campaign={"id": "7"}, segments={"date": "2026-11-01"}, metrics=metrics), OF, Level.CAMPAIGN
    )


def campaign(now: datetime = NOW, **fields: Any) -> Any:
    budget = fields.pop("budget", {})
    return mapping.campaign(row(campaign={"id": "7", "status": "ENABLED"} | fields, campaignBudget=budget), OF, now)


def test_whole_numbers_come_as_text_and_conversions_as_fractions() -> None:
    found = daily(costMicros="1234567", impressions="100", clicks="7", conversions=2.5, conversionsValue=75.25)
    assert (found.spend_micros, found.impressions, found.clicks) == (1_234_567, 100, 7)
    assert (found.conversions, found.conversion_value_micros) == (2.5, 75_250_000)
    assert found.day == date(2026, 11, 1)


def test_numbers_that_are_absent_are_zero_and_what_google_never_tells_is_unknown() -> None:
    found = daily(costMicros="1")
    assert (found.impressions, found.clicks, found.conversions, found.video_views) == (0, 0, 0, 0)
    assert found.reach is None


@pytest.mark.parametrize("metrics", [{"costMicros": "-"}, {"conversions": "many"}, {"clicks": "--"}])
def test_words_where_numbers_were_due_are_a_change_of_shape(metrics: dict[str, Any]) -> None:
    with pytest.raises(SchemaDrift):
        daily(**metrics)


def test_a_row_without_id_or_day_is_a_change_of_shape() -> None:
    with pytest.raises(SchemaDrift):
        mapping.daily(row(segments={"date": "2026-11-01"}), OF, Level.CAMPAIGN)
    with pytest.raises(SchemaDrift):
        mapping.daily(row(campaign={"id": "7"}), OF, Level.CAMPAIGN)


def test_a_campaign_ends_at_its_time_in_the_accounts_zone() -> None:
    ends: dict[str, Any] = {"endDateTime": "2026-11-19 23:59:59"}
    assert campaign(datetime(2026, 11, 20, 4, 59, tzinfo=UTC), **ends).status is EntityStatus.ACTIVE
    assert campaign(datetime(2026, 11, 20, 5, 0, tzinfo=UTC), **ends).status is EntityStatus.ENDED
    assert campaign(**ends).ends_on == date(2026, 11, 19)


def test_a_campaign_that_never_ends_has_no_end() -> None:
    assert campaign().ends_on is None
    assert campaign(endDateTime="2037-12-30 23:59:59").ends_on is None


@pytest.mark.parametrize(
    ("budget", "daily_micros", "lifetime_micros", "owner"),
    [
        ({"amountMicros": "5000000", "period": "DAILY"}, 5_000_000, None, BudgetOwner.CAMPAIGN),
        ({"totalAmountMicros": "9000000", "period": "CUSTOM_PERIOD"}, None, 9_000_000, BudgetOwner.CAMPAIGN),
        ({"amountMicros": "5000000", "explicitlyShared": True}, 5_000_000, None, BudgetOwner.SHARED),
        ({"amountMicros": "5000000", "referenceCount": "3"}, 5_000_000, None, BudgetOwner.SHARED),
    ],
)
def test_budgets_per_day_for_a_period_and_shared_are_told_apart(
    budget: dict[str, Any], daily_micros: int | None, lifetime_micros: int | None, owner: BudgetOwner
) -> None:
    found = campaign(budget=budget)
    assert (found.daily_budget_micros, found.lifetime_budget_micros, found.budget_owner) == (
        daily_micros,
        lifetime_micros,
        owner,
    )


def test_video_views_are_read_by_their_old_name_and_their_new_one() -> None:
    assert daily(costMicros="1", videoViews="12").video_views == 12
    assert daily(costMicros="1", videoTrueviewViews="13").video_views == 13


def test_parts_that_are_null_are_as_good_as_absent() -> None:
    told = {"campaign": {"id": 7, "resourceName": None}, "segments": {"date": "2026-11-01"}, "metrics": None}
    found = mapping.daily(msgspec.convert(told, wire.Row), OF, Level.CAMPAIGN)
    assert (found.entity_id, found.spend_micros) == ("7", 0)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("name", ["costMicros", "clicks", "conversions", "conversionsValue"])
def test_what_floats_call_no_number_is_none_here_either(name: str, word: str) -> None:
    with pytest.raises(SchemaDrift):
        daily(**{name: word})
