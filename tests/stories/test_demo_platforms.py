"""The demo's connected workspace: five advertising platforms and a shop, through their consent pages, once."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from app.campaigns.platform_models import CampaignDay
from app.connections.connecting import disconnect
from app.connections.models import Connection
from app.connections.service import all_accounts, list_connections
from app.site.demo_platforms import NAME, PLATFORMS, connect_demo
from tenants.identity.queries import principal_of_user
from tenants.workspaces.principal import Principal, WorkspaceRef
from tests.installation import Installation
from tests.people import Person
from tests.stories.program import eventually


@pytest.fixture
def dana(installation: Installation, make: Callable[..., Person]) -> Iterator[Person]:
    """Somebody who shows the demo; afterwards nothing is read for them any more."""
    person = make("Dana Demo")
    yield person
    caller = _connected(installation, person)
    workspace = caller.in_workspace()
    with installation.planes.begin_tenant(workspace.tenant) as session:
        for connection in list_connections(session):
            disconnect(session, connection=connection, actor=caller.signed_in())
    eventually(lambda: not _connections(installation, workspace), "all connections are removed")


def _connections(installation: Installation, workspace: WorkspaceRef) -> list[Connection]:
    with installation.planes.tenant(workspace.tenant) as session:
        return list_connections(session)


def _connected(installation: Installation, person: Person) -> Principal:
    with installation.planes.control() as control:
        places = principal_of_user(control, user_id=person.user_id).workspaces
        workspace_id = next(one for one, name in places if name == NAME)
        return principal_of_user(control, user_id=person.user_id, workspace_id=workspace_id)


def test_the_demo_connects_five_platforms_and_a_shop_and_a_second_start_changes_nothing(
    installation: Installation, dana: Person
) -> None:
    told: list[str] = []
    first = connect_demo(installation.planes, installation.settings, person=dana.user_id, tell=told.append)
    again = connect_demo(installation.planes, installation.settings, person=dana.user_id, tell=told.append)
    assert first == again
    assert len(told) == len(PLATFORMS) == 6
    tenant = _connected(installation, dana).in_workspace().tenant
    with installation.planes.tenant(tenant) as session:
        connections, accounts = list_connections(session), all_accounts(session)
        assert {one.connector_key for one in connections} == {one.connector for one in PLATFORMS}
        assert {one.state for one in connections} == {"active"}
        chosen = [row for one in connections for row in accounts[one.id] if row.is_selected]
    assert {row.currency for row in chosen} == {"USD", "EUR"}
    assert {row.status for row in chosen} == {"active"}
    eventually(lambda: _some_days(installation, dana), "the first account's days are here")


def _some_days(installation: Installation, person: Person) -> bool:
    with installation.planes.tenant(_connected(installation, person).in_workspace().tenant) as session:
        return session.scalar(select(CampaignDay.day).limit(1)) is not None
