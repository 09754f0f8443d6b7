"""From nothing connected to a campaign paused on its platform and active again, over HTTP, through the real workers and the sandbox."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from sqlalchemy import text

from app.connections.sign_in import CALLBACK_PATH
from app.site.demo_consent import allow_access
from tests.installation import Installation
from tests.people import Person
from tests.stories.program import Program, eventually

_CONSENT = re.compile(r'content="0;url=([^"]+)"')
_LINK = re.compile(r'<a href="([^"?]+/campaigns/[0-9a-f-]{36})[^"]*">([^<]+)</a>')
_SEEN = re.compile(r'name="seen" value="([^"]*)"')
_UNDO = re.compile(r'action="([^"]+/undo)"')


@dataclass
class Advertiser:
    """Somebody with a browser, and eyes on the platform's side."""

    http: httpx.Client
    person: Person
    program: Program
    installation: Installation
    notes: dict[str, Any] = field(default_factory=dict)

    def get(self, path: str) -> str:
        """A page of the workspace."""
        page = self.person.request(self.http, "GET", path)
        assert page.status_code == 200, page.text
        return page.text

    def post(self, path: str, data: dict[str, str]) -> str:
        """Send a form; gives where it leads."""
        reply = self.person.request(self.http, "POST", path, data=data)
        assert reply.status_code == 303, reply.text
        return reply.headers["location"]

    def follow(self, path: str) -> str:
        """Where a redirect leads."""
        reply = self.person.request(self.http, "GET", path)
        assert reply.status_code == 303, reply.text
        return reply.headers["location"]

    def sim(self, what: str, **query: str) -> Any:
        """What the platform itself knows."""
        reply = self.installation.sandbox.http.get(f"/_sim/meta_ads/{what}", params=query)
        assert reply.status_code == 200, reply.text
        return reply.json()["result"]

    def status_there(self) -> str:
        """The campaign's status at Meta."""
        listed = self.sim("entities", account=self.notes["account"]["platform_id"].removeprefix("act_"))
        return next(str(one["status"]) for one in listed if one["name"] == self.notes["campaign"])


@pytest.fixture(scope="module")
def advertiser(
    installation: Installation,
    http: httpx.Client,
    make: Callable[..., Person],
    program: Callable[..., Program],
) -> Advertiser:
    """On the Premium plan, with nothing connected."""
    person = make("Alma Advertiser", plan="premium")
    return Advertiser(http, person, program(person), installation)


@pytest.fixture(scope="module")
def connected(advertiser: Advertiser) -> dict[str, Any]:
    """Meta, connected through its consent page."""
    at, base = advertiser, advertiser.installation.url
    leaving = at.post(at.person.at("/connections/new/meta_ads"), {"write": "1"})
    address = _CONSENT.search(at.get(leaving))
    assert address
    params = allow_access(unescape(address[1]), callback=base + CALLBACK_PATH)
    place = at.follow(at.follow(f"{CALLBACK_PATH}?{urlencode(params)}"))
    connection_id = urlsplit(place).path.rpartition("/")[2]
    found = eventually(lambda: _with_accounts(at, connection_id), "the accounts are listed")
    at.notes["href"] = urlsplit(place).path
    return dict(found)


@pytest.fixture(scope="module")
def synced(advertiser: Advertiser, connected: dict[str, Any]) -> dict[str, Any]:
    """The dollar account, chosen and read."""
    at = advertiser
    account = next(one for one in connected["accounts"] if one["currency"] == "USD" and not one["problem"])
    at.notes["account"] = account
    at.post(at.notes["href"] + "/accounts", {f"account_{account['id']}": "1"})
    eventually(lambda: _is_read(at, account), "the newest month is read")
    return dict(account)


def _with_accounts(at: Advertiser, connection_id: str) -> Any:
    found = at.program.get(f"/connections/{connection_id}")
    return found if found["state"] == "active" and found["accounts"] else None


def _is_read(at: Advertiser, account: dict[str, Any]) -> bool:
    asked = text("SELECT covered_to IS NOT NULL FROM sync_states WHERE account_id = :id")
    with at.installation.planes.tenant(at.person.tenant) as session:
        return bool(session.execute(asked, {"id": account["id"]}).scalar())


def _open_campaign(at: Advertiser) -> str:
    """The page of an active campaign with a budget of its own."""
    listed = at.sim("entities", account=at.notes["account"]["platform_id"].removeprefix("act_"))
    fitting = [one["name"] for one in listed if one["status"] == "active" and not one["is_budget_shared"]]
    links = {
        unescape(name): href for href, name in _LINK.findall(at.get(at.person.at("/campaigns?period=last_30_days")))
    }
    at.notes["campaign"] = next(name for name in fitting if name in links)
    href: str = links[at.notes["campaign"]]
    return href


def test_the_account_picker_explains_the_disabled_account(connected: dict[str, Any]) -> None:
    assert {"USD", "EUR", "JPY"} <= {one["currency"] for one in connected["accounts"]}
    disabled = [one for one in connected["accounts"] if one["status"] == "disabled"]
    assert disabled
    assert all(one["problem"] for one in disabled)


def test_what_is_stored_is_what_the_platform_knows_to_the_micro(advertiser: Advertiser, synced: dict[str, Any]) -> None:
    asked = text(
        "SELECT day, sum(spend_micros), sum(clicks) FROM campaign_days JOIN campaigns ON number = campaign_number"
        " WHERE account_id = :id AND day > current_date - 25 GROUP BY day"
    )
    with advertiser.installation.planes.tenant(advertiser.person.tenant) as session:
        ours = {row[0].isoformat(): (int(row[1]), int(row[2])) for row in session.execute(asked, {"id": synced["id"]})}
    # Today's are still growing at the platform.
    days = sorted(ours)[:-1]
    account = synced["platform_id"].removeprefix("act_")
    told = advertiser.sim("ledger", account=account, since=days[0], until=days[-1], settled="0")
    theirs = {row["day"]: (row["spend_micros"], row["clicks"]) for row in told}
    assert len(theirs) > 20
    assert {day: ours[day] for day in days if ours[day] != (0, 0)} == theirs


def test_first_numbers_show_on_the_dashboard_and_in_the_list(advertiser: Advertiser, synced: dict[str, Any]) -> None:
    metrics = {one["key"]: one["value"] for one in advertiser.program.get("/analytics/dashboard")["metrics"]}
    assert metrics["spend"] > 0
    reply = advertiser.person.request(advertiser.http, "GET", advertiser.person.at("/campaigns/export.csv"))
    assert len(list(csv.reader(io.StringIO(reply.text)))) > 4
    assert synced["name"] in reply.text


def test_a_pause_reaches_the_platform_and_undo_takes_it_back(advertiser: Advertiser, synced: dict[str, Any]) -> None:
    at = advertiser
    assert synced
    href = _open_campaign(at)
    assert at.status_there() == "active"
    seen = _SEEN.search(at.get(href))
    assert seen
    at.post(f"{href}/change", {"seen": unescape(seen[1]), "kind": "pause"})
    eventually(lambda: at.status_there() == "paused", "Meta has paused it")
    undo = eventually(lambda: _UNDO.search(at.get(href)), "it can be undone")
    assert "Paused" in at.get(href)
    at.post(undo[1], {})
    eventually(lambda: at.status_there() == "active", "Meta has it active again")
    eventually(lambda: "Taken back" in at.get(href), "the history tells it")
