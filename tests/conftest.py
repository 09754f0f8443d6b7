"""Real PostgreSQL and Valkey for the whole run, one database per test process, and the personas that tests speak of."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings as hypothesis_settings
from litestar import Litestar
from litestar.testing import TestClient
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from app.asgi import create_app
from kit.db import ScopedSession
from kit.settings import Settings
from kit.stack.services import start_services
from tenants.isolation.planes import Planes, open_planes
from tenants.isolation.setup import upgrade_database
from tests.canary import CanaryPlugin, Watch
from tests.canary_places import watching
from tests.people import Person, make_person, make_schema

# How long an example takes depends on the machine, and says nothing about the code.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")

DATABASE = "ADLOOM_TEST_DATABASE_URL"
REDIS = "ADLOOM_TEST_REDIS_URL"
_running: list[Any] = []
_watched = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Watch for secrets in every process; start the servers once, in the one that steers: the others find them in the environment."""
    watch = Watch()
    _watched.enter_context(watching(watch))
    config.pluginmanager.register(CanaryPlugin(config, watch), "canary")
    if hasattr(config, "workerinput") or DATABASE in os.environ or config.option.collectonly:
        return
    directory = tempfile.TemporaryDirectory(prefix="adloom-tests-", ignore_cleanup_errors=True)
    services = start_services(Path(directory.name), durable=False)
    _running.extend([services, directory])
    os.environ[DATABASE], os.environ[REDIS] = services.database_url, services.redis_url


def pytest_unconfigure() -> None:
    """Stop what this process started."""
    _watched.close()
    if _running:
        services, directory = _running
        _running.clear()
        services.stop()
        directory.cleanup()


@pytest.fixture(scope="session")
def database_url(worker_id: str) -> str:
    """A fresh database of this test process's own."""
    server = make_url(os.environ[DATABASE])
    name = f"adloom_{worker_id}_{os.getpid()}"
    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]  # a name of our own making
    return server.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a test installation."""
    return Settings(
        adloom_env="test",
        adloom_data_dir=tmp_path_factory.mktemp("data"),
        adloom_secret_key=SecretStr("a-test-secret-of-more-than-32-characters"),
        database_url=SecretStr(database_url),
        redis_url=SecretStr(os.environ[REDIS]),
        adloom_spare_schemas=1,
        _env_file=None,
    )


@pytest.fixture(scope="session")
def planes(settings: Settings) -> Iterator[Planes]:
    """Both planes of a migrated database."""
    upgrade_database(settings)
    planes = open_planes(settings, application_name="adloom-tests")
    yield planes
    planes.close()


@pytest.fixture
def control(planes: Planes) -> Iterator[ScopedSession]:
    """A control session whose changes are taken back."""
    with planes.control() as session:
        yield session


@pytest.fixture
def make_spare(settings: Settings, planes: Planes) -> Callable[[], str]:
    """Builds a schema as the refill job does, out of the pool."""
    return lambda: make_schema(settings, planes)


@pytest.fixture
def leaks_on_purpose(request: pytest.FixtureRequest) -> Iterator[None]:
    """The watch over secrets looks away, for a test that shows how a leak is found."""
    watch = request.config.pluginmanager.get_plugin("canary").watch  # type: ignore[union-attr]  # registered above
    watch.is_blind = True
    yield
    watch.is_blind = False


@pytest.fixture(scope="session", autouse=True)
def _quiet_environment() -> None:
    """Numeric libraries must not start a thread per core in every test process."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


@pytest.fixture(scope="session")
def app(settings: Settings, planes: Planes) -> Litestar:
    """The whole application on the test database."""
    return create_app(settings, planes=planes)


@pytest.fixture(scope="session")
def client(app: Litestar) -> Iterator[TestClient[Litestar]]:
    """An HTTP client without any cookies of its own."""
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture(scope="module")
def owner(settings: Settings, planes: Planes) -> Person:
    """Somebody on the Free plan with a workspace."""
    return make_person(settings, planes, name="Olga Owner")


@pytest.fixture(scope="module")
def premium_owner(settings: Settings, planes: Planes) -> Person:
    """Somebody on the Premium plan with a workspace."""
    return make_person(settings, planes, name="Petra Premium", plan="premium")


@pytest.fixture(scope="module")
def stranger(settings: Settings, planes: Planes) -> Person:
    """Somebody with a workspace elsewhere."""
    return make_person(settings, planes, name="Sven Stranger", plan="premium")
