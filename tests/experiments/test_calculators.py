"""The calculators: decisions as the numeric core takes them, and wrong numbers refused by the field that holds them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.experiments.forms import pause_request, plan_request, read_request
from app.experiments.schemas import GuardrailRequest, Measured, PauseRequest, PlanRequest, ReadRequest, Version
from app.experiments.service import plan_versions, read_pause, read_versions
from app.experiments.views import pause_view, reading_view
from app.mix.queries import marketing_frame
from kit.db import ScopedSession
from kit.errors import DataCannotCarry, InvalidInput
from ml.synth import ImportRow
from tenants.isolation.planes import Planes
from tests.mix.history import shop_rows, store, yesterday
from tests.people import Person

TODAY = yesterday() + timedelta(days=1)
STARTS, ENDS = TODAY - timedelta(days=30), TODAY - timedelta(days=17)
CHANNEL = "Email"
TYPED = {
    "control.people": "10,000",
    "control.successes": "400",
    "variants.0.people": "10 000",
    "variants.0.successes": "500",
}


def version(people: int = 10_000, successes: int | None = 400, **more: object) -> Version:
    return Version(people=people, successes=successes, **more)  # type: ignore[arg-type]  # the tests vary every field


def asked(*variants: Version, control: Version | None = None, **more: object) -> ReadRequest:
    request = {"control": control or version(), "variants": list(variants)}
    return ReadRequest(**(request | more))  # type: ignore[arg-type]  # the tests vary every field


def field_of(refusal: pytest.ExceptionInfo[InvalidInput]) -> str | None:
    (error,) = refusal.value.errors
    return error.field


def test_a_clear_winner_is_to_be_used() -> None:
    reply = read_versions(asked(version(successes=520)))
    (variant,) = reply.variants
    assert (reply.decision, reply.winner) == ("ship", "B")
    assert variant.low is not None
    assert variant.low > 0
    assert "Use B." in reply.sentence


def test_the_planned_size_ends_a_test_without_a_winner() -> None:
    variant = version(successes=405)
    assert read_versions(asked(variant)).decision == "go_on"
    assert read_versions(asked(variant, planned_people=20_000)).decision == "keep"


def test_where_less_is_better_fewer_successes_win() -> None:
    reply = read_versions(asked(version(successes=280), goal="less"))
    assert (reply.decision, reply.winner) == ("ship", "B")


def test_a_split_that_was_not_planned_overrules_everything() -> None:
    uneven = version(people=5_000, successes=400)
    reply = read_versions(asked(uneven))
    assert (reply.decision, reply.sample_ratio.is_broken) == ("broken_sample_ratio", True)
    planned = read_versions(asked(version(people=5_000, successes=400, weight=1.0), control=version(weight=2.0)))
    assert not planned.sample_ratio.is_broken


def returns(usual: int, *counts: int, margin: float = 0.05, **more: object) -> GuardrailRequest:
    fields = {
        "name": "Returns",
        "goal": "less",
        "margin": margin,
        "control": Measured(successes=usual),
        "variants": [Measured(successes=count) for count in counts],
    }
    return GuardrailRequest(**(fields | more))  # type: ignore[arg-type]  # the tests vary every field


def many(successes: int) -> Version:
    return version(people=100_000, successes=successes)


@pytest.mark.parametrize(
    ("counted", "decision", "verdict"),
    [(12_000, "stopped_by_guardrail", "harmed"), (10_000, "ship", "safe"), (10_400, "go_on", "unclear")],
)
def test_a_winner_is_used_only_where_nothing_else_suffers(counted: int, decision: str, verdict: str) -> None:
    reply = read_versions(asked(many(5600), control=many(5000), guardrails=[returns(10_000, counted)]))
    (guard,) = reply.variants[0].guardrails
    assert (reply.decision, guard.verdict) == (decision, verdict)
    assert guard.low is not None
    assert guard.high is not None
    assert guard.change is not None
    assert guard.low < guard.change < guard.high


def test_a_guardrail_that_cannot_be_compared_yet_is_unclear_and_has_no_number() -> None:
    reply = read_versions(asked(many(5600), control=many(5000), guardrails=[returns(0, 0)]))
    (guard,) = reply.variants[0].guardrails
    assert (guard.verdict, guard.change, guard.low, guard.high) == ("unclear", None, None, None)


def test_a_guardrail_may_be_an_average_among_other_people() -> None:
    guard = returns(
        0,
        margin=0.02,
        name="Order value",
        goal="more",
        control=Measured(people=50_000, mean=80.0, sd=20.0),
        variants=[Measured(people=50_000, mean=70.0, sd=20.0)],
    )
    reply = read_versions(asked(many(5600), control=many(5000), guardrails=[guard]))
    assert reply.decision == "stopped_by_guardrail"
    assert "Order value" in reply.sentence


def test_a_test_ends_once_no_change_that_matters_can_be_reached() -> None:
    assert read_versions(asked(many(5010), control=many(5000))).decision == "go_on"
    assert read_versions(asked(many(5010), control=many(5000), smallest_lift=0.1)).decision == "keep"


@pytest.mark.parametrize(
    ("guardrails", "field"),
    [
        ([returns(10, 10, 10)], "guardrails.0.variants.2.successes"),
        ([returns(10, 20_000)], "guardrails.0.variants.0.successes"),
        ([returns(10, 10), returns(10, 10)], "guardrails.1.name"),
        ([returns(10, 10, name="  ")], "guardrails.0.name"),
        ([returns(10, 10, control=Measured())], "guardrails.0.control.successes"),
        ([returns(10, 10, control=Measured(mean=2.0))], "guardrails.0.control.sd"),
        ([returns(10, 10, control=Measured(mean=-2.0, sd=1.0))], "guardrails.0.control.mean"),
    ],
)
def test_guardrails_that_cannot_be_are_refused_by_field(guardrails: list[GuardrailRequest], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_versions(asked(version(), guardrails=guardrails))
    assert field_of(refusal) == field


def test_averages_are_read_with_their_spread() -> None:
    control = version(successes=None, mean=20.0, sd=10.0)
    reply = read_versions(asked(version(successes=None, mean=22.0, sd=10.0), control=control))
    assert reply.decision == "ship"
    assert reply.variants[0].effect == pytest.approx(0.1)


def test_without_any_success_it_is_too_early_and_not_an_error() -> None:
    reply = read_versions(asked(version(successes=0), control=version(successes=0)))
    assert reply.decision == "go_on"
    assert reply.variants[0].effect is None


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (asked(version(people=1, successes=0)), "variants.0.people"),
        (asked(version(), control=version(people=0, successes=0)), "control.people"),
        (asked(version(people=100, successes=101)), "variants.0.successes"),
        (asked(version(successes=None)), "variants.0.successes"),
        (asked(version(mean=1.0, sd=1.0)), "variants.0.successes"),
        (asked(version(), version(successes=None, mean=1.0, sd=1.0)), "variants.1.successes"),
        (asked(version(name="A")), "variants.0.name"),
        (asked(version(successes=None, sd=1.0), control=version(successes=None, mean=1.0, sd=1.0)), "variants.0.mean"),
        (asked(version(), control=version(successes=None, mean=-1.0, sd=1.0)), "variants.0.successes"),
        (
            asked(version(successes=None, mean=1.0, sd=1.0), control=version(successes=None, mean=-1.0, sd=1.0)),
            "control.mean",
        ),
        (
            asked(version(successes=None, mean=1.0, sd=1.0), control=version(successes=None, mean=1e-300, sd=1.0)),
            "control.mean",
        ),
    ],
)
def test_versions_that_cannot_be_are_refused_by_field(request_: ReadRequest, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_versions(request_)
    assert field_of(refusal) == field


def test_a_plan_names_people_and_whole_weeks() -> None:
    plan = plan_versions(PlanRequest(baseline=0.04, lift=0.1, people_per_day=5_000))
    assert plan.people == 2 * plan.people_per_version
    assert plan.weeks is not None
    assert 7 * 5_000 * (plan.weeks - 1) < plan.people <= 7 * 5_000 * plan.weeks
    assert plan_versions(PlanRequest(baseline=0.04, lift=0.1)).weeks is None
    assert plan_versions(PlanRequest(baseline=0.04, lift=0.1, versions=4)).people_per_version > plan.people_per_version


@pytest.mark.parametrize("lift", [0.0, 30.0, 1e-12])
def test_a_change_that_cannot_be_looked_for_is_refused(lift: float) -> None:
    with pytest.raises(InvalidInput) as refusal:
        plan_versions(PlanRequest(baseline=0.04, lift=lift))
    assert field_of(refusal) == "lift"


def test_typed_numbers_are_read_as_people_write_them() -> None:
    read = read_request(TYPED | {"variants.0.name": " New ", "planned_people": "40.000"})
    assert (read.control.people, read.variants[0].people, read.planned_people) == (10_000, 10_000, 40_000)
    assert [one.name for one in read.variants] == ["New"]
    plan = plan_request({"baseline": "4,5 %", "lift": "−10", "people_per_day": "1,000", "versions": "3"})
    assert (plan.baseline, plan.lift, plan.people_per_day, plan.versions) == pytest.approx((0.045, -0.1, 1000, 3))


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"control.people": "many"}, "control.people"),
        ({"control.people": ""}, "control.people"),
        ({"control.people": "1.5"}, "control.people"),
        ({"variants.0.sd": "-1"}, "variants.0.sd"),
        ({"variants.0.weight": "0"}, "variants.0.weight"),
        ({"variants.0.mean": "nan"}, "variants.0.mean"),
        ({"variants.2.people": "100"}, "variants.1.people"),
        ({"planned_people": "1"}, "planned_people"),
    ],
)
def test_what_cannot_be_read_of_a_test_is_refused_by_field(typed: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_request(TYPED | typed)
    assert field_of(refusal) == field


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"baseline": ""}, "baseline"),
        ({"baseline": "100"}, "baseline"),
        ({"lift": "-100"}, "lift"),
        ({"lift": "some"}, "lift"),
        ({"people_per_day": "0"}, "people_per_day"),
        ({"versions": "9"}, "versions"),
    ],
)
def test_what_cannot_be_read_of_a_plan_is_refused_by_field(typed: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        plan_request({"baseline": "4", "lift": "10"} | typed)
    assert field_of(refusal) == field


def test_what_cannot_be_read_of_a_pause_is_refused_by_field() -> None:
    with pytest.raises(InvalidInput) as refusal:
        pause_request({"channel": CHANNEL, "starts_on": "yesterday", "ends_on": str(ENDS)})
    assert field_of(refusal) == "starts_on"
    with pytest.raises(InvalidInput) as refusal:
        pause_request({"starts_on": str(STARTS), "ends_on": str(ENDS), "planned_per_day": "-5"})
    assert field_of(refusal) == "planned_per_day"


def test_the_table_starts_with_the_control_and_marks_what_is_too_early() -> None:
    request = asked(version(people=50, successes=3), control=version(people=50, successes=2))
    view = reading_view(request, read_versions(request))
    assert [line.name for line in view.lines] == ["A", "B"]
    assert view.lines[1].note == "Too early to rely on"


def paused(rows: list[ImportRow]) -> list[ImportRow]:
    """The shop's history with the channel's spend left out on the days of the pause."""
    return [replace(row, spend=0.0) if row.channel == CHANNEL and STARTS <= row.date <= ENDS else row for row in rows]


@pytest.fixture(scope="module")
def shop(planes: Planes, premium_owner: Person) -> Iterator[ScopedSession]:
    with planes.tenant(premium_owner.tenant) as session:
        store(session, paused(shop_rows(days=150)))
        yield session


def pause(**more: object) -> PauseRequest:
    told: dict[str, object] = {"channel": "email", "starts_on": STARTS, "ends_on": ENDS}
    return PauseRequest(**(told | more))  # type: ignore[arg-type]  # the tests vary every field


def test_a_pause_is_read_from_the_history_and_can_be_told_as_a_lift_test(shop: ScopedSession) -> None:
    reply = read_pause(shop, pause(), currency="USD", today=TODAY)
    assert (reply.channel, reply.key) == (CHANNEL, "email")
    assert reply.spend_change == pytest.approx(14 * reply.planned_per_day)
    assert reply.roi_low < reply.roi < reply.roi_high
    assert reply.sentence.startswith("Spending ")
    view = pause_view(reply, base="/w/1")
    assert view.tell_href == (
        f"/w/1/attribution/lift-tests?channel=email&act=paused&starts_on={STARTS}&ends_on={ENDS}#tell"
    )


def test_spend_beyond_the_plan_is_a_raise(shop: ScopedSession) -> None:
    days = {"starts_on": STARTS - timedelta(days=20), "ends_on": STARTS - timedelta(days=10)}
    reply = read_pause(shop, pause(planned_per_day=0.01, **days), currency="USD", today=TODAY)
    view = pause_view(reply, base="/w/1")
    assert "act=raised" in view.tell_href
    assert view.moved.endswith(" more")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"channel": "Carrier pigeon"}, "channel"),
        ({"starts_on": ENDS, "ends_on": STARTS}, "ends_on"),
        ({"ends_on": TODAY}, "ends_on"),
        ({"starts_on": ENDS - timedelta(days=366)}, "ends_on"),
        ({"starts_on": date(1, 1, 1), "ends_on": date(1, 1, 9)}, "starts_on"),
    ],
)
def test_a_pause_that_cannot_be_is_refused_by_field(shop: ScopedSession, wrong: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_pause(shop, pause(**wrong), currency="USD", today=TODAY)
    assert field_of(refusal) == field


def test_days_on_which_spend_went_on_as_usual_tell_nothing(shop: ScopedSession) -> None:
    first, last = STARTS - timedelta(days=7), STARTS - timedelta(days=1)
    frame = marketing_frame(shop, currency="USD", today=TODAY, since=first, until=last)
    usual = float(frame.spend[:, frame.channels.index(CHANNEL)].mean())
    with pytest.raises(DataCannotCarry, match="nearly as usual"):
        read_pause(shop, pause(planned_per_day=usual, starts_on=first, ends_on=last), currency="USD", today=TODAY)
