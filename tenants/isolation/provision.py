"""Building schemas ahead of time and handing them out: a sign-up claims a spare in milliseconds instead of building one.

Building needs the owner (DDL); claiming runs as the control plane inside the sign-up's own transaction.
"""

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from kit.errors import Unavailable
from kit.ids import opaque_name
from kit.roles import DatabaseRoles
from tenants.isolation.migrate import head_revision, run_history
from tenants.isolation.planes import quoted


def build_spare(engine: Engine, roles: DatabaseRoles) -> str:
    """Create one schema with its role, migrated to the head, and put it in the pool; returns its name."""
    schema = opaque_name("t_")
    with engine.begin() as connection:
        _create_schema_and_role(connection, schema, roles)
        run_history(connection, "tenant", schema=schema)
        connection.execute(
            text("INSERT INTO control.schemas (schema_name, is_spare, revision) VALUES (:schema, true, :revision)"),
            {"schema": schema, "revision": head_revision("tenant")},
        )
    return schema


def refill_spares(engine: Engine, roles: DatabaseRoles, *, wanted: int) -> int:
    """Build spares until `wanted` lie ready; safe to run from several places, for a few too many do no harm."""
    with engine.connect() as connection:
        ready = connection.execute(
            text("SELECT count(*) FROM control.schemas WHERE is_spare AND revision = :head"),
            {"head": head_revision("tenant")},
        ).scalar_one()
    missing = max(0, wanted - int(ready))
    for _ in range(missing):
        build_spare(engine, roles)
    return missing


def claim_spare(session: Session) -> str:
    """Take one migrated spare out of the pool within the caller's control transaction; two sign-ups never get the same."""
    claimed = session.execute(
        text(
            "UPDATE control.schemas SET is_spare = false WHERE schema_name = ("
            " SELECT schema_name FROM control.schemas WHERE is_spare AND revision = :head"
            " ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING schema_name"
        ),
        {"head": head_revision("tenant")},
    ).scalar()
    if claimed is None:
        raise Unavailable(
            "No prepared workspace is free at this moment.", "Try again in a few seconds; a new one is being built."
        )
    return str(claimed)


def drop_schema(engine: Engine, schema: str) -> None:
    """Erase a workspace's schema, role and every row in it. Not reversible."""
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {quoted(schema)} CASCADE")
        connection.exec_driver_sql(f"DROP OWNED BY {quoted(schema)}")
        connection.exec_driver_sql(f"DROP ROLE IF EXISTS {quoted(schema)}")
        connection.execute(text("DELETE FROM control.schemas WHERE schema_name = :schema"), {"schema": schema})


def _create_schema_and_role(connection: Connection, schema: str, roles: DatabaseRoles) -> None:
    name = quoted(schema)
    connection.exec_driver_sql(f"CREATE ROLE {name} NOLOGIN INHERIT IN ROLE {quoted(roles.tenant_base)}")
    connection.exec_driver_sql(f"GRANT {name} TO {quoted(roles.login)}")
    connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {name} TO {name}")
    # Default privileges instead of GRANT … ON ALL TABLES, which scans the whole catalogue (0.4 s at 2,678 tenants).
    connection.exec_driver_sql(
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {name} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {name}"
    )
    connection.exec_driver_sql(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {name} GRANT USAGE ON SEQUENCES TO {name}")
