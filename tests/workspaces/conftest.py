"""A workspace with one person of each role, in a transaction that is taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest

from kit.db import ScopedSession
from kit.ids import new_id
from kit.settings import Settings
from tenants.identity.models import User
from tenants.isolation.planes import Planes
from tenants.workspaces.models import Membership, Organisation, OrganisationMember, Workspace
from tests.people import Person, make_person

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Shop:
    """A workspace, and who is in it: owner, admin, editor, viewer."""

    workspace: Workspace
    people: dict[str, User]

    @property
    def id(self) -> UUID:
        return self.workspace.id


@pytest.fixture
def make_user(control: ScopedSession) -> Callable[[str], User]:
    """Makes an account that nobody can sign in to."""

    def make(name: str) -> User:
        user = User(id=new_id(), email=f"{name}-{new_id().hex[-12:]}@example.org", name=name, password_hash="none")
        control.add(user)
        control.flush()
        return user

    return make


@pytest.fixture
def shop(control: ScopedSession, make_user: Callable[[str], User]) -> Shop:
    people = {role: make_user(role) for role in ("owner", "admin", "editor", "viewer")}
    organisation = Organisation(id=new_id(), name="Shop")
    control.add(organisation)
    control.flush()
    workspace = Workspace(
        id=new_id(),
        organisation_id=organisation.id,
        name="Shop",
        schema_name=f"t_{new_id().hex}",
        currency="EUR",
        timezone="UTC",
        state="active",
    )
    control.add_all(
        [OrganisationMember(organisation_id=organisation.id, user_id=people["owner"].id, role="owner"), workspace]
    )
    control.flush()
    control.add_all(Membership(workspace_id=workspace.id, user_id=user.id, role=role) for role, user in people.items())
    control.flush()
    return Shop(workspace, people)


@pytest.fixture(scope="module")
def owner(settings: Settings, planes: Planes) -> Person:
    """An owner whose plan has seats for everybody that these tests invite."""
    return make_person(settings, planes, name="Olga Owner", plan="premium")
