"""A workspace from its making to its end, on committed data where transactions meet."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import text

from kit.db import ScopedSession
from kit.errors import Conflict, InvalidInput, NotFound
from kit.jobs import JobContext
from kit.jobs.resources import Resources
from kit.notify import open_mailer
from kit.settings import Settings
from kit.storage import open_storage
from kit.web.templates import template_environment
from tenants.identity.models import User
from tenants.isolation.planes import Planes
from tenants.isolation.setup import owner_engine
from tenants.workspaces import tasks
from tenants.workspaces.creation import create_workspace
from tenants.workspaces.jobs import EraseWorkspace, RefillSpares
from tenants.workspaces.queries import members, owned_organisation, workspace_by_id
from tenants.workspaces.service import change_role, change_settings, delete_workspace, remove_member
from tests.people import Person, join, make_person
from tests.workspaces.conftest import Shop


@pytest.fixture
def resources(settings: Settings) -> Resources:
    return Resources(settings, open_storage(settings), open_mailer(settings), template_environment())


@pytest.fixture
def run(planes: Planes, resources: Resources) -> Callable[..., object]:
    """Runs a handler as a worker does: in a control session that commits with it."""

    def do(handler: Callable[..., object], item: object) -> object:
        with planes.begin_control() as control:
            return handler(JobContext(uuid4(), None, 1, control, resources, lambda _share, _sentence: False), item)

    return do


def test_a_further_workspace_belongs_to_the_same_organisation(
    control: ScopedSession, settings: Settings, shop: Shop
) -> None:
    owner = shop.people["owner"]
    second = create_workspace(control, settings=settings, owner_id=owner.id, name="  Second   shop ")
    assert second.organisation_id == shop.workspace.organisation_id
    assert second.name == "Second shop"
    assert [row.role for row in members(control, workspace_id=second.id)] == ["owner"]


def test_somebody_who_was_only_invited_gets_an_organisation_with_the_first_own_workspace(
    control: ScopedSession, settings: Settings, make_user: Callable[[str], User]
) -> None:
    guest = make_user("guest")
    made = create_workspace(control, settings=settings, owner_id=guest.id, name="Own shop")
    assert owned_organisation(control, user_id=guest.id) == made.organisation_id


def test_settings_change_what_is_given_and_refuse_what_does_not_exist(control: ScopedSession, shop: Shop) -> None:
    changed = change_settings(control, workspace_id=shop.id, timezone="Europe/Oslo")
    assert (changed.name, changed.currency, changed.timezone) == ("Shop", "EUR", "Europe/Oslo")
    for wrong in ({"currency": "EURO"}, {"currency": "DEM"}, {"timezone": "Mars/Olympus"}, {"name": "\x07"}):
        with pytest.raises(InvalidInput):
            change_settings(control, workspace_id=shop.id, **wrong)
    assert shop.workspace.currency == "EUR"


def test_deleting_needs_the_name_and_hides_the_workspace_at_once(control: ScopedSession, shop: Shop) -> None:
    with pytest.raises(InvalidInput, match="not the workspace's"):
        delete_workspace(control, workspace_id=shop.id, typed_name="shop")
    delete_workspace(control, workspace_id=shop.id, typed_name=" Shop ")
    with pytest.raises(NotFound):
        workspace_by_id(control, shop.id)


def test_an_erased_workspace_leaves_no_schema_role_row_or_file(
    settings: Settings, planes: Planes, resources: Resources, run: Callable[..., object]
) -> None:
    person = make_person(settings, planes, name="Erika Erased")
    schema = person.tenant.schema_name
    key = f"{person.workspace_id}/imports/file.csv"
    resources.storage.put(key, BytesIO(b"date,channel"))
    with planes.begin_control() as control:
        name = workspace_by_id(control, person.workspace_id).name
        delete_workspace(control, workspace_id=person.workspace_id, typed_name=name)
    for _ in range(2):
        run(tasks.erase_workspace, EraseWorkspace(workspace_id=person.workspace_id, schema_name=schema))
    with owner_engine(settings).connect() as connection:
        left = connection.execute(
            text(
                "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = :schema)"
                " + (SELECT count(*) FROM pg_roles WHERE rolname = :schema)"
                " + (SELECT count(*) FROM control.schemas WHERE schema_name = :schema)"
                " + (SELECT count(*) FROM control.workspaces WHERE id = :id)"
                " + (SELECT count(*) FROM control.memberships WHERE workspace_id = :id)"
            ),
            {"schema": schema, "id": person.workspace_id},
        ).scalar_one()
    assert left == 0
    assert not resources.storage.exists(key)


def test_a_workspace_that_was_not_deleted_is_not_erased(
    planes: Planes, run: Callable[..., object], owner: Person
) -> None:
    run(
        tasks.erase_workspace,
        EraseWorkspace(workspace_id=owner.workspace_id, schema_name=owner.tenant.schema_name),
    )
    with planes.tenant(owner.tenant) as session:
        assert session.execute(text("SELECT current_schema()")).scalar_one() == owner.tenant.schema_name


def test_the_last_two_owners_cannot_both_go_at_the_same_moment(
    settings: Settings, planes: Planes, owner: Person
) -> None:
    second = make_person(settings, planes, name="Second Owner")
    join(planes, second, owner, "owner")

    def leave(user: Person) -> str:
        try:
            with planes.begin_control() as control:
                remove_member(
                    control,
                    workspace_id=owner.workspace_id,
                    user_id=user.user_id,
                    actor_id=user.user_id,
                    actor_role="owner",
                )
        except Conflict:
            return "stays"
        return "left"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, [owner, second])) == ["left", "stays"]
    with planes.control() as control:
        assert [row.role for row in members(control, workspace_id=owner.workspace_id)] == ["owner"]


def test_the_refill_job_builds_what_is_missing_and_then_nothing(run: Callable[..., object]) -> None:
    run(tasks.refill_spares, RefillSpares())
    assert run(tasks.refill_spares, RefillSpares()) == {"built": 0}


def test_a_role_is_changed_for_good(
    planes: Planes, settings: Settings, stranger: Person, premium_owner: Person
) -> None:
    join(planes, stranger, premium_owner, "viewer")
    with planes.begin_control() as control:
        change_role(
            control,
            workspace_id=premium_owner.workspace_id,
            user_id=stranger.user_id,
            role="editor",
            actor_role="owner",
        )
    with planes.control() as control:
        roles = {row.user_id: row.role for row in members(control, workspace_id=premium_owner.workspace_id)}
    assert roles[stranger.user_id] == "editor"
