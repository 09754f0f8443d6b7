"""Anomalies, as they were found, and what an ordinary day of each metric looks like.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "anomalies",
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("actual", sa.Float(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("data_version", sa.BigInteger(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.Uuid(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('spike', 'stretch', 'level_shift')", name=op.f("ck_anomalies_kind")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_anomalies_days")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name="fk_anomalies_channel_id_channels", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anomalies")),
        sa.UniqueConstraint(
            "metric",
            "channel_id",
            "starts_on",
            name=op.f("uq_anomalies_metric_channel_id_starts_on"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_anomalies_channel_id"), "anomalies", ["channel_id"])
    op.create_index("ix_anomalies_ends_on", "anomalies", ["ends_on"])
    op.create_table(
        "anomaly_readings",
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=True),
        sa.Column("is_judged", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("alarms_per_month", sa.Float(), nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("data_version", sa.BigInteger(), nullable=False),
        sa.Column("looked_on", sa.Date(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name="fk_anomaly_readings_channel_id_channels", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anomaly_readings")),
        sa.UniqueConstraint(
            "metric",
            "channel_id",
            name=op.f("uq_anomaly_readings_metric_channel_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_anomaly_readings_channel_id"), "anomaly_readings", ["channel_id"])


def downgrade() -> None:
    op.drop_table("anomaly_readings")
    op.drop_table("anomalies")
