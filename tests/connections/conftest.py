"""A workspace, the platforms of the sandbox, and a worker: everything that a connection needs, with real HTTP between them."""

from collections.abc import Iterator

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from pydantic import SecretStr

from app.asgi import create_app
from app.cli.parts import SandboxPlace, played_platforms
from app.connections.catalogue import publish
from app.plugins import load_plugins
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.connections.desk import Desk
from tests.people import Person, make_person
from tests.sandbox.process import RunningSandbox, running_sandbox


@pytest.fixture(scope="package")
def platforms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """The sandbox, which plays every platform."""
    directory = tmp_path_factory.mktemp("platforms")
    with running_sandbox(directory) as sandbox:
        yield sandbox


@pytest.fixture(scope="package")
def connected_settings(
    settings: Settings, platforms: RunningSandbox, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """Settings as the demo makes them."""
    place = SandboxPlace(httpx.URL(str(platforms.http.base_url)).port or 0, 0, tmp_path_factory.mktemp("none"))
    played = played_platforms(place)
    return settings.model_copy(
        update={
            "connectors_base_url": played["CONNECTORS_BASE_URL"],
            "connector_apps": SecretStr(played["CONNECTOR_APPS"]),
            "adloom_base_url": "http://127.0.0.1",
        }
    )


@pytest.fixture(scope="package")
def web(connected_settings: Settings, planes: Planes) -> Iterator[TestClient[Litestar]]:
    """The web application, which knows the connectors that the workers found."""
    with planes.begin_control() as control:
        publish(control, load_plugins())
    with TestClient(create_app(connected_settings, planes=planes), base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def desk(web: TestClient[Litestar], connected_settings: Settings, planes: Planes, platforms: RunningSandbox) -> Desk:
    """A person with a workspace of their own, a browser, and a worker."""
    person: Person = make_person(connected_settings, planes, name="Mia Merchant", plan="premium")
    for key in load_plugins().connectors:
        platforms.http.delete(f"/_sim/{key}/faults").raise_for_status()
    return Desk(web, connected_settings, planes, platforms, person)
