"""PostgreSQL itself keeps workspaces apart: what a forgotten, wrong or hostile statement meets."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app.models import CONTROL_TABLES, TENANT_TABLES
from kit.db import IdentityMissing, ScopedSession
from kit.settings import Settings
from tenants.isolation.migrate import head_revision, migrate_tenants, run_history
from tenants.isolation.planes import Planes, Tenant
from tenants.isolation.provision import claim_spare, drop_schema, refill_spares
from tenants.isolation.setup import owner_engine, upgrade_database


@pytest.fixture
def owner(settings: Settings, planes: Planes) -> Engine:
    return owner_engine(settings)


@pytest.fixture
def ours(make_spare: Callable[[], str]) -> Tenant:
    return Tenant(uuid4(), make_spare())


@pytest.fixture
def theirs(make_spare: Callable[[], str]) -> Tenant:
    return Tenant(uuid4(), make_spare())


def _refusal(planes: Planes, tenant: Tenant, statement: str) -> str:
    with pytest.raises(DBAPIError) as refused, planes.tenant(tenant) as session:
        session.execute(text(statement))
    return str(refused.value.orig)


def test_a_session_without_identity_starts_no_transaction(planes: Planes) -> None:
    with ScopedSession(planes.database.engine) as session, pytest.raises(IdentityMissing):
        session.execute(text("SELECT 1"))


def test_the_bare_login_role_reads_nothing(planes: Planes, ours: Tenant) -> None:
    with planes.database.engine.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
        connection.execute(text(f'SELECT count(*) FROM "{ours.schema_name}".channels'))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) FROM {theirs}.channels",
        "DELETE FROM {theirs}.channels",
        "INSERT INTO {theirs}.events (id, day, name) VALUES (gen_random_uuid(), '2026-01-01', 'x')",
    ],
)
def test_another_workspaces_schema_is_refused_by_name(
    planes: Planes, ours: Tenant, theirs: Tenant, statement: str
) -> None:
    assert "permission denied for schema" in _refusal(planes, ours, statement.format(theirs=theirs.schema_name))


@pytest.mark.parametrize("table", sorted(CONTROL_TABLES))
def test_a_tenant_reads_no_table_of_the_control_plane(planes: Planes, ours: Tenant, table: str) -> None:
    assert "permission denied" in _refusal(planes, ours, f"SELECT count(*) FROM {table}")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (a int)",
        "DROP TABLE channels",
        "ALTER TABLE channels ADD COLUMN a int",
        "CREATE TEMP TABLE mine (a int)",
        "CREATE SCHEMA mine",
        "SELECT pg_sleep(1)",
        "SELECT lo_create(0)",
        "SELECT pg_read_file('/etc/hostname')",
        "COPY channels TO '/nowhere/x'",
        "CREATE ROLE mine",
    ],
)
def test_a_tenant_cannot_reach_beyond_its_rows(planes: Planes, ours: Tenant, statement: str) -> None:
    refusal = _refusal(planes, ours, statement)
    assert "permission denied" in refusal or "must be owner" in refusal


def test_the_control_plane_reads_no_workspace(planes: Planes, ours: Tenant) -> None:
    with planes.control() as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text(f'SELECT count(*) FROM "{ours.schema_name}".channels'))


def test_identity_returns_after_commit_and_survives_a_rolled_back_savepoint(planes: Planes, ours: Tenant) -> None:
    with planes.tenant(ours) as session:

        def who() -> tuple[str, str]:
            row = session.execute(text("SELECT current_user, current_schema()")).one()
            return str(row[0]), str(row[1])

        expected = (ours.schema_name, ours.schema_name)
        assert who() == expected
        session.commit()
        assert who() == expected
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text("SELECT 1/0"))
        assert who() == expected


def test_a_returned_connection_has_forgotten_its_tenant(planes: Planes, ours: Tenant) -> None:
    with planes.begin_tenant(ours) as session:
        session.execute(text("SELECT 1"))
    with planes.database.engine.connect() as connection:
        role, tenant = connection.execute(text("SELECT current_user, current_setting('app.tenant', true)")).one()
    assert role == planes.roles.login
    assert not tenant


def test_usage_cannot_be_counted_by_somebody_without_a_workspace(planes: Planes, ours: Tenant) -> None:
    assert "only a tenant can count" in _refusal(planes, ours, "SELECT control.consume_usage('rows', 1, NULL)")


def test_two_sign_ups_never_claim_the_same_spare(planes: Planes, settings: Settings, owner: Engine) -> None:
    refill_spares(owner, planes.roles, wanted=2)
    with planes.control() as first, planes.control() as second:
        assert claim_spare(first) != claim_spare(second)


def test_an_upgrade_that_runs_again_changes_nothing(settings: Settings, planes: Planes) -> None:
    outcome = upgrade_database(settings)
    assert outcome.tenants.upgraded == 0
    assert outcome.tenants.failed == {}


@pytest.fixture
def behind(owner: Engine, make_spare: Callable[[], str]) -> Iterator[tuple[str, str]]:
    """Two schemas that have not been migrated: a sound one, and one whose history cannot run."""
    sound, broken = make_spare(), make_spare()
    with owner.begin() as connection:
        for schema in (sound, broken):
            for table in reversed(TenantOrder):
                connection.exec_driver_sql(f'DROP TABLE "{schema}".{table}')
            connection.exec_driver_sql(f'DROP TABLE "{schema}".alembic_version')
        connection.exec_driver_sql(f'CREATE TABLE "{broken}".channels (in_the_way int)')
        connection.execute(
            text("UPDATE control.schemas SET revision = NULL WHERE schema_name IN (:sound, :broken)"),
            {"sound": sound, "broken": broken},
        )
    yield sound, broken
    drop_schema(owner, broken)


TenantOrder = [table.name for table in next(iter(TENANT_TABLES.values())).metadata.sorted_tables]


def test_one_schema_that_cannot_be_migrated_stops_no_other(owner: Engine, behind: tuple[str, str]) -> None:
    sound, broken = behind
    outcome = migrate_tenants(owner)
    assert list(outcome.failed) == [broken]
    with owner.connect() as connection:
        rows = dict(
            connection.execute(
                text("SELECT schema_name, revision FROM control.schemas WHERE schema_name IN (:sound, :broken)"),
                {"sound": sound, "broken": broken},
            ).all()
        )
        failure = connection.execute(
            text("SELECT failure FROM control.schemas WHERE schema_name = :broken"), {"broken": broken}
        ).scalar_one()
    assert rows == {sound: head_revision("tenant"), broken: None}
    assert "already exists" in failure


def test_a_history_that_is_at_its_head_runs_no_step(owner: Engine, make_spare: Callable[[], str]) -> None:
    schema = make_spare()
    with owner.begin() as connection:
        run_history(connection, "tenant", schema=schema)
        version = connection.execute(text(f'SELECT version_num FROM "{schema}".alembic_version')).scalar_one()
    assert version == head_revision("tenant")
