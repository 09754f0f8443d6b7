"""One person at work with connections: pages in a browser, consent at the platform, and a worker that runs what waits."""

import re
from dataclasses import dataclass
from html import unescape
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select, text

from adloom_sdk.credentials import Token
from app.cli.processes import PlaneSessions
from app.connections.models import AdAccount, Connection
from app.connections.secrets import load_token
from app.worker import TASK_MODULES
from kit.jobs import ledger
from kit.jobs.models import JobRow
from kit.jobs.resources import Resources
from kit.jobs.runner import run_claimed
from kit.settings import Settings
from kit.vault import open_vault
from tenants.isolation.planes import Planes
from tests.people import Person
from tests.sandbox.process import RunningSandbox


@dataclass(frozen=True)
class Desk:
    """What a test does, in the order in which people do it."""

    web: TestClient[Litestar]
    settings: Settings
    planes: Planes
    platforms: RunningSandbox
    person: Person

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.person.request(self.web, "GET", self.person.at(path), **more)

    def post(self, path: str, data: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        return self.person.request(self.web, "POST", self.person.at(path), data=data or {}, **more)

    def start(self, key: str = "meta_ads", data: dict[str, str] | None = None) -> str:
        """Fill in the form; gives the address of the platform's consent page."""
        made = self.post(f"/connections/new/{key}", data)
        assert made.status_code == 303, made.text
        return self.leave(made.headers["location"])

    def leave(self, path: str) -> str:
        """The consent page that the step before it names."""
        page = self.person.request(self.web, "GET", path)
        assert page.status_code == 200, page.text
        address = re.search(r'content="0;url=([^"]+)"', page.text)
        assert address, page.text
        return unescape(address[1])

    def consent(self, address: str, *, decision: str = "allow") -> str:
        """Decide on the consent page; gives the path and query that the platform sends the browser back to."""
        page = self.platforms.http.get(address)
        action = re.search(r'action="([^"]+)"', page.text)
        assert action, page.text
        fields = {
            name: unescape(value)
            for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
        }
        granted = re.findall(r'name="grant" value="([^"]*)"', page.text)
        sent = {**fields, "decision": decision, "grant": granted}
        back = urlsplit(self.platforms.http.post(unescape(action[1]), data=sent).headers["location"])
        return f"{back.path}?{back.query}"

    def come_back(self, path: str) -> httpx.Response:
        """Follow the platform's redirect to the workspace's own callback."""
        first = self.person.request(self.web, "GET", path)
        assert first.status_code == 303, first.text
        return self.person.request(self.web, "GET", first.headers["location"])

    def connect(self, key: str = "meta_ads", data: dict[str, str] | None = None) -> UUID:
        """All the way: form, consent, job. Gives the connection."""
        landed = self.come_back(self.consent(self.start(key, data)))
        assert landed.status_code == 303, landed.text
        assert self.work() == "done"
        return UUID(urlsplit(landed.headers["location"]).path.rpartition("/")[2])

    def work(self) -> str:
        """One run of the oldest job that waits in the workspace; gives its new state."""
        claimed = self.claim()
        assert claimed is not None
        assert TASK_MODULES
        resources = cast("Resources", SimpleNamespace(settings=self.settings))
        return run_claimed(PlaneSessions(self.planes), claimed, resources=resources).state

    def claim(self) -> ledger.Claim | None:
        with self.planes.begin_control() as control:
            control.execute(text("UPDATE control.jobs SET run_at = now() WHERE state = 'waiting'"))
            ledger.promote(control)
            ledger.release(control, queue="io", room=1000)
            waiting = control.scalars(
                select(JobRow.id)
                .where(JobRow.workspace_id == self.person.workspace_id, JobRow.state.in_(("ready", "sent")))
                .order_by(JobRow.id)
            ).first()
            return ledger.claim(control, waiting) if waiting else None

    def jobs(self) -> list[JobRow]:
        with self.planes.control() as control:
            asked = select(JobRow).where(JobRow.workspace_id == self.person.workspace_id).order_by(JobRow.id)
            return list(control.scalars(asked))

    def connection(self, connection_id: UUID) -> Connection:
        with self.planes.tenant(self.person.tenant) as session:
            return session.get_one(Connection, connection_id)

    def connections(self) -> list[Connection]:
        with self.planes.tenant(self.person.tenant) as session:
            return list(session.scalars(select(Connection)))

    def accounts(self, connection_id: UUID) -> list[AdAccount]:
        with self.planes.tenant(self.person.tenant) as session:
            return list(
                session.scalars(
                    select(AdAccount).where(AdAccount.connection_id == connection_id).order_by(AdAccount.name)
                )
            )

    def token(self, connection_id: UUID) -> Token:
        with self.planes.tenant(self.person.tenant) as session:
            return load_token(session, open_vault(self.settings), connection_id=connection_id)

    def arm(self, kind: str, *, times: int = 1, path: str = "", key: str = "meta_ads") -> None:
        """Make the platform's next calls go wrong."""
        fault = {"kind": kind, "times": times, "path": path}
        self.platforms.http.post(f"/_sim/{key}/faults", json=fault).raise_for_status()
