"""The connectors that the workers found.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "control"


def upgrade() -> None:
    op.create_table(
        "connectors",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("distribution", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("manifest", JSONB()),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("state IN ('working', 'broken', 'slow', 'incompatible')", name="state"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("connectors", schema=SCHEMA)
