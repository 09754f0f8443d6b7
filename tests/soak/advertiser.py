"""Somebody whose platforms are being read while everything is killed: connects them, chooses account after account, and syncs anew.

Whatever the web process refuses meanwhile (5xx, or a broken connection) is asked for again.
"""

import threading
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.cli.processes import PlaneSessions
from app.connections.sign_in import CALLBACK_PATH
from app.site.demo_consent import allow_access
from kit.jobs.models import ACTIVE
from tenants.isolation.planes import Planes
from tests.people import Person

PLATFORMS = {
    "meta_ads": {},
    "google_ads": {},
    "tiktok_ads": {},
    "pinterest_ads": {},
    "microsoft_ads": {},
    "shopify": {"config_shop": "northwind-usd"},
}
CURRENCIES = ("USD", "KWD")
AT_ONCE = 6
_WITHIN_S = 600
_AT_WORK = text(
    "SELECT count(*) FROM control.jobs WHERE workspace_id = :id AND state = ANY(:active) AND name LIKE 'sync.%'"
)
_ACCOUNTS = text(
    "SELECT id, connection_id FROM ad_accounts WHERE status = 'active' AND problem = '' AND currency = ANY(:known)"
    " ORDER BY currency, connector_key"
)
_UNREAD = text(
    "SELECT count(*) FROM ad_accounts LEFT JOIN sync_states ON account_id = id"
    " WHERE is_selected AND (covered_from IS NULL OR covered_from > wanted_from)"
)


@dataclass
class Advertiser:
    """One person with a browser, in one workspace."""

    planes: Planes
    person: Person
    url: str
    asked_anew: int = 0
    syncs: int = 0
    _chosen: dict[UUID, set[UUID]] = field(default_factory=dict)
    _ended: threading.Event = field(default_factory=threading.Event)

    def connect(self) -> None:
        """Every platform, through its consent page; no account is chosen yet."""
        with self._browser() as browser:
            for key, config in PLATFORMS.items():
                made = self._sent(browser, "POST", self.person.at(f"/connections/new/{key}"), {"write": "1", **config})
                leaving = self._sent(browser, "GET", made.headers["location"])
                address = httpx.URL(_between(leaving.text, 'content="0;url=', '"').replace("&amp;", "&"))
                params = allow_access(str(address), callback=self.url + CALLBACK_PATH)
                back = self._sent(browser, "GET", str(httpx.URL(CALLBACK_PATH, params=params)))
                self._sent(browser, "GET", back.headers["location"])
        self.wait(lambda: len(self._rows(_ACCOUNTS, known=list(CURRENCIES))) > len(CURRENCIES) * (len(PLATFORMS) - 1))

    def choose_all(self) -> None:
        """Read every account, as fast as it goes."""
        with self._browser() as browser:
            while self._choose_next(browser):
                pass

    def go_on(self) -> None:
        """Choose account after account, then sync all of them again and again, so that some syncs are always under way."""
        with self._browser() as browser:
            while not self._ended.wait(0.2):
                try:
                    if self._at_work() < AT_ONCE and not self._choose_next(browser):
                        self.sync_all(browser)
                except DBAPIError:  # the database is being killed
                    self.asked_anew += 1

    def sync_all(self, browser: httpx.Client | None = None) -> None:
        """Press Sync now for everything."""
        if browser is None:
            with self._browser() as opened:
                return self.sync_all(opened)
        self._sent(browser, "POST", self.person.at("/sync"), {})
        self.syncs += 1
        return None

    def stop(self) -> None:
        """Ask for nothing more."""
        self._ended.set()

    def finish(self) -> int:
        """Until every chosen account is read whole; what jobs gave up is asked for again. Returns how often that was."""
        rounds = 0
        while True:
            self.wait(lambda: self._at_work() == 0)
            if self._rows(_UNREAD)[0][0] == 0:
                return rounds
            rounds += 1
            self.sync_all()

    def wait(self, look: Any) -> None:
        """Until it is so."""
        ends_at = monotonic() + _WITHIN_S
        while not look():
            assert monotonic() < ends_at, f"{self._at_work()} syncs are still at work"
            sleep(0.3)

    def _choose_next(self, browser: httpx.Client) -> bool:
        """Tick one more account; False where all are."""
        for account_id, connection_id in self._rows(_ACCOUNTS, known=list(CURRENCIES)):
            ticked = self._chosen.setdefault(connection_id, set())
            if account_id not in ticked:
                data = {f"account_{one}": "1" for one in ticked | {account_id}}
                self._sent(browser, "POST", self.person.at(f"/connections/{connection_id}/accounts"), data)
                ticked.add(account_id)
                return True
        return False

    def _at_work(self) -> int:
        with PlaneSessions(self.planes).control() as control:
            asked = {"id": self.person.workspace_id, "active": list(ACTIVE)}
            return int(control.execute(_AT_WORK, asked).scalar_one())

    def _rows(self, asked: Any, **values: Any) -> list[Any]:
        with self.planes.tenant(self.person.tenant) as session:
            return list(session.execute(asked, values))

    def _browser(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=30, trust_env=False)

    def _sent(
        self, browser: httpx.Client, method: str, path: str, data: dict[str, str] | None = None
    ) -> httpx.Response:
        while True:
            try:
                reply = self.person.request(browser, method, path, data=data)
            except httpx.TransportError:
                reply = None
            if reply is not None and reply.status_code < 500:
                assert reply.status_code in {200, 303}, reply.text
                return reply
            self.asked_anew += 1
            if self._ended.wait(0.3):
                raise AssertionError("The web process did not answer to the end.")


def _between(words: str, begin: str, end: str) -> str:
    return words.partition(begin)[2].partition(end)[0]
