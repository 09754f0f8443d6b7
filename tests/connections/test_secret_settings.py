"""Settings that a connector calls secret: stored under lock, opened for the connector alone, and shown as set."""

import os
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import select, text

from adloom_sdk.manifest import ConfigField, Manifest
from app.connections import tasks  # noqa: F401 registers what a worker does
from app.connections.connecting import Asked, connect
from app.connections.models import Connection, ConnectionSecretSettings
from app.connections.opening import open_connector
from app.connections.presenting import about_connection
from app.connections.secrets import load_settings, names_set, rewrap
from app.connections.service import checked_config
from app.plugins import load_plugins
from billing.plans import PREMIUM
from kit.errors import InvalidInput
from kit.vault import DoesNotOpen, Vault, open_vault
from tenants.workspaces.principal import UserRef
from tests.connections.desk import Desk

FIELDS = (
    ConfigField(name="shop", label="Shop"),
    ConfigField(name="pin", label="Advertiser PIN", pattern=r"\d{6,40}", help="Digits only.", is_secret=True),
)
PIN = "918273645546372819"


@pytest.fixture
def manifest() -> Manifest:
    return msgspec.structs.replace(load_plugins().named("shopify").manifest, config=FIELDS)


def connected(desk: Desk, manifest: Manifest, **config: str) -> Connection:
    actor = UserRef(desk.person.user_id, "mia@example.org", "Mia", is_verified=True)
    asked = Asked("Shop", {"shop": "northwind", "pin": PIN, **config})
    with desk.planes.begin_tenant(desk.person.tenant) as session:
        made, _ = connect(session, manifest=manifest, asked=asked, settings=desk.settings, plan=PREMIUM, actor=actor)
        session.flush()
        return made


def test_a_secret_setting_is_sealed_and_nowhere_in_the_clear(desk: Desk, manifest: Manifest) -> None:
    made = connected(desk, manifest)
    with desk.planes.tenant(desk.person.tenant) as session:
        tables = ("connections", "connection_secret_settings", "audit_log")
        dump = "".join(str(session.execute(text(f"SELECT row_to_json(t) FROM {name} t")).all()) for name in tables)
        sealed = session.scalars(select(ConnectionSecretSettings.sealed)).one()
        found = session.get_one(Connection, made.id)
        opened = load_settings(session, open_vault(desk.settings), connection=found)
    assert PIN not in dump
    assert PIN.encode() not in sealed
    assert dict(opened) == {"shop": "northwind", "pin": PIN}
    assert PIN not in f"{opened!r} {opened}"
    assert PIN not in repr(checked_config(manifest, {"shop": "a", "pin": PIN}))


def test_the_connector_reads_it_and_nobody_else_sees_more_than_that_it_is_set(desk: Desk, manifest: Manifest) -> None:
    made = connected(desk, manifest)
    with desk.planes.tenant(desk.person.tenant) as session:
        found = session.get_one(Connection, made.id)
        with open_connector(session, found, settings=desk.settings) as opened:
            assert opened.ctx.config["pin"] == PIN
            assert PIN not in repr(opened)
        assert ("Advertiser PIN", "Set") in about_connection(found, manifest, names_set(session)[made.id])
    page = desk.get(f"/connections/{made.id}").text
    assert "Set" in page
    assert PIN not in page
    headers = {"accept": "application/json", "x-workspace": str(desk.person.workspace_id)}
    for path in ("/api/v1/connections", f"/api/v1/connections/{made.id}"):
        reply = desk.person.request(desk.web, "GET", path, headers=headers)
        assert '"secrets_set":["pin"]' in reply.text
        assert PIN not in reply.text


@pytest.mark.parametrize("typed", ["", "letters"])
def test_a_refused_secret_setting_names_its_field_and_not_what_was_typed(manifest: Manifest, typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_config(manifest, {"shop": "northwind", "pin": typed})
    [error] = refused.value.errors
    assert error.field == "pin"
    assert error.value is None


def test_it_belongs_to_its_connection_and_is_wrapped_anew_with_the_credentials(desk: Desk, manifest: Manifest) -> None:
    made = connected(desk, manifest)
    current = open_vault(desk.settings)
    key: dict[str, Any] = {"new": os.urandom(32), "default": desk.settings.derived_key("vault")}
    newer = Vault(key)
    with desk.planes.tenant(desk.person.tenant) as session:
        found = session.get_one(Connection, made.id)
        assert rewrap(session, newer).done == 1
        assert load_settings(session, newer, connection=found)["pin"] == PIN
        assert rewrap(session, newer).done == 0
        other = Connection(connector_key="shopify", label="Other", state="active", connected_by=uuid4(), config={})
        session.add(other)
        session.flush()
        row = session.get_one(ConnectionSecretSettings, made.id)
        session.add(
            ConnectionSecretSettings(connection_id=other.id, names=row.names, key_id=row.key_id, sealed=row.sealed)
        )
        session.flush()
        with pytest.raises(DoesNotOpen):
            load_settings(session, newer, connection=other)
    assert current.key_id != newer.key_id
