"""A plan may be asked for profit or for a return instead of a budget, and under caps that channels share."""

import pytest

from app.mix.forms import budget_request
from app.mix.queries import PaidChannel
from app.mix.running import budget_result
from app.mix.schemas import BudgetGoal, BudgetRequest, GroupCapRequest
from kit.errors import InvalidInput
from ml.mix.results import MixFit

CHANNELS = [PaidChannel("email", "Email", 0, 30.0)]


def test_a_form_may_ask_for_profit_or_for_a_return() -> None:
    profit = budget_request({"budget": "100", "goal": "profit", "margin": "40 %"}, CHANNELS)
    assert (profit.goal, profit.margin) == (BudgetGoal.PROFIT, 0.4)
    roas = budget_request({"budget": "100", "goal": "roas", "target_roas": "2,5"}, CHANNELS)
    assert (roas.goal, roas.target_roas) == (BudgetGoal.ROAS, 2.5)


@pytest.mark.parametrize(
    ("goal", "field", "typed"),
    [
        ("profit", "margin", "140"),
        ("profit", "margin", ""),
        ("roas", "target_roas", "-2"),
        ("roas", "target_roas", "x"),
    ],
)
def test_a_goal_without_its_number_is_refused_by_its_field(goal: str, field: str, typed: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        budget_request({"budget": "100", "goal": goal, field: typed}, CHANNELS)
    assert [one.field for one in refusal.value.errors] == [field]


def test_a_return_to_keep_must_be_told(fit: MixFit) -> None:
    with pytest.raises(InvalidInput, match="return to keep"):
        budget_result(fit, BudgetRequest(goal=BudgetGoal.ROAS))


def test_a_goal_chooses_the_budget(fit: MixFit) -> None:
    thrifty = budget_result(fit, BudgetRequest(goal=BudgetGoal.PROFIT, margin=0.3))["plan"]
    generous = budget_result(fit, BudgetRequest(goal=BudgetGoal.PROFIT, margin=0.9))["plan"]
    assert thrifty["goal"] == "profit"
    assert thrifty["budget_per_day"] <= generous["budget_per_day"]


def test_channels_under_one_cap_stay_below_it_together(fit: MixFit) -> None:
    pair = list(fit.names[:2])
    today = sum(fit.channel(name).current_per_day for name in pair)
    cap = GroupCapRequest(channels=pair, maximum=round(0.8 * today, 2), name="Both")
    plan = budget_result(fit, BudgetRequest(group_caps=[cap]))["plan"]
    spent = sum(row["recommended_per_day"] for row in plan["allocation"] if row["channel"] in pair)
    assert spent <= cap.maximum + 0.005
