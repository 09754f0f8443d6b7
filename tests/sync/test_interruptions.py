"""Whatever ends a run, the next one goes on, and in the end the tables are the same as if nothing had happened."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from adloom_sdk.errors import (
    AccountDisabled,
    AppNotApproved,
    AuthRevoked,
    BadRequest,
    PlatformError,
    RateLimited,
    TooMuchData,
)
from adloom_sdk.errors import Transient as PlatformAway
from adloom_sdk.manifest import RatePolicy
from adloom_sdk.messages import Kind, ReadRequest
from adloom_sdk.records import Level
from app.sync import reading
from kit.jobs import JobCancelled, Transient
from tests.sync.conftest import Place, Sums
from tests.sync.made_up import NOW, MadeUp, days_before, made_up_world


class Killed(BaseException):
    """The process ended here: nothing that handles errors sees this."""


def _everything(place: Place) -> list[Any]:
    """All that a sync leaves behind, but for numbers and ids."""
    measures = "platform_id, day, spend_micros, conversions, extras, finality"
    statements = (
        f"SELECT {measures} FROM campaign_days JOIN campaigns ON number = campaign_number ORDER BY 1, 2",
        f"SELECT {measures} FROM ad_days JOIN ads ON number = ad_number ORDER BY 1, 2",
        "SELECT day, spend_micros, revenue_micros, clicks, conversions FROM channel_days ORDER BY 1",
        "SELECT platform_id, name, status FROM campaigns ORDER BY 1",
        "SELECT platform_id, name, status FROM ads ORDER BY 1",
        "SELECT count(*) FROM sync_cursors",
    )
    return [place.rows(statement) for statement in statements]


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PART_RECORDS", 20)


@pytest.mark.usefixtures("small_parts")
def test_a_run_that_is_killed_at_every_page_ends_with_the_same_tables(place: Place) -> None:
    world = made_up_world(campaigns=3)
    [account_id] = place.connect(world, "EUR")
    calm = MadeUp(world, page_size=20)
    place.sync(account_id, calm)
    expected, pages = _everything(place), calm.pages
    place.rows("DELETE FROM campaigns RETURNING 1")
    for table in ("campaign_days", "ad_days", "channel_days", "sync_states", "creatives"):
        place.rows(f"DELETE FROM {table} RETURNING 1")
    killed_at = 0
    for step in range(1, 200):
        left = [step % 4 + 1]

        def kill(_request: ReadRequest, _page: int, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Killed

        connector = MadeUp(world, page_size=20, trouble=kill)
        try:
            place.sync(account_id, connector)
        except Killed:
            killed_at += 1
            continue
        break
    assert killed_at > pages / 6
    assert _everything(place) == expected


@pytest.mark.usefixtures("small_parts")
def test_after_a_kill_what_vanished_meanwhile_is_still_recognised(place: Place) -> None:
    connector = MadeUp(
        made_up_world(), page_size=10, changes={"levels": (Level.CAMPAIGN,), "rate": RatePolicy(concurrency=1)}
    )
    [account_id] = place.connect(connector.world, "EUR")
    place.sync(account_id, connector)
    first, last = (connector.world.campaigns(connector.world.accounts[1])[index].id for index in (0, 2))
    connector.vanished |= {(first, days_before(3)), (last, days_before(3))}

    def kill(request: ReadRequest, page: int) -> None:
        if request.kind is Kind.DAILY and page == 3 and request.checkpoint is None:
            raise Killed

    connector.trouble = kill
    with pytest.raises(Killed):
        place.sync(account_id, connector)
    assert place.rows("SELECT count(*) FROM sync_cursors WHERE kind = 'daily.campaign' AND checkpoint ? 'from'") == [
        (1,)
    ]
    connector.trouble = lambda _request, _page: None
    place.sync(account_id, connector)
    stored = place.rows(
        "SELECT platform_id FROM campaign_days JOIN campaigns ON number = campaign_number WHERE day = :day",
        day=days_before(3),
    )
    assert not {(first,), (last,)} & set(stored)
    assert place.sync(account_id, connector).rows_changed == 0


def test_a_place_that_the_platform_has_forgotten_is_read_from_the_start(
    place: Place, ledger: Callable[..., Sums]
) -> None:
    connector = MadeUp(made_up_world(), page_size=10)
    [account_id] = place.connect(connector.world, "EUR")

    def kill(request: ReadRequest, page: int) -> None:
        if request.kind is Kind.DAILY and page == 3:
            raise Killed

    def forgotten(request: ReadRequest, _page: int) -> None:
        if request.checkpoint:
            raise BadRequest("The page mark is not known.", "1")

    connector.trouble = kill
    with pytest.raises(Killed):
        place.sync(account_id, connector)
    connector.trouble = forgotten
    assert place.sync(account_id, connector).state == "done"
    assert place.sums(account_id) == ledger(connector.world, "EUR", days_before(29), NOW.date())


def test_too_much_at_once_is_asked_for_in_smaller_windows(place: Place, ledger: Callable[..., Sums]) -> None:
    def too_much(request: ReadRequest, _page: int) -> None:
        if request.since and request.until and (request.until - request.since).days > 3:
            raise TooMuchData("Please reduce the amount of data.", "1")

    connector = MadeUp(made_up_world(), trouble=too_much)
    [account_id] = place.connect(connector.world, "EUR")
    assert place.sync(account_id, connector).state == "done"
    assert place.sums(account_id) == ledger(connector.world, "EUR", days_before(29), NOW.date())
    history = place.sync(account_id, connector, kind="backfill")
    assert (history.state, history.has_history_left) == ("done", False)


def test_a_platform_that_asks_to_wait_is_asked_again_then(place: Place) -> None:
    later = NOW + timedelta(hours=3)

    def wait(request: ReadRequest, _page: int) -> None:
        if request.kind is Kind.DAILY:
            raise RateLimited("Too many calls.", "17", retry_at=later)

    connector = MadeUp(made_up_world(), trouble=wait)
    [account_id] = place.connect(connector.world, "EUR")
    outcome = place.sync(account_id, connector)
    assert (outcome.state, outcome.retry_at) == ("waiting", later)
    assert place.rows("SELECT state, problem_code FROM sync_runs") == [("queued", "RateLimited")]
    assert place.account(account_id).problem == ""


def test_an_outage_is_tried_again_and_given_up_in_the_end(place: Place) -> None:
    def away(_request: ReadRequest, _page: int) -> None:
        raise PlatformAway("The platform cannot be reached.")

    connector = MadeUp(made_up_world(), trouble=away)
    [account_id] = place.connect(connector.world, "EUR")
    with pytest.raises(Transient):
        place.sync(account_id, connector)
    assert place.sync(account_id, connector, is_last_attempt=True).state == "failed"


def test_cancelling_keeps_what_is_stored_and_says_so(place: Place) -> None:
    calls: list[str] = []

    def tell(_share: float, sentence: str) -> None:
        calls.append(sentence)
        if "rows so far" in sentence and len(calls) > 8:
            raise JobCancelled

    connector = MadeUp(made_up_world(), page_size=5)
    [account_id] = place.connect(connector.world, "EUR")
    with pytest.raises(JobCancelled):
        place.sync(account_id, connector, tell=tell)
    assert place.rows("SELECT state FROM sync_runs") == [("cancelled",)]
    assert "Made-up Ads: reading campaigns and ads" in calls
    assert place.sync(account_id, connector).state == "done"


def test_two_runs_of_one_account_follow_each_other(place: Place) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def hold(_request: ReadRequest, _page: int) -> None:
        inside.set()
        go_on.wait(20)

    connector = MadeUp(made_up_world(), trouble=hold)
    [account_id] = place.connect(connector.world, "EUR")
    first = threading.Thread(target=place.sync, args=(account_id, connector))
    first.start()
    assert inside.wait(20)
    assert place.sync(account_id, MadeUp(made_up_world())).state == "waiting"
    go_on.set()
    first.join()
    assert place.sync(account_id, connector).rows_changed == 0


@pytest.mark.parametrize(
    ("problem", "connection_state", "where"),
    [
        (AccountDisabled("The account is closed.", "1"), "active", "ad_accounts"),
        (AuthRevoked("Access was withdrawn.", "2"), "needs_sign_in", "connections"),
        (AppNotApproved("The app is not approved.", "3"), "needs_operator", "connections"),
        (BadRequest("A field is unknown.", "4"), "active", "ad_accounts"),
    ],
)
def test_one_bad_account_of_many_stops_no_other_and_says_who_must_act(
    place: Place, problem: PlatformError, connection_state: str, where: str
) -> None:
    world = made_up_world(campaigns=1, currencies=tuple(("EUR", "Europe/Berlin") for _ in range(6)))
    good, other = MadeUp(world), made_up_world(key="other")
    accounts = place.connect(world, "EUR")
    [bad] = place.connect(other, "EUR")

    def refuse(_request: ReadRequest, _page: int) -> None:
        raise type(problem)(problem.message, problem.code)

    assert place.sync(bad, MadeUp(other, trouble=refuse)).state == "failed"
    assert [place.sync(one, good).state for one in accounts] == ["done"] * 6
    assert place.rows("SELECT state FROM connections WHERE connector_key = 'other'") == [(connection_state,)]
    told = place.rows(f"SELECT problem_code, problem, what_to_do FROM {where} WHERE problem != ''")
    assert told == [(type(problem).__name__, problem.message, problem.what_to_do)]
    run = place.rows("SELECT state, problem_code FROM sync_runs WHERE account_id = :id", id=bad)
    assert run == [("failed", type(problem).__name__)]


def test_a_defect_of_a_connector_fails_its_account_and_nothing_else(place: Place) -> None:
    def defect(_request: ReadRequest, _page: int) -> None:
        raise ZeroDivisionError

    connector = MadeUp(made_up_world(), trouble=defect)
    [account_id] = place.connect(connector.world, "EUR")
    assert place.sync(account_id, connector).state == "failed"
    assert place.account(account_id).problem_code == "ConnectorBug"
    connector.trouble = lambda _request, _page: None
    assert place.sync(account_id, connector).state == "done"
    assert place.account(account_id).problem == ""
