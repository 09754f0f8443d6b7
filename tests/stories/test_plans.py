"""Plans over the API: what is not included is refused with its price, and works the moment the plan is changed."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner

from app.cli.plan import plan
from tests.installation import Installation
from tests.people import Person
from tests.stories.program import Program

PREMIUM_ROUTES = [
    ("GET", "/analytics/dashboard", "api.access"),
    ("POST", "/analytics/query", "api.access"),
    ("GET", "/imports", "api.access"),
    ("GET", "/attribution/latest", "api.access"),
    ("POST", "/attribution/runs", "api.access"),
    ("POST", "/forecasts", "api.access"),
    ("POST", "/budget/optimize", "api.access"),
    ("GET", "/jobs", "api.access"),
]


@pytest.mark.parametrize(("method", "path", "entitlement"), PREMIUM_ROUTES)
def test_a_premium_route_tells_somebody_on_the_free_plan_its_price(
    make_free: Person, program: Callable[..., Program], method: str, path: str, entitlement: str
) -> None:
    reply = program(make_free).call(method, path, json={} if method == "POST" else None)
    assert reply.status_code == 402
    problem = reply.json()
    assert problem["entitlement"] == entitlement
    assert "Free plan does not include" in problem["detail"]
    assert "$79 a month" in problem["hint"]


@pytest.fixture(scope="module")
def make_free(make: Callable[..., Person]) -> Person:
    """Somebody on the Free plan."""
    return make("Fred Free")


def test_plans_and_account_are_open_to_everybody(make_free: Person, program: Callable[..., Program]) -> None:
    caller = program(make_free)
    assert [known["code"] for known in caller.get("/billing/plans")] == ["free", "premium"]
    assert caller.get("/billing/subscription")["plan"]["code"] == "free"
    assert caller.get("/auth/me")["plan"] == "free"


def test_the_command_changes_the_plan_at_once(
    installation: Installation,
    make: Callable[..., Person],
    program: Callable[..., Program],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person = make("Ursula Upgrade")
    caller = program(person)
    assert caller.call("GET", "/analytics/dashboard").status_code == 402
    monkeypatch.setattr("app.cli.plan.load_settings", lambda: installation.settings)
    outcome = CliRunner().invoke(plan, ["set", person.email, "premium"])
    assert (outcome.exit_code, outcome.output) == (0, "Ursula Upgrade's shop is now on the Premium plan.\n")
    assert caller.call("GET", "/analytics/dashboard").status_code == 200
