"""The catalogue of plans is complete, and refusals say what would unlock."""

import pytest

from billing.entitlements import require, require_room
from billing.plans import FREE, LABELS, PLANS, PREMIUM, Entitlement, cheapest_plan_with, plan_with_code
from kit.errors import PlanDoesNotInclude


@pytest.mark.parametrize("plan", PLANS.values(), ids=lambda plan: plan.code)
def test_every_plan_values_every_entitlement(plan: object) -> None:
    assert set(plan.values) == set(Entitlement) == set(LABELS)  # type: ignore[attr-defined]  # parametrised over plans


def test_free_sees_ninety_days_five_channels_five_hundred_rows_and_may_print() -> None:
    assert FREE.limit(Entitlement.HISTORY_DAYS) == 90
    assert FREE.limit(Entitlement.CHANNELS) == 5
    assert FREE.limit(Entitlement.IMPORT_ROWS) == 500
    assert FREE.includes(Entitlement.PDF_EXPORT)


def test_premium_has_everything_without_limit() -> None:
    for entitlement in set(Entitlement) - {Entitlement.RUNNING_JOBS}:
        assert PREMIUM.includes(entitlement)
        assert PREMIUM.limit(entitlement) is None


def test_a_refusal_names_the_plan_its_price_and_the_entitlement() -> None:
    with pytest.raises(PlanDoesNotInclude) as refusal:
        require(FREE, Entitlement.FORECAST)
    assert "Premium ($79 a month)" in refusal.value.hint
    assert refusal.value.entitlement == Entitlement.FORECAST


def test_a_full_plan_says_how_much_is_used() -> None:
    require_room(FREE, Entitlement.CHANNELS, used=4)
    with pytest.raises(PlanDoesNotInclude) as refusal:
        require_room(FREE, Entitlement.CHANNELS, used=5)
    assert (refusal.value.limit, refusal.value.used) == (5, 5)


def test_a_plan_that_was_withdrawn_means_the_default_one() -> None:
    assert plan_with_code("gold-2019") is FREE
    assert cheapest_plan_with(Entitlement.CHANNELS, more_than=5) is PREMIUM
