"""What goes wrong becomes one sentence and one thing to do; data that are stored stay, and what passes by itself bothers nobody."""

from typing import Any

import pytest

from adloom_sdk import errors
from adloom_sdk.errors import PlatformError
from adloom_sdk.manifest import Manifest
from app.connections.health import Health, health_of
from app.connections.models import AdAccount, Connection
from app.connections.problems import note_problem, note_success
from app.plugins import load_plugins
from kit.clock import utc_now
from kit.format import day
from tests.connections.desk import Desk

WORDS = "What the platform said."
TODAY = day(utc_now().date())


def a_connection(**values: Any) -> Connection:
    kept = {
        "state": "active",
        "problem": "",
        "problem_code": "",
        "what_to_do": "",
        "problem_at": None,
        "last_ok_at": None,
    }
    return Connection(connector_key="meta_ads", label="Meta", config={}, **{**kept, **values})


def an_account(**values: Any) -> AdAccount:
    kept = {
        "problem": "",
        "problem_code": "",
        "what_to_do": "",
        "is_selected": True,
        "name": "Shop",
        "problem_at": None,
    }
    return AdAccount(**{**kept, **values})


def meta() -> Manifest:
    return load_plugins().named("meta_ads").manifest


def told(connection: Connection, *accounts: AdAccount) -> Health:
    return health_of(connection, accounts, meta())


@pytest.mark.parametrize(
    ("error", "state", "sentence", "act"),
    [
        (
            errors.AuthExpired(WORDS),
            "needs_sign_in",
            f"The Meta Ads sign-in expired on {TODAY}: sign in again.",
            "sign_in",
        ),
        (
            errors.AuthRevoked(WORDS),
            "needs_sign_in",
            f"Access to Meta Ads was withdrawn on {TODAY}: sign in again.",
            "sign_in",
        ),
        (
            errors.ScopeMissing(WORDS),
            "needs_sign_in",
            f"The Meta Ads sign-in has lacked a permission since {TODAY}: sign in again and grant it.",
            "sign_in",
        ),
        (
            errors.AppNotApproved(WORDS),
            "needs_operator",
            "Meta Ads has not approved this installation’s app: whoever runs Adloom here must have it approved.",
            "check",
        ),
        (
            errors.AppMisconfigured(WORDS),
            "needs_operator",
            "Meta Ads does not accept this installation’s app: whoever runs Adloom here must correct its id and secret.",
            "check",
        ),
        (
            errors.VersionSunset(WORDS),
            "needs_operator",
            "Meta Ads has switched off the version that this connector speaks: whoever runs Adloom here must update it.",
            "check",
        ),
        (errors.BadRequest(WORDS), "active", f"{WORDS} {errors.BadRequest.what_to_do}", "check"),
        (errors.SchemaDrift(WORDS), "active", f"{WORDS} {errors.SchemaDrift.what_to_do}", "check"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, PlatformError) else "",
)
def test_each_kind_of_problem_has_its_sentence_and_its_button(
    error: PlatformError, state: str, sentence: str, act: str
) -> None:
    connection = a_connection()
    note_problem(error, connection=connection)
    health = told(connection, an_account())
    assert (connection.state, health.sentence, health.act) == (state, sentence, act)
    assert health.act_label


@pytest.mark.parametrize(
    "error", [errors.AccountDisabled(WORDS), errors.NotFound(WORDS)], ids=lambda one: type(one).__name__
)
def test_an_accounts_problem_stays_with_the_account(error: PlatformError) -> None:
    connection, account, other = a_connection(), an_account(), an_account(name="Other")
    note_problem(error, connection=connection, account=account)
    assert connection.state == "active"
    assert told(connection, account, other).sentence == f"Shop: {WORDS} {error.what_to_do}"
    note_problem(error, connection=connection, account=other)
    assert told(connection, account, other).sentence == "2 of 2 accounts need attention."


@pytest.mark.parametrize(
    "error", [errors.RateLimited(WORDS), errors.Transient(WORDS)], ids=lambda one: type(one).__name__
)
def test_what_passes_by_itself_is_no_problem(error: PlatformError) -> None:
    connection, account = a_connection(), an_account()
    note_problem(error, connection=connection, account=account)
    assert told(connection, account).tone == "good"


def test_the_day_of_a_problem_is_that_of_its_first_time() -> None:
    connection = a_connection()
    note_problem(errors.AuthExpired(WORDS), connection=connection)
    first = connection.problem_at
    note_problem(errors.AuthExpired(WORDS), connection=connection)
    assert connection.problem_at == first


def test_success_ends_every_problem_but_not_a_pause() -> None:
    connection, account = a_connection(), an_account()
    note_problem(errors.AuthRevoked(WORDS), connection=connection)
    note_success(connection=connection, account=account)
    assert (connection.state, told(connection, account).tone) == ("active", "good")
    connection.state = "paused"
    note_success(connection=connection)
    assert told(connection, account).act == "resume"


def test_a_connector_that_is_gone_is_said_so() -> None:
    assert "must install it" in health_of(a_connection(), [], None).sentence


@pytest.mark.parametrize(
    ("fault", "state", "says"),
    [
        ("revoked", "needs_sign_in", "sign in again."),
        ("scope", "needs_sign_in", "sign in again and grant it."),
        ("app_not_approved", "needs_operator", "must have it approved."),
        ("sunset", "needs_operator", "must update it."),
    ],
)
def test_a_check_tells_what_the_platform_refuses_and_a_later_one_that_it_is_over(
    desk: Desk, fault: str, state: str, says: str
) -> None:
    connection_id = desk.connect()
    desk.arm(fault, times=50)
    desk.post(f"/connections/{connection_id}/check")
    assert desk.work() == "done"
    assert desk.connection(connection_id).state == state
    assert says in desk.get("/connections").text
    assert len(desk.accounts(connection_id)) >= 5
    desk.platforms.http.delete("/_sim/meta_ads/faults")
    desk.post(f"/connections/{connection_id}/check")
    assert desk.work() == "done"
    assert desk.connection(connection_id).state == "active"


def test_a_check_that_finds_the_platform_away_is_tried_again_and_bothers_nobody(desk: Desk) -> None:
    connection_id = desk.connect()
    desk.arm("server_error", times=50)
    desk.post(f"/connections/{connection_id}/check")
    assert desk.work() == "retry"
    assert desk.connection(connection_id).state == "active"


def test_a_paused_connection_says_so_and_goes_on_when_it_is_resumed(desk: Desk) -> None:
    connection_id = desk.connect()
    assert desk.post(f"/connections/{connection_id}/pause").status_code == 303
    assert "Paused: nothing is read from Meta Ads until you resume it." in desk.get("/connections").text
    assert desk.post(f"/connections/{connection_id}/resume").status_code == 303
    assert desk.work() == "done"
    assert desk.connection(connection_id).state == "active"


def test_a_removed_connection_is_gone_with_its_sign_in(desk: Desk) -> None:
    connection_id = desk.connect()
    assert "Imported files stay." in desk.get(f"/connections/{connection_id}").text
    assert desk.post(f"/connections/{connection_id}/remove").status_code == 303
    assert "Being removed" in desk.get("/connections").text
    assert "Check now" not in desk.get(f"/connections/{connection_id}").text
    assert desk.work() == "done"
    assert desk.get(f"/connections/{connection_id}").status_code == 404
    assert desk.accounts(connection_id) == []
