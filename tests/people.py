"""The people that tests speak of: somebody who owns a workspace, a colleague, and a stranger, each with a browser."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import update

from billing.service import set_plan
from kit.clock import utc_now
from kit.ids import new_id
from kit.settings import Settings
from kit.web.security import CSRF_HEADER, SESSION_COOKIE, csrf_token
from tenants.identity.service import register
from tenants.identity.sessions import open_session
from tenants.isolation.planes import Planes, Tenant
from tenants.isolation.provision import build_spare, refill_spares
from tenants.isolation.setup import owner_engine
from tenants.workspaces.models import Membership, Schema

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Person:
    """Somebody with a signed-in browser and a workspace."""

    name: str
    email: str
    user_id: UUID
    workspace_id: UUID
    tenant: Tenant
    session_token: str
    settings: Settings

    def request(self, client: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
        """What this person's browser would send."""
        headers = {
            "cookie": f"{SESSION_COOKIE.spelled(self.settings)}={self.session_token}",
            CSRF_HEADER: csrf_token(self.settings, self.session_token),
            **more.pop("headers", {}),
        }
        return client.request(method, path, headers=headers, follow_redirects=False, **more)

    def at(self, path: str) -> str:
        """An address in this person's workspace."""
        return f"/w/{self.workspace_id}{path}"


def make_person(settings: Settings, planes: Planes, *, name: str = "Ada Example", plan: str = "free") -> Person:
    """Sign somebody up as the web does, on a plan."""
    refill_spares(owner_engine(settings), planes.roles, wanted=1)
    email = f"{name.split(maxsplit=1)[0].lower()}-{new_id().hex[-12:]}@example.org"
    with planes.begin_control() as control:
        made = register(control, name=name, email=email, password=PASSWORD, workspace_name=f"{name}'s shop")
        if plan != "free":
            set_plan(control, workspace_id=made.workspace.id, plan_code=plan)
        token = open_session(control, user_id=made.user.id, now=utc_now())
        tenant = Tenant(made.workspace.id, made.workspace.schema_name)
    return Person(name, email, made.user.id, made.workspace.id, tenant, token, settings)


def make_schema(settings: Settings, planes: Planes) -> str:
    """A workspace's schema that stays out of the pool, so that no sign-up of another test claims it."""
    schema = build_spare(owner_engine(settings), planes.roles)
    with planes.begin_control() as control:
        control.execute(update(Schema).where(Schema.schema_name == schema).values(is_spare=False))
    return schema


def join(planes: Planes, person: Person, workspace_of: Person, role: str) -> None:
    """Make somebody a member of another's workspace."""
    with planes.begin_control() as control:
        control.add(Membership(workspace_id=workspace_of.workspace_id, user_id=person.user_id, role=role))
