"""Who may change whom, and that a workspace never loses its last owner."""

from collections.abc import Callable

import pytest

from kit.db import ScopedSession
from kit.errors import Conflict, InvalidInput, NotAllowed, NotFound
from tenants.identity.models import User
from tenants.workspaces.models import Membership
from tenants.workspaces.permissions import ROLE_PERMISSIONS, Permission, Role, may
from tenants.workspaces.queries import members, open_invitations
from tenants.workspaces.service import change_role, invite, remove_member
from tests.workspaces.conftest import NOON, Shop

MATRIX = {
    Permission.READ_DATA: "owner admin editor viewer",
    Permission.EXPORT_DATA: "owner admin editor viewer",
    Permission.IMPORT_DATA: "owner admin editor",
    Permission.RUN_MODELS: "owner admin editor",
    Permission.MANAGE_CHANNELS: "owner admin editor",
    Permission.MANAGE_JOBS: "owner admin editor",
    Permission.CHANGE_CAMPAIGNS: "owner admin editor",
    Permission.MANAGE_CONNECTIONS: "owner admin",
    Permission.MANAGE_WORKSPACE: "owner admin",
    Permission.MANAGE_MEMBERS: "owner admin",
    Permission.MANAGE_BILLING: "owner admin",
    Permission.DELETE_WORKSPACE: "owner",
}


@pytest.mark.parametrize("permission", list(Permission))
def test_each_permission_belongs_to_these_roles(permission: Permission) -> None:
    assert [role.value for role in ROLE_PERMISSIONS if may(role, permission)] == MATRIX[permission].split()


def _role_of(control: ScopedSession, shop: Shop, name: str) -> str | None:
    found = control.get(Membership, (shop.id, shop.people[name].id))
    return found.role if found else None


def _change(control: ScopedSession, shop: Shop, name: str, role: str, *, as_: str) -> None:
    change_role(control, workspace_id=shop.id, user_id=shop.people[name].id, role=role, actor_role=as_)


def _remove(control: ScopedSession, shop: Shop, name: str, *, as_: str) -> None:
    remove_member(
        control,
        workspace_id=shop.id,
        user_id=shop.people[name].id,
        actor_id=shop.people[as_].id,
        actor_role=as_,
    )


def test_an_owner_makes_another_owner_and_may_then_step_down(control: ScopedSession, shop: Shop) -> None:
    _change(control, shop, "admin", "owner", as_="owner")
    _change(control, shop, "owner", "viewer", as_="owner")
    assert (_role_of(control, shop, "admin"), _role_of(control, shop, "owner")) == ("owner", "viewer")


def test_the_last_owner_neither_steps_down_nor_leaves(control: ScopedSession, shop: Shop) -> None:
    with pytest.raises(Conflict, match="last one"):
        _change(control, shop, "owner", "admin", as_="owner")
    with pytest.raises(Conflict, match="last one"):
        _remove(control, shop, "owner", as_="owner")
    assert _role_of(control, shop, "owner") == "owner"


def test_an_admin_changes_others_but_makes_and_unmakes_no_owner(control: ScopedSession, shop: Shop) -> None:
    _change(control, shop, "viewer", "editor", as_="admin")
    assert _role_of(control, shop, "viewer") == "editor"
    with pytest.raises(NotAllowed):
        _change(control, shop, "viewer", "owner", as_="admin")
    with pytest.raises(NotAllowed):
        _change(control, shop, "owner", "viewer", as_="admin")
    with pytest.raises(NotAllowed):
        _remove(control, shop, "owner", as_="admin")


def test_an_unknown_role_is_refused(control: ScopedSession, shop: Shop) -> None:
    with pytest.raises(InvalidInput, match="no role"):
        _change(control, shop, "viewer", "emperor", as_="owner")


@pytest.mark.parametrize("role", ["admin", "editor", "viewer"])
def test_everybody_but_the_last_owner_may_leave(control: ScopedSession, shop: Shop, role: str) -> None:
    _remove(control, shop, role, as_=role)
    assert _role_of(control, shop, role) is None


@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_who_manages_nobody_removes_nobody_else(control: ScopedSession, shop: Shop, role: str) -> None:
    with pytest.raises(NotAllowed):
        _remove(control, shop, "admin", as_=role)


def test_a_stranger_is_not_found_among_the_members(
    control: ScopedSession, shop: Shop, make_user: Callable[[str], User]
) -> None:
    stranger = make_user("stranger")
    with pytest.raises(NotFound):
        change_role(control, workspace_id=shop.id, user_id=stranger.id, role="viewer", actor_role="owner")


def test_the_invitations_of_a_removed_person_end(control: ScopedSession, shop: Shop) -> None:
    admin = shop.people["admin"]
    invite(
        control,
        workspace_id=shop.id,
        email="second-self@example.org",
        role="admin",
        actor_id=admin.id,
        actor_role="admin",
        now=NOON,
    )
    _remove(control, shop, "admin", as_="owner")
    assert open_invitations(control, workspace_id=shop.id, now=NOON) == []


def test_the_list_of_people_says_who_and_as_what(control: ScopedSession, shop: Shop) -> None:
    listed = {row.name: row.role for row in members(control, workspace_id=shop.id)}
    assert listed == {role.value: role.value for role in Role}
