"""A program that calls the API for somebody: its token, its workspace, and patience for jobs."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from kit.clock import utc_now
from kit.settings import Settings
from tenants.identity.tokens import issue_tokens
from tests.installation import Installation
from tests.people import Person

_PATIENCE_S = 60
_LOOK_EVERY_S = 0.05
_OVER = {"done", "failed", "refused", "cancelled", "dead", "awaiting_confirmation"}


@dataclass
class Program:
    """Calls as one person in one workspace."""

    http: httpx.Client
    headers: dict[str, str]

    @classmethod
    def with_token(cls, http: httpx.Client, access_token: str, workspace_id: object = None) -> "Program":
        """As whoever the token was issued to."""
        headers = {"authorization": f"Bearer {access_token}"}
        return cls(http, headers | ({"x-workspace": str(workspace_id)} if workspace_id else {}))

    @classmethod
    def of(
        cls, installation: Installation, http: httpx.Client, person: Person, *, at: Person | None = None
    ) -> "Program":
        """As this person, in their own workspace or `at` somebody else's."""
        return cls.with_token(http, access_token(installation, person), (at or person).workspace_id)

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request below `/api/v1`."""
        return self.http.request(method, f"/api/v1{path}", headers=self.headers, **more)

    def get(self, path: str, **query: Any) -> Any:
        """The body of a successful GET."""
        reply = self.call("GET", path, params=query)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def post(self, path: str, body: Any = None, *, status: int | tuple[int, ...] = (200, 201, 202)) -> Any:
        """The body of a POST that answers as expected."""
        reply = self.call("POST", path, json=body)
        assert reply.status_code in ((status,) if isinstance(status, int) else status), reply.text
        return reply.json()

    def until_over(self, path: str) -> Any:
        """Ask for a run, an import or a job until it is over."""
        return eventually(lambda: _if_over(self.get(path)), f"{path} is over")


def _if_over(body: Any) -> Any:
    return body if body["state"] in _OVER else None


def eventually(look: Callable[[], Any], what: str) -> Any:
    """What `look` answers as soon as it is something; what happens in other threads cannot be awaited otherwise."""
    ends_at = time.monotonic() + _PATIENCE_S
    while time.monotonic() < ends_at:
        if found := look():
            return found
        time.sleep(_LOOK_EVERY_S)
    raise AssertionError(f"Not within {_PATIENCE_S} s: {what}.")


def access_token(installation: Installation, person: Person) -> str:
    """A token as signing in by the API gives it, without counting a try."""
    settings: Settings = installation.settings
    with installation.planes.begin_control() as control:
        return issue_tokens(
            control, settings=settings, user_id=person.user_id, workspace_id=person.workspace_id, now=utc_now()
        ).access_token
