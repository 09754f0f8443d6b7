"""People, organisations, workspaces, and what signs them in.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

from migrations.context import roles

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "control"
WHEN = sa.DateTime(timezone=True)


def _keyed() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("created_at", WHEN, server_default=sa.func.now(), nullable=False),
    ]


def _of(table: str, *, primary_key: bool = False, ondelete: str = "CASCADE") -> sa.Column:
    return sa.Column(
        f"{table[:-1]}_id",
        sa.Uuid(),
        sa.ForeignKey(f"{SCHEMA}.{table}.id", ondelete=ondelete),
        primary_key=primary_key,
        nullable=False,
    )


def upgrade() -> None:
    _people()
    _workspaces()
    _sign_in()
    names = roles()
    op.execute(f'GRANT USAGE ON SCHEMA {SCHEMA} TO "{names.control}", "{names.tenant_base}"')
    op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {SCHEMA} TO "{names.control}"')
    op.execute(
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {SCHEMA} "
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{names.control}"'
    )


def _people() -> None:
    op.create_table("organisations", *_keyed(), sa.Column("name", sa.Text(), nullable=False), schema=SCHEMA)
    op.create_table(
        "users",
        *_keyed(),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("email_verified_at", WHEN),
        sa.Column("password_changed_at", WHEN, server_default=sa.func.now(), nullable=False),
        sa.Column("locale", sa.Text(), server_default="en", nullable=False),
        sa.Column("disabled_at", WHEN),
        schema=SCHEMA,
    )
    op.create_index("uq_users_email", "users", [sa.text("lower(email)")], unique=True, schema=SCHEMA)
    op.create_table(
        "organisation_members",
        _of("organisations", primary_key=True),
        _of("users", primary_key=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'member')", name="role"),
        schema=SCHEMA,
    )


def _workspaces() -> None:
    op.create_table(
        "workspaces",
        *_keyed(),
        _of("organisations", ondelete="RESTRICT"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("schema_name", sa.Text(), nullable=False, unique=True),
        sa.Column("cell", sa.Text(), server_default="main", nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("currency", sa.Text(), server_default="USD", nullable=False),
        sa.Column("timezone", sa.Text(), server_default="UTC", nullable=False),
        sa.CheckConstraint("state IN ('active', 'suspended', 'deleted')", name="state"),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        schema=SCHEMA,
    )
    op.create_index("ix_workspaces_organisation_id", "workspaces", ["organisation_id"], schema=SCHEMA)
    op.create_table(
        "schemas",
        sa.Column("schema_name", sa.Text(), primary_key=True),
        sa.Column("created_at", WHEN, server_default=sa.func.now(), nullable=False),
        sa.Column("is_spare", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Text()),
        sa.Column("failure", sa.Text()),
        sa.Column("attempted_at", WHEN),
        schema=SCHEMA,
    )
    op.create_index("ix_schemas_spare", "schemas", ["created_at"], postgresql_where=sa.text("is_spare"), schema=SCHEMA)
    op.create_table(
        "memberships",
        _of("workspaces", primary_key=True),
        _of("users", primary_key=True),
        sa.Column("created_at", WHEN, server_default=sa.func.now(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'admin', 'editor', 'viewer')", name="role"),
        schema=SCHEMA,
    )
    op.create_index("ix_memberships_user_id", "memberships", ["user_id"], schema=SCHEMA)
    op.create_table(
        "invitations",
        *_keyed(),
        _of("workspaces"),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("invited_by", sa.Uuid(), sa.ForeignKey(f"{SCHEMA}.users.id", ondelete="SET NULL")),
        sa.Column("expires_at", WHEN, nullable=False),
        sa.Column("accepted_at", WHEN),
        sa.CheckConstraint("role IN ('owner', 'admin', 'editor', 'viewer')", name="role"),
        schema=SCHEMA,
    )
    op.create_index("ix_invitations_workspace_id", "invitations", ["workspace_id"], schema=SCHEMA)


def _sign_in() -> None:
    op.create_table(
        "web_sessions",
        sa.Column("token_hash", sa.LargeBinary(), primary_key=True),
        _of("users"),
        sa.Column("created_at", WHEN, server_default=sa.func.now(), nullable=False),
        sa.Column("last_seen_at", WHEN, server_default=sa.func.now(), nullable=False),
        sa.Column("expires_at", WHEN, nullable=False),
        sa.Column("user_agent", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        schema=SCHEMA,
    )
    op.create_index("ix_web_sessions_user_id", "web_sessions", ["user_id"], schema=SCHEMA)
    op.create_table(
        "refresh_tokens",
        *_keyed(),
        _of("users"),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("expires_at", WHEN, nullable=False),
        sa.Column("used_at", WHEN),
        sa.Column("revoked_at", WHEN),
        schema=SCHEMA,
    )
    op.create_index("ix_refresh_tokens_family_id", "refresh_tokens", ["family_id"], schema=SCHEMA)
    op.create_index("ix_refresh_tokens_user_id", "refresh_tokens", ["user_id"], schema=SCHEMA)
    op.create_table(
        "email_tokens",
        *_keyed(),
        _of("users"),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("expires_at", WHEN, nullable=False),
        sa.Column("used_at", WHEN),
        sa.CheckConstraint("purpose IN ('verify_email', 'reset_password')", name="purpose"),
        schema=SCHEMA,
    )
    op.create_index("ix_email_tokens_user_id", "email_tokens", ["user_id"], schema=SCHEMA)
    op.create_table(
        "throttles",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("window_started_at", WHEN, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        schema=SCHEMA,
    )


def downgrade() -> None:
    """Not reversible: it would delete every account. Restore a backup instead."""
    raise NotImplementedError("0001 cannot be taken back; restore a backup.")
