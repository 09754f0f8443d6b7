"""The budget page's splits side by side, what-ifs among them, its roll-out in weeks with check points, and caps that channels share."""

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import uuid4

import msgspec
import numpy as np
import pytest

from app.mix.asking import budget_form
from app.mix.budget_rollout import asked_step, fortnight_noise, rollout_of
from app.mix.comparing import WHAT_IFS, Asked, comparison_of, known_what_ifs
from app.mix.contexts import Comparison
from app.mix.forms import budget_request
from app.mix.models import ModelRun
from app.mix.queries import PaidChannel
from app.mix.running import budget_result
from app.mix.schemas import BudgetRequest, GroupCapRequest
from kit.errors import InvalidInput
from ml.mix.results import MixFit

TODAY = date(2026, 11, 18)  # a Wednesday
REQUEST = BudgetRequest(name="Careful", max_change=0.3)
CHANNELS = [PaidChannel("email", "Email", 0, 30.0), PaidChannel("google_search", "Google Search", 1, 150.0)]


def run_of(fit: MixFit, request: BudgetRequest, *, state: str = "done") -> ModelRun:
    result = budget_result(fit, request) if state == "done" else None
    return ModelRun(id=uuid4(), kind="budget", state=state, request=msgspec.to_builtins(request), result=result)


@pytest.fixture(scope="module")
def shown(fit: MixFit) -> ModelRun:
    return run_of(fit, REQUEST)


def compared(fit: MixFit, shown: ModelRun, runs: list[ModelRun], *what_ifs: str) -> Comparison:
    found = comparison_of(Asked(runs, what_ifs), shown=shown, fit=fit)
    assert found is not None
    return found


def row(found: Comparison, label: str) -> tuple[str, ...]:
    return next(tuple(cell.text for cell in cells) for name, cells in found.rows if name == label)


def money(text: str) -> float:
    return float(text.replace("$", "").replace(",", ""))


def test_saved_plans_and_what_ifs_stand_side_by_side_in_the_same_worlds(fit: MixFit, shown: ModelRun) -> None:
    found = compared(fit, shown, [shown], "today", "less_20", "any_step")
    assert found.names == ("A · Careful", "B · Today’s split", "C · 20 % less budget", "D · Without the step limit")
    spend = [money(cell) for cell in row(found, "Spend a day")]
    assert spend[0] == pytest.approx(spend[1], abs=1)
    assert spend[2] == pytest.approx(0.8 * spend[0], abs=1)
    assert row(found, "Probability that it is better than today")[1] == "–"
    assert len(found.chart.series) == 4


def test_one_choice_alone_stands_beside_the_plan_or_beside_today(fit: MixFit, shown: ModelRun) -> None:
    assert compared(fit, shown, [], "more_10").names == ("A · Careful", "B · 10 % more budget")
    assert compared(fit, shown, [shown]).names == ("A · Today’s split", "B · Careful")
    assert comparison_of(Asked([], []), shown=shown, fit=fit) is None
    assert comparison_of(Asked([], ["today"]), shown=None, fit=None) is None


def test_every_what_if_can_be_asked_and_beyond_four_the_first_count(fit: MixFit, shown: ModelRun) -> None:
    for code, label in WHAT_IFS.items():
        found = compared(fit, shown, [], code)
        assert any(label in name for name in found.names) or found.notes, code
    many = compared(fit, shown, [], "today", "less_10", "less_20", "more_10", "any_step")
    assert len(many.names) == 4
    assert "4 fit side by side" in many.notes[-1]


def test_what_cannot_be_is_a_note_with_its_reason(fit: MixFit) -> None:
    today = dict(zip(fit.names, fit.current_per_day().tolist(), strict=True))
    name, spent = max(today.items(), key=lambda item: item[1])
    floor = run_of(
        fit, replace_request(minimum={name: round(0.95 * spent, 2)}, locked=[one for one in today if one != name])
    )
    found = compared(fit, floor, [run_of(fit, REQUEST, state="running")], "less_20", "today")
    assert any("20 % less budget is not possible" in note for note in found.notes)
    assert any("is not finished" in note for note in found.notes)


def replace_request(**changes: Any) -> BudgetRequest:
    return msgspec.structs.replace(REQUEST, **changes)


def test_a_plan_on_a_channel_that_is_gone_is_valued_without_it(fit: MixFit, shown: ModelRun) -> None:
    other = run_of(fit, REQUEST)
    assert other.result is not None
    other.result["plan"]["allocation"][0]["channel"] = "Radio"
    found = compared(fit, shown, [other], "today")
    assert "Radio" in found.notes[0]
    assert "Radio" not in [label for label, _ in found.rows]


def test_an_unknown_what_if_is_refused_with_those_there_are() -> None:
    assert known_what_ifs(["today", "today"]) == ["today"]
    with pytest.raises(InvalidInput, match="no such what-if"):
        known_what_ifs(["double"])


def test_a_plan_is_rolled_out_from_monday_on_and_no_step_is_larger_than_asked(fit: MixFit, shown: ModelRun) -> None:
    assert shown.result is not None
    moved = shown.result | {"plan": shown.result["plan"] | {"advice": "move"}}
    small, large = (rollout_of(moved, fit, step=step, today=TODAY) for step in (0.1, 0.5))
    assert small is not None
    assert large is not None
    assert len(small.weeks) + len(small.between) > len(large.weeks)
    assert not large.between
    assert "23 Nov 2026" in small.headline
    totals = [sum(money(cell) for cell in week.cells) for week in small.weeks]
    assert max(totals) - min(totals) < 0.02 * max(totals)
    in_order = [*small.weeks[:-1], *small.between, small.weeks[-1]]
    for before, after in pairwise(in_order):
        for was, now in zip(before.cells, after.cells, strict=True):
            assert money(now) <= 1.1 * max(money(was), 40) + 0.01
    assert small.reaches
    assert all("a day" in check.expected and "range" in check.expected for check in small.checks)
    assert all("go back" in check.back for check in small.checks)


def test_what_is_not_to_be_followed_is_not_rolled_out(fit: MixFit, shown: ModelRun) -> None:
    assert shown.result is not None
    for advice in ("hold", "cannot_advise"):
        held = shown.result | {"plan": shown.result["plan"] | {"advice": advice}}
        assert rollout_of(held, fit, step=0.2, today=TODAY) is None


def test_a_check_point_says_whether_revenue_can_show_the_effect(fit: MixFit, shown: ModelRun) -> None:
    assert shown.result is not None
    moved = shown.result | {"plan": shown.result["plan"] | {"advice": "move"}}
    quiet = replace(fit, fitted=fit.revenue.copy())
    loud = replace(fit, fitted=fit.revenue - 1e6 * np.sign(np.sin(np.arange(len(fit.revenue)) / 14)))
    assert fortnight_noise(quiet) == 0
    for one, words in ((quiet, "so you can see it there"), (loud, "cannot show this")):
        found = rollout_of(moved, one, step=0.2, today=TODAY)
        assert found is not None
        assert words in found.checks[-1].seen


@pytest.mark.parametrize(("typed", "step"), [("0.1", 0.1), (None, 0.2), ("7", 0.2), ("x", 0.2)])
def test_a_step_that_is_none_of_the_choices_is_the_advised_one(typed: str | None, step: float) -> None:
    assert asked_step(typed) == step


def test_channels_of_a_group_share_a_limit_that_comes_back_into_the_form() -> None:
    typed = {
        "budget": "180",
        "max_change": "0.3",
        "cap.0.name": "Search and mail",
        "cap.0.maximum": "120",
        "cap.0.channel.email": "1",
        "cap.0.channel.google_search": "1",
        "cap.1.name": "Nothing in it",
    }
    asked = budget_request(typed, CHANNELS)
    assert asked.group_caps == [
        GroupCapRequest(channels=["Email", "Google Search"], maximum=120, name="Search and mail")
    ]
    form = budget_form(CHANNELS, base="/w/x/budget", run_id="", currency="USD", asked=asked)
    assert form is not None
    assert [(cap.row, cap.name, cap.maximum, cap.members) for cap in form.caps] == [
        ("cap.0", "Search and mail", "120", ("email", "google_search")),
        ("cap.1", "", "", ()),
    ]
    again = budget_form(CHANNELS, base="/w/x/budget", run_id="", currency="USD", asked=None, typed=typed)
    assert again is not None
    assert [cap.name for cap in again.caps] == ["Search and mail", "Nothing in it", ""]


@pytest.mark.parametrize(
    "typed",
    [{"cap.0.maximum": "120"}, {"cap.0.channel.email": "1"}, {"cap.0.channel.email": "1", "cap.0.maximum": "-3"}],
)
def test_half_a_group_is_refused_by_its_field(typed: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        budget_request({"budget": "180", "max_change": "0.3", **typed}, CHANNELS)
    assert [one.field for one in refusal.value.errors] == ["cap.0.maximum"]
