"""PostgreSQL: reachable, new enough, with pgvector, and at this version's revisions."""

import psycopg
from psycopg import sql

from app.cli.doctor.findings import Finding
from kit.settings import Settings
from tenants.isolation.migrate import head_revision

_OLDEST = 15
_SUBJECT = "Database"


def look_at_database(settings: Settings) -> list[Finding]:
    """Everything that can be seen with one connection."""
    url = settings.database_url.get_secret_value().replace("postgresql+psycopg://", "postgresql://", 1)
    if not url:
        return [Finding(_SUBJECT, "ok", "Not set; the embedded PostgreSQL is used when Adloom runs.")]
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            return [*_server(connection), *_revisions(connection)]
    except psycopg.OperationalError as problem:
        return [
            Finding(
                _SUBJECT,
                "problem",
                f"Cannot be reached: {_first_line(problem)}",
                "Check DATABASE_URL, and that the server runs and lets this machine in.",
            )
        ]


def _server(connection: psycopg.Connection) -> list[Finding]:
    version = connection.info.server_version // 10_000
    if version < _OLDEST:
        advice = f"Upgrade the server to {_OLDEST} or newer, better 18."
        return [Finding(_SUBJECT, "problem", f"PostgreSQL {version} is too old.", advice)]
    return [Finding(_SUBJECT, "ok", f"Reachable, PostgreSQL {version}."), _owner(connection), _vectors(connection)]


def _owner(connection: psycopg.Connection) -> Finding:
    row = connection.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user").fetchone()
    if row and row[0]:
        return Finding(_SUBJECT, "ok", "Its user may create roles.")
    return Finding(
        _SUBJECT,
        "problem",
        "Its user may not create roles, and every workspace has a role of its own.",
        "As an administrator: ALTER ROLE … CREATEROLE",
    )


def _vectors(connection: psycopg.Connection) -> Finding:
    row = connection.execute("SELECT default_version FROM pg_available_extensions WHERE name = 'vector'").fetchone()
    if row:
        return Finding(_SUBJECT, "ok", f"pgvector {row[0]} is available.")
    return Finding(
        _SUBJECT,
        "warning",
        "pgvector is not available on the server.",
        "Install its package, e.g. postgresql-18-pgvector.",
    )


def _revisions(connection: psycopg.Connection) -> list[Finding]:
    if not _one(connection, "SELECT to_regclass('control.alembic_version') IS NOT NULL"):
        return [Finding(_SUBJECT, "problem", "It is empty.", "Run `adloom db upgrade`.")]
    control = _one(connection, "SELECT version_num FROM control.alembic_version")
    findings = [_control_revision(str(control))]
    behind = _one(
        connection, "SELECT count(*) FROM control.schemas WHERE revision IS DISTINCT FROM %s", head_revision("tenant")
    )
    failed = _one(connection, "SELECT count(*) FROM control.schemas WHERE failure IS NOT NULL")
    if behind:
        advice = "Run `adloom db upgrade`; it names the cause where one fails."
        detail = f"{behind} workspaces are behind this version" + (f", {failed} after a failure." if failed else ".")
        findings.append(Finding(_SUBJECT, "problem", detail, advice))
    return findings


def _control_revision(revision: str) -> Finding:
    head = head_revision("control")
    if revision == head:
        return Finding(_SUBJECT, "ok", f"At revision {revision}, which is this version's.")
    return Finding(
        _SUBJECT, "problem", f"At revision {revision}; this version needs {head}.", "Run `adloom db upgrade`."
    )


def _one(connection: psycopg.Connection, query: str, *values: object) -> object:
    row = connection.execute(sql.SQL(query), values).fetchone()
    return row[0] if row else None


def _first_line(problem: Exception) -> str:
    return str(problem).strip().splitlines()[0] if str(problem).strip() else type(problem).__name__
