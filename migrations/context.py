"""What a revision may ask about the database that it is migrating."""

from alembic import op
from sqlalchemy import text

from kit.roles import DatabaseRoles


def roles() -> DatabaseRoles:
    """The role names of the database being migrated."""
    return DatabaseRoles.of(str(op.get_bind().execute(text("SELECT current_database()")).scalar_one()))
