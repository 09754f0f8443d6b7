"""Where secrets could lie after the tests: every row of every database that the session made, and the log files of its processes."""

import os
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from adloom_sdk.testing.canary import CANARY
from tests.canary import TEXTS, Watch

DATABASE = "ADLOOM_TEST_DATABASE_URL"
# Whole rows as text: bytes show as hexadecimal digits there.
FORMS = [f"%{form}%" for form in (*TEXTS, CANARY.encode().hex())]
_DATABASES = "SELECT datname FROM pg_database WHERE NOT datistemplate"
_TABLES = (
    "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
    " AND pg_relation_size(c.oid) > 0 ORDER BY 1, 2"
)
_TABLES_AT_ONCE = 40


def look_through_rows(watch: Watch) -> None:
    """Every database of the session's server."""
    if DATABASE not in os.environ:
        return
    server = make_url(os.environ[DATABASE]).set(drivername="postgresql")
    with psycopg.connect(server.render_as_string(hide_password=False)) as connection:
        names = [row[0] for row in connection.execute(_DATABASES)]
    for name in names:
        look_through_database(watch, server.set(database=name).render_as_string(hide_password=False))


def look_through_database(watch: Watch, address: str) -> None:
    """Every table with rows, a few in one question; what is found is named by its table."""
    with psycopg.connect(address, autocommit=True) as connection:
        tables = [(row[0], row[1]) for row in connection.execute(_TABLES)]
        for start in range(0, len(tables), _TABLES_AT_ONCE):
            asked = [_question(*table) for table in tables[start : start + _TABLES_AT_ONCE]]
            for table, rows, leaked in connection.execute(sql.SQL(" UNION ALL ").join(asked), {"forms": FORMS}):
                watch.counts["tables"] += 1
                watch.counts["rows"] += rows
                if leaked:
                    watch.tell(f"A secret stands in {leaked} rows of the table {table}.")


def _question(schema: str, table: str) -> sql.Composed:
    """How many rows it has, and how many hold the mark in any column."""
    return sql.SQL(
        "SELECT {name}, count(*), count(*) FILTER (WHERE t::text LIKE ANY(%(forms)s)) FROM {table} t"
    ).format(name=sql.Literal(f"{schema}.{table}"), table=sql.Identifier(schema, table))


def look_through_files(watch: Watch, directory: Path) -> None:
    """The logs of processes that tests started under this directory."""
    for path in sorted(directory.rglob("*.log*")):
        if path.is_file():
            watch.look("files", f"the log file {path.name}", path.read_bytes())
