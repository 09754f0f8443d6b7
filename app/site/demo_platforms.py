"""The demo's second workspace: five advertising platforms and a shop, connected by what a person's clicks call, and read live.

The platforms are the sandbox's. Running it again finishes what is missing and changes nothing else.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from adloom_sdk.manifest import OAuth2
from app.connections.catalogue import manifest_of
from app.connections.connecting import Asked, come_back, connect, consent_address, read_accounts
from app.connections.models import Connection
from app.connections.service import accounts_of, connection_by_id, list_connections
from app.connections.sign_in import CALLBACK_PATH
from app.flows import connect_flows
from app.site.demo_consent import allow_access
from billing.plans import PREMIUM
from billing.service import set_plan
from kit.errors import NotFound, Unavailable
from kit.settings import Settings
from tenants.identity.queries import principal_of_user
from tenants.isolation.planes import Planes
from tenants.workspaces.creation import create_workspace
from tenants.workspaces.principal import Principal

NAME = "Northwind (connected)"
# The world trades in five currencies; what the demo reads is what a small business would have.
_CURRENCIES = ("USD", "EUR")
_WAIT_S = 120
_LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class Wanted:
    """A platform of the demo, and the settings that its connection needs."""

    connector: str
    config: dict[str, str] = field(default_factory=dict)


PLATFORMS = (
    Wanted("meta_ads"),
    Wanted("google_ads"),
    Wanted("tiktok_ads"),
    Wanted("pinterest_ads"),
    Wanted("microsoft_ads"),
    Wanted("shopify", {"shop": "northwind-usd"}),
)


def connect_demo(planes: Planes, settings: Settings, *, person: UUID, tell: Callable[[str], None]) -> UUID:
    """The workspace with its connections, whose accounts are being read; returns its id."""
    connect_flows()
    caller = _in_workspace(planes, settings, person)
    for wanted in PLATFORMS:
        connection_id = _connection(planes, settings, caller, wanted)
        if not _has_accounts(planes, caller, connection_id):
            tell(f"Connecting {wanted.connector} in the sandbox.")
            _sign_in(planes, settings, caller, connection_id)
            _wait(lambda at=connection_id: _has_accounts(planes, caller, at))  # type: ignore[misc]  # bound now, called soon
        _choose(planes, caller, connection_id)
    return caller.in_workspace().id


def _in_workspace(planes: Planes, settings: Settings, person: UUID) -> Principal:
    """The demo's person in the connected workspace, which is made where it does not exist yet."""
    with planes.begin_control() as control:
        known = {name: workspace_id for workspace_id, name in principal_of_user(control, user_id=person).workspaces}
        workspace_id = known.get(NAME)
        if workspace_id is None:
            workspace_id = create_workspace(control, owner_id=person, name=NAME, settings=settings).id
            set_plan(control, workspace_id=workspace_id, plan_code=PREMIUM.code)
            control.flush()
        return principal_of_user(control, user_id=person, workspace_id=workspace_id)


def _connection(planes: Planes, settings: Settings, caller: Principal, wanted: Wanted) -> UUID:
    """The connection to this platform, made where there is none."""
    _wait(lambda: _is_known(planes, wanted.connector))
    with planes.begin_tenant(caller.in_workspace().tenant) as session, planes.control() as control:
        for one in list_connections(session):
            if one.connector_key == wanted.connector:
                return one.id
        made, _ = connect(
            session,
            manifest=manifest_of(control, wanted.connector),
            asked=Asked(config=wanted.config),
            settings=settings,
            plan=PREMIUM,
            actor=caller.signed_in(),
        )
        return made.id


def _sign_in(planes: Planes, settings: Settings, caller: Principal, connection_id: UUID) -> None:
    """To the consent page, through it, and back with what the platform gave; a worker finishes it."""
    tenant, actor = caller.in_workspace().tenant, caller.signed_in()
    with planes.control() as control:
        with planes.begin_tenant(tenant, user=str(actor.id)) as session:
            connection = connection_by_id(session, connection_id)
            manifest = manifest_of(control, connection.connector_key)
            address = consent_address(
                session,
                connection=connection,
                manifest=manifest,
                settings=settings,
                plan=PREMIUM,
                actor=actor,
                wants_write=isinstance(manifest.auth, OAuth2) and bool(manifest.auth.scopes_write),
            )
        params = allow_access(address, callback=settings.base_url + CALLBACK_PATH)
        with planes.begin_tenant(tenant, user=str(actor.id)) as session:
            come_back(session, control, params=params, settings=settings, actor=actor)


def _choose(planes: Planes, caller: Principal, connection_id: UUID) -> None:
    """Read the accounts in the demo's currencies, but none that has a problem. What a person chose meanwhile stays."""
    workspace, actor = caller.in_workspace(), caller.signed_in()
    with planes.begin_tenant(workspace.tenant, user=str(actor.id)) as session:
        accounts = accounts_of(session, connection_id)
        if any(row.is_selected for row in accounts):
            return
        chosen = {
            row.id for row in accounts if row.currency in _CURRENCIES and row.status == "active" and not row.problem
        }
        read_accounts(
            session,
            connection=connection_by_id(session, connection_id),
            chosen=chosen,
            workspace=workspace,
            actor=actor,
        )


def _has_accounts(planes: Planes, caller: Principal, connection_id: UUID) -> bool:
    """Whether the sign-in is finished. Raises Unavailable where the platform refused it."""
    with planes.tenant(caller.in_workspace().tenant) as session:
        connection: Connection = connection_by_id(session, connection_id)
        if connection.problem:
            raise Unavailable(f"{connection.label}: {connection.problem}", connection.what_to_do)
        return bool(accounts_of(session, connection_id))


def _is_known(planes: Planes, key: str) -> bool:
    """Workers write down which connectors there are when they start."""
    with planes.control() as control:
        return _found(control, key)


def _found(control: Session, key: str) -> bool:
    try:
        manifest_of(control, key)
    except NotFound:
        return False
    return True


def _wait(look: Callable[[], bool]) -> None:
    """Until a worker has done its part; the demo's workers run beside this."""
    for _ in range(int(_WAIT_S / _LOOK_EVERY_S)):
        if look():
            return
        time.sleep(_LOOK_EVERY_S)
    raise Unavailable(f"The demo waited {_WAIT_S} s for a worker.", "Is one running? See `adloom status`.")
