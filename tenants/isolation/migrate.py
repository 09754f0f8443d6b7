"""Both histories over all schemas: the control plane first, then every tenant in a transaction of its own.

One tenant's failure is recorded in `control.schemas` and stops nobody else; a second run takes up where the first one ended.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, text
from sqlalchemy.exc import DBAPIError

from kit.db import CONTROL_SCHEMA, NAMING
from tenants.isolation.planes import quoted

log = logging.getLogger(__name__)

Plane = Literal["control", "tenant"]
_HISTORIES = Path(__file__).resolve().parents[2] / "migrations"
_LOCK_TIMEOUT = "3s"
# Any two migrators exclude each other: the number is arbitrary, and the same in every version.
_MIGRATION_LOCK = 7_240_115


@dataclass
class FanOut:
    """What one run over the tenants did."""

    upgraded: int = 0
    unchanged: int = 0
    failed: dict[str, str] = field(default_factory=dict)


@cache
def script_directory(plane: Plane) -> ScriptDirectory:
    """The history of one plane."""
    config = Config()
    config.set_main_option("script_location", str(_HISTORIES / plane))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def head_revision(plane: Plane) -> str:
    """The newest revision that this code knows."""
    head = script_directory(plane).get_current_head()
    if head is None:
        raise RuntimeError(f"The history of the {plane} plane is empty.")
    return head


def run_history(connection: Connection, plane: Plane, *, schema: str) -> None:
    """Bring one schema to the head of its history, inside the caller's transaction."""
    script = script_directory(plane)
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
    connection.exec_driver_sql(f"SET LOCAL search_path = {quoted(schema)}")
    config = Config()

    def steps(revision: Any, _context: Any) -> Any:
        return script._upgrade_revs("head", revision)

    with EnvironmentContext(config, script, fn=steps) as environment:
        # The naming convention of the models reaches the revisions through here, so that both call a constraint the same.
        environment.configure(
            connection=connection,
            version_table_schema=schema,
            transactional_ddl=True,
            target_metadata=MetaData(naming_convention=NAMING),
        )
        environment.run_migrations()


def migrate_control(engine: Engine) -> None:
    """Bring the control plane to its head."""
    with engine.begin() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {CONTROL_SCHEMA}")
        run_history(connection, "control", schema=CONTROL_SCHEMA)


def migrate_tenants(engine: Engine, *, progress: Callable[[int, int, str], None] = lambda *_: None) -> FanOut:
    """Bring every schema to the tenant head, one transaction each; failures are recorded and isolated."""
    outcome = FanOut()
    behind = list(_behind(engine, head_revision("tenant"), outcome))
    for position, schema in enumerate(behind, start=1):
        progress(position, len(behind), schema)
        failure = _migrate_one(engine, schema)
        if failure:
            outcome.failed[schema] = failure
        else:
            outcome.upgraded += 1
    return outcome


def _behind(engine: Engine, head: str, outcome: FanOut) -> Iterator[str]:
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT schema_name, revision FROM control.schemas ORDER BY is_spare DESC, created_at")
        )
        for schema, revision in rows.all():
            if revision == head:
                outcome.unchanged += 1
            else:
                yield schema


def _migrate_one(engine: Engine, schema: str) -> str | None:
    try:
        with engine.begin() as connection:
            run_history(connection, "tenant", schema=schema)
            _record(connection, schema, revision=head_revision("tenant"), failure=None)
    except DBAPIError as problem:
        failure = str(problem.orig)
        log.error("Schema %s could not be migrated: %s", schema, failure)  # noqa: TRY400 the database's own words are what helps
        with engine.begin() as connection:
            _record(connection, schema, revision=None, failure=failure)
        return failure
    return None


def _record(connection: Connection, schema: str, *, revision: str | None, failure: str | None) -> None:
    connection.execute(
        text(
            "UPDATE control.schemas SET revision = coalesce(:revision, revision), failure = :failure, attempted_at = now() "
            "WHERE schema_name = :schema"
        ),
        {"schema": schema, "revision": revision, "failure": failure},
    )
