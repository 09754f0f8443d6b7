"""Lift tests, which every later fit of the mix model knows, and self-tests of a fit.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KINDS = "'attribution', 'forecast', 'budget', 'campaign_budget'"


def upgrade() -> None:
    _allow_kinds(f"{KINDS}, 'self_test'")
    op.create_table(
        "lift_tests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("roi", sa.Float(), nullable=False),
        sa.Column("roi_sd", sa.Float(), nullable=False),
        sa.Column("revenue", sa.Float(), nullable=True),
        sa.Column("revenue_sd", sa.Float(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("act IN ('paused', 'lowered', 'raised', 'study')", name=op.f("ck_lift_tests_act")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_lift_tests_days")),
        sa.CheckConstraint("roi_sd > 0", name=op.f("ck_lift_tests_roi_sd")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name="fk_lift_tests_channel_id_channels", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_lift_tests"),
    )
    op.create_index("ix_lift_tests_channel_id", "lift_tests", ["channel_id"])


def downgrade() -> None:
    op.drop_table("lift_tests")
    op.execute("DELETE FROM model_runs WHERE kind = 'self_test'")
    _allow_kinds(KINDS)


def _allow_kinds(kinds: str) -> None:
    op.drop_constraint(op.f("ck_model_runs_kind"), "model_runs")
    op.create_check_constraint(op.f("ck_model_runs_kind"), "model_runs", f"kind IN ({kinds})")
