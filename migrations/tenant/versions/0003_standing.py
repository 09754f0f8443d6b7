"""Connections that are being removed, settings under lock, channels beyond the plan's limit, and daily budgets of one campaign.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATES = "'connecting', 'active', 'needs_sign_in', 'needs_operator', 'paused'"
KINDS = "'attribution', 'forecast', 'budget'"


def upgrade() -> None:
    _allow("connections", "state", f"{STATES}, 'removing'")
    _allow("model_runs", "kind", f"{KINDS}, 'campaign_budget'")
    op.add_column("channels", sa.Column("is_counted", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.create_table(
        "connection_secret_settings",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("names", JSONB(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name="fk_connection_secret_settings_connection_id_connections",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", name="pk_connection_secret_settings"),
    )


def downgrade() -> None:
    op.drop_table("connection_secret_settings")
    op.drop_column("channels", "is_counted")
    op.execute("DELETE FROM model_runs WHERE kind = 'campaign_budget'")
    op.execute("UPDATE connections SET state = 'paused' WHERE state = 'removing'")
    _allow("model_runs", "kind", KINDS)
    _allow("connections", "state", STATES)


def _allow(table: str, column: str, values: str) -> None:
    """Replace the check of what a column may hold. Earlier revisions gave some checks the table's prefix twice."""
    name = f"ck_{table}_{column}"
    for known in (name, f"ck_{table}_{name}"):
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {known}")
    op.create_check_constraint(op.f(name), table, f"{column} IN ({values})")
