"""One leader among many processes: a PostgreSQL advisory lock, held by a connection of its own that also listens."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Engine


@contextmanager
def leading(engine: Engine, *, lock: int, channel: str | None = None) -> Iterator[psycopg.Connection[object] | None]:
    """The leader's connection, or None where another process leads. Losing the connection loses the lead."""
    url = engine.url.set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True, connect_timeout=5) as connection:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (lock,)).fetchone()
        if not row or not row[0]:
            yield None
            return
        if channel is not None:
            connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))
        yield connection
