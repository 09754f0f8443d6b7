"""What people see of syncs: accounts and runs, our totals beside the platform's, and what the buttons do."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import delete, select, update

from app.campaigns.rates import keep_own_currency, put_rates
from app.connections.control_models import InstalledConnector
from app.connections.models import AdAccount, Connection
from app.sync.models import Reconciliation, SyncRun
from app.sync.reconciling import reconcile
from kit.clock import utc_now
from kit.format import day
from kit.jobs.models import JobRow
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.people import Person, join, make_person
from tests.sync.conftest import Place
from tests.sync.made_up import NOW, MadeUp, days_before, made_up_world

SINCE, UNTIL = days_before(9), days_before(1)


class Screen:
    """One person's browser on the pages of a workspace that reads one account of a made-up platform."""

    def __init__(self, web: TestClient[Litestar], place: Place, connector: MadeUp, account_id: UUID) -> None:
        self.web, self.place, self.connector, self.account_id = web, place, connector, account_id

    def get(self, path: str, *, person: Person | None = None) -> httpx.Response:
        who = person or self.place.person
        return who.request(self.web, "GET", self.place.person.at(path), headers={"accept": "text/html"})

    def post(self, path: str, data: dict[str, str], *, person: Person | None = None) -> httpx.Response:
        return (person or self.place.person).request(self.web, "POST", self.place.person.at(path), data=data)

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """As a program, with the workspace named in the header."""
        return self.place.person.request(self.web, method, path, **more)

    def jobs(self, name: str) -> list[JobRow]:
        with self.place.planes.control() as control:
            asked = select(JobRow).where(JobRow.workspace_id == self.place.person.workspace_id, JobRow.name == name)
            return list(control.scalars(asked.order_by(JobRow.id)))

    def set_job(self, name: str, **values: Any) -> None:
        """What the worker has made of the job."""
        mine = JobRow.workspace_id == self.place.person.workspace_id
        with self.place.planes.begin_control() as control:
            control.execute(update(JobRow).where(mine, JobRow.name == name).values(**values))

    def compare(self, since: date, until: date) -> None:
        """What the job does."""
        with self.place.session() as session:
            reconcile(session, account_id=self.account_id, since=since, until=until, opener=self.connector.opener)

    def comparison(self, since: date, until: date) -> str:
        reply = self.get(f"/sync/reconciliation?account={self.account_id}&from={since}&to={until}")
        assert reply.status_code == 200, reply.text
        return reply.text


@pytest.fixture
def screen(client: TestClient[Litestar], place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    """The page of a workspace with an account that counts in dollars, on the day on which the made-up world stands still."""
    monkeypatch.setattr("app.sync.asking.today_in", lambda _zone: NOW.date())
    connector = MadeUp(made_up_world())
    [account_id] = place.connect(connector.world, "USD")
    known = InstalledConnector(
        name="made_up",
        distribution="adloom-made-up",
        version="1",
        state="working",
        manifest=msgspec.to_builtins(connector.manifest),
    )
    with place.planes.begin_control() as control:
        control.add(known)
    yield Screen(client, place, connector, account_id)
    with place.planes.begin_control() as control:
        control.execute(delete(InstalledConnector).where(InstalledConnector.name == "made_up"))


def test_an_account_that_was_never_read_says_so_and_offers_a_sync(screen: Screen) -> None:
    page = screen.get("/sync").text
    assert "Not read yet" in page
    assert "No numbers yet" in page
    assert "Sync now" in page


def test_sync_now_enqueues_each_account_once_and_shows_it_at_work(screen: Screen) -> None:
    for _ in range(2):
        reply = screen.post("/sync", {})
        assert (reply.status_code, reply.headers["location"]) == (303, screen.place.person.at("/sync"))
    [job] = screen.jobs("sync.account")
    page = screen.get("/sync").text
    assert f"/jobs/{job.id}/events" in page
    assert "The first numbers are on their way" in page
    assert "1 syncing now" in page
    assert "Cancel" in page


def test_cancel_stops_a_sync_that_waits_and_its_run(screen: Screen) -> None:
    screen.post("/sync", {"account": str(screen.account_id)})
    reply = screen.post("/sync/cancel", {"account": str(screen.account_id)})
    assert reply.status_code == 303
    assert [job.state for job in screen.jobs("sync.account")] == ["cancelled"]
    assert screen.place.rows("SELECT state FROM sync_runs") == [("cancelled",)]
    assert "Cancelled" in screen.get("/sync").text


def test_after_a_sync_the_page_tells_rows_calls_and_how_far_the_history_is(screen: Screen) -> None:
    screen.place.sync(screen.account_id, screen.connector)
    page = screen.get(f"/sync?account={screen.account_id}").text
    assert "Up to date" in page
    assert re.search(r"1 of 3 months, back to \d+ Oct 2026", page)
    assert "By\u00a0hand" in page
    [(rows, calls)] = screen.place.rows("SELECT rows_read, calls FROM sync_runs")
    assert f"{rows:,}" in page
    assert re.search(rf'class="number">{calls}<', page)
    screen.place.sync(screen.account_id, screen.connector, kind="backfill")
    assert "Complete back to" in screen.get("/sync").text


def test_a_broken_sign_in_is_one_sentence_with_one_button(screen: Screen) -> None:
    with screen.place.session() as session:
        session.execute(update(Connection).values(state="needs_sign_in", problem="The key was refused."))
    page = screen.get("/sync").text
    assert "Made-up Ads has refused the key since an unknown day: enter it again." in page
    assert "Enter the key again" in page
    assert "Sync now" not in page
    refused = screen.post("/sync", {})
    assert refused.status_code == 303
    assert screen.jobs("sync.account") == []


def test_an_accounts_trouble_stands_on_its_line_and_others_go_on(screen: Screen) -> None:
    [other] = screen.place.connect(screen.connector.world, "EUR")
    with screen.place.session() as session:
        troubled = session.get_one(AdAccount, screen.account_id)
        troubled.problem, troubled.what_to_do = "The account is disabled.", "Settle its bill at the platform."
    screen.place.sync(other, screen.connector)
    page = screen.get("/sync").text
    assert "The account is disabled. Settle its bill at the platform." in page
    assert "Try again" in page
    assert "Up to date" in page
    assert "2 accounts · 1 needs attention" in page


def test_days_say_that_nobody_has_compared_them_until_somebody_checks(screen: Screen) -> None:
    screen.place.sync(screen.account_id, screen.connector)
    page = screen.comparison(SINCE, UNTIL)
    assert "Not compared yet" in page
    reply = screen.post(
        "/sync/reconciliation", {"account": str(screen.account_id), "from": str(SINCE), "to": str(UNTIL)}
    )
    assert reply.headers["location"].endswith(f"account={screen.account_id}&from={SINCE}&to={UNTIL}")
    [job] = screen.jobs("sync.reconcile")
    assert job.arguments == {"account_id": str(screen.account_id), "since": str(SINCE), "until": str(UNTIL)}
    assert f"/jobs/{job.id}/events" in screen.comparison(SINCE, UNTIL)


def test_equal_days_are_called_the_same_with_their_sum(screen: Screen) -> None:
    screen.place.sync(screen.account_id, screen.connector)
    screen.compare(SINCE, UNTIL)
    page = screen.comparison(SINCE, UNTIL)
    assert "All 9 compared days agree" in page
    assert page.count(">Same<") == 9
    total = sum(sums[0] for day, sums in screen.place.sums(screen.account_id).items() if SINCE <= day <= UNTIL)
    assert page.count(f"${total / 1_000_000:,.2f}") == 2
    assert "goes on correcting a day after it is over" in page
    assert "nothing is converted" in page


def test_a_day_that_differs_settles_or_is_named_by_how_final_it_is(screen: Screen) -> None:
    screen.place.sync(screen.account_id, screen.connector)
    screen.compare(SINCE, UNTIL)
    change = update(Reconciliation).where(Reconciliation.day == UNTIL)
    with screen.place.session() as session:
        session.execute(change.values(their_clicks=Reconciliation.their_clicks + 7))
    page = screen.comparison(SINCE, UNTIL)
    assert "8 of 9 compared days agree" in page
    assert "The others still settle" in page
    assert "−7" in page
    screen.place.rows("UPDATE campaign_days SET finality = 2 WHERE day = :day RETURNING 1", day=UNTIL)
    assert "1 final day differs" in screen.comparison(SINCE, UNTIL)


def test_a_day_that_was_read_again_since_the_check_is_no_difference(screen: Screen) -> None:
    screen.place.sync(screen.account_id, screen.connector)
    screen.compare(SINCE, UNTIL)
    screen.place.rows(
        "UPDATE campaign_days SET clicks = clicks + 1, finality = 2 WHERE day = :day RETURNING 1", day=SINCE
    )
    page = screen.comparison(SINCE, UNTIL)
    assert "Changed since" in page
    assert "1 final day differs" not in page


def test_the_file_is_exact_and_names_the_rate_of_each_day(screen: Screen) -> None:
    [account_id] = screen.place.connect(screen.connector.world, "EUR")
    screen.account_id = account_id
    screen.place.sync(account_id, screen.connector)
    screen.compare(SINCE, UNTIL)
    told = {("EUR", SINCE): Decimal("1.08"), ("EUR", SINCE + timedelta(days=3)): Decimal("1.1")}
    with screen.place.session() as session:
        keep_own_currency(session, "USD")
        put_rates(session, told, source="European Central Bank reference rate")
    page = screen.comparison(SINCE, UNTIL)
    quoted = day(SINCE + timedelta(days=3))
    assert f"1 EUR = 1.1 USD on {quoted} (European Central Bank reference rate)." in page
    assert "between 1.08 and 1.1" in page
    reply = screen.get(f"/sync/reconciliation/export.csv?account={account_id}&from={SINCE}&to={UNTIL}")
    rows = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))
    ours = screen.place.sums(account_id)
    for row in rows:
        on = date.fromisoformat(row["Day"])
        assert Decimal(row["Spend here (EUR)"]) * 1_000_000 == ours[on][0]
        assert Decimal(row["Spend difference"]) == 0
        assert row["Rate to USD"] == ("1.08" if on < SINCE + timedelta(days=3) else "1.1")
    assert len(rows) == 9


def test_too_many_days_are_refused_with_how_many_are_allowed(screen: Screen) -> None:
    reply = screen.get(f"/sync/reconciliation?account={screen.account_id}&from=2026-01-01&to={UNTIL}")
    assert reply.status_code == 422
    assert "92 days or fewer" in reply.text


def test_viewers_see_syncs_but_start_none(screen: Screen, settings: Settings, planes: Planes) -> None:
    viewer = make_person(settings, planes, name="Vera Viewer")
    join(planes, viewer, screen.place.person, "viewer")
    page = screen.get("/sync", person=viewer)
    assert page.status_code == 200
    assert "Sync now" not in page.text
    assert screen.post("/sync", {}, person=viewer).status_code == 403
    assert screen.jobs("sync.account") == []


def test_programs_start_a_sync_and_ask_how_far_it_is(screen: Screen) -> None:
    reply = screen.call("POST", "/api/v1/campaigns/sync", json={})
    assert reply.status_code == 202, reply.text
    started = reply.json()
    [job] = screen.jobs("sync.account")
    assert started["job_id"] == str(job.id)
    assert reply.headers["location"] == f"/api/v1/campaigns/sync/{job.id}/status"
    again = screen.call("POST", "/api/v1/campaigns/sync", json={"account_ids": [str(screen.account_id)]})
    assert again.json()["job_id"] == str(job.id)
    screen.place.sync(screen.account_id, screen.connector, job_id=job.id)
    status = screen.call("GET", reply.headers["location"]).json()
    assert (status["account_id"], status["run"]["state"]) == (str(screen.account_id), "done")
    assert status["run"]["rows_read"] > 100


def test_programs_are_told_when_nothing_can_be_read(screen: Screen) -> None:
    with screen.place.session() as session:
        session.execute(update(Connection).values(state="paused"))
    reply = screen.call("POST", "/api/v1/campaigns/sync", json={})
    assert (reply.status_code, reply.json()["detail"]) == (409, "No account can be read now.")


def test_a_job_that_syncs_nothing_has_no_sync_status(screen: Screen) -> None:
    screen.post("/sync/reconciliation", {"account": str(screen.account_id)})
    [job] = screen.jobs("sync.reconcile")
    assert screen.call("GET", f"/api/v1/campaigns/sync/{job.id}/status").status_code == 404


def test_choosing_an_account_starts_its_first_sync_which_the_page_shows(screen: Screen) -> None:
    with screen.place.session() as session:
        account = session.get_one(AdAccount, screen.account_id)
        account.is_selected, connection_id = False, account.connection_id
    assert "No account is read yet" in screen.get("/sync").text
    screen.post(f"/connections/{connection_id}/accounts", {f"account_{screen.account_id}": "1"})
    [job] = screen.jobs("sync.account")
    assert job.arguments["kind"] == "first"
    page = screen.get("/sync").text
    assert "First\u00a0sync" in page
    assert f"/jobs/{job.id}/state" in page


def test_a_sync_that_a_platform_makes_wait_says_why_and_when_it_goes_on(screen: Screen) -> None:
    screen.post("/sync", {})
    with screen.place.session() as session:
        session.execute(update(SyncRun).values(problem="Made-up Ads allows no more calls for now."))
    later = utc_now() + timedelta(minutes=20, seconds=30)
    screen.set_job("sync.account", state="waiting", run_at=later)
    page = screen.get("/sync").text
    assert re.search(r"Made-up Ads allows no more calls for now\. It goes on in 20 min \d+ s\.", page)


def test_a_comparison_that_the_platform_refused_says_what_to_do(screen: Screen) -> None:
    screen.place.sync(screen.account_id, screen.connector)
    asked = {"account": str(screen.account_id), "from": str(SINCE), "to": str(UNTIL)}
    screen.post("/sync/reconciliation", asked)
    told = {"state": "failed", "problem": "The account is disabled.", "what_to_do": "Settle its bill."}
    screen.set_job("sync.reconcile", state="done", result=told, finished_at=utc_now())
    page = screen.comparison(SINCE, UNTIL)
    assert "The account is disabled." in page
    assert "Settle its bill." in page
    screen.compare(SINCE, UNTIL)
    assert "The account is disabled." not in screen.comparison(SINCE, UNTIL)
