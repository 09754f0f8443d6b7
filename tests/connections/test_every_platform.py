"""Every installed connector can be connected on the sandbox as the demo sets it up: form, consent page, accounts."""

import pytest

from adloom_sdk.manifest import ApiKey, Manifest
from app.plugins import load_plugins
from tests.connections.desk import Desk

MANIFESTS = [found.manifest for found in load_plugins().connectors.values()]
# What a connection to one shop, one store or one property asks for.
ANSWERS = {"shop": "northwind"}


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: manifest.key)
def test_a_person_connects_it_and_sees_its_accounts(desk: Desk, manifest: Manifest) -> None:
    assert not isinstance(manifest.auth, ApiKey)
    data = {f"config_{field.name}": ANSWERS.get(field.name, "") for field in manifest.config}
    connection_id = desk.connect(manifest.key, data)
    connection = desk.connection(connection_id)
    assert (connection.problem, connection.state) == ("", "active")
    assert [account for account in desk.accounts(connection_id) if not account.problem]
