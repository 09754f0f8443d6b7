"""The database's roles and what everybody is denied. Run as the owner at every upgrade; running it twice changes nothing."""

import logging

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from kit.roles import DatabaseRoles
from tenants.isolation.planes import quoted

log = logging.getLogger(__name__)

# What PostgreSQL gives to PUBLIC and no tenant needs: schema listing stays, everything that can hurt neighbours goes.
_DENIED = (
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep(double precision) FROM PUBLIC",
    "REVOKE EXECUTE ON FUNCTION pg_catalog.lo_create(oid), pg_catalog.lo_creat(integer) FROM PUBLIC",
    "REVOKE EXECUTE ON FUNCTION pg_catalog.lo_from_bytea(oid, bytea) FROM PUBLIC",
)
_LOGIN_LIMITS = {
    "statement_timeout": "60s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "120s",
}


def ensure_roles(connection: Connection, roles: DatabaseRoles, *, login_password: str) -> None:
    """Create or repair the login, control and tenant-base roles, and take from PUBLIC what no tenant should have."""
    _ensure_role(connection, roles.control, "NOLOGIN")
    _ensure_role(connection, roles.tenant_base, "NOLOGIN")
    _ensure_role(connection, roles.login, "LOGIN NOINHERIT")
    # A password cannot be a bound parameter of a utility statement; ours is hexadecimal digits only.
    connection.exec_driver_sql(f"ALTER ROLE {quoted(roles.login)} PASSWORD '{int(login_password, 16):064x}'")
    connection.exec_driver_sql(f"GRANT {quoted(roles.control)} TO {quoted(roles.login)}")
    for setting, value in _LOGIN_LIMITS.items():
        connection.exec_driver_sql(f"ALTER ROLE {quoted(roles.login)} SET {setting} = '{value}'")
    database = connection.execute(text("SELECT current_database()")).scalar_one()
    for statement in (*_DENIED, f"REVOKE TEMPORARY ON DATABASE {quoted(database)} FROM PUBLIC"):
        _try(connection, statement)


def _ensure_role(connection: Connection, name: str, options: str) -> None:
    exists = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}).scalar()
    verb = "ALTER" if exists else "CREATE"
    connection.exec_driver_sql(f"{verb} ROLE {quoted(name)} {options}")


def _try(connection: Connection, statement: str) -> None:
    """Managed databases refuse some of these to their owners; isolation does not hang on them, so it goes on and says so."""
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statement)
    except ProgrammingError as refusal:
        log.warning("The database refused a hardening step (%s): %s", statement, refusal.orig)
