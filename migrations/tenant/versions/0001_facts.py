"""Channels, daily facts and their roll-up, imports, model runs, the audit log.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)
MEASURES = ("impressions", "clicks", "conversions", "new_customers", "returning_customers")


def _keyed() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("created_at", WHEN, server_default=sa.func.now(), nullable=False),
    ]


def _money(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _measures() -> list[sa.Column]:
    return [sa.Column(name, sa.BigInteger()) for name in MEASURES]


def upgrade() -> None:
    _channels()
    _imports()
    _facts()
    _model_runs()
    _audit()


def _channels() -> None:
    op.create_table(
        "channels",
        *_keyed(),
        sa.Column("key", sa.Text(), nullable=False, unique=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.Column("takes_spend", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    op.create_table(
        "channel_names",
        sa.Column("source_name", sa.Text(), primary_key=True),
        sa.Column("channel_id", sa.Uuid(), sa.ForeignKey("channels.id"), nullable=False),
        sa.Column("is_custom", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.create_index("ix_channel_names_channel_id", "channel_names", ["channel_id"])


def _imports() -> None:
    op.create_table(
        "imports",
        *_keyed(),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger()),
        sa.Column("content_hash", sa.LargeBinary()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Uuid()),
        sa.Column("shape", JSONB()),
        sa.Column("mapping", JSONB()),
        sa.Column("currency", sa.Text()),
        sa.Column("rows_read", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_accepted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_rejected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rejects_key", sa.Text()),
        sa.Column("first_rejects", JSONB()),
        sa.Column("notices", JSONB()),
        sa.Column("covers_from", sa.Date()),
        sa.Column("covers_to", sa.Date()),
        sa.Column("problem", JSONB()),
        sa.Column("finished_at", WHEN),
        sa.CheckConstraint(
            "state IN ('awaiting_upload', 'awaiting_confirmation', 'queued', 'running', 'done', 'failed', 'cancelled')",
            name="state",
        ),
    )
    op.create_index("ix_imports_created_at", "imports", ["created_at"])
    op.create_table(
        "import_mappings",
        sa.Column("header_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("mapping", JSONB(), nullable=False),
        sa.Column("formats", JSONB(), nullable=False),
        sa.Column("used_at", WHEN, server_default=sa.func.now(), nullable=False),
    )


def _facts() -> None:
    op.create_table(
        "daily_facts",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("source_name", sa.Text(), primary_key=True),
        sa.Column("campaign", sa.Text(), server_default="", primary_key=True),
        sa.Column("channel_id", sa.Uuid(), sa.ForeignKey("channels.id"), nullable=False),
        _money("spend_micros"),
        _money("revenue_micros", nullable=True),
        *_measures(),
        sa.Column("import_id", sa.Uuid(), nullable=False),
    )
    op.create_index("ix_daily_facts_channel_id_day", "daily_facts", ["channel_id", "day"])
    op.create_table(
        "channel_days",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("channel_id", sa.Uuid(), sa.ForeignKey("channels.id"), primary_key=True),
        _money("spend_micros"),
        _money("revenue_micros", nullable=True),
        *_measures(),
    )
    staging = [
        sa.Column("import_id", sa.Uuid(), primary_key=True),
        sa.Column("row", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source_name", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        _money("spend_micros"),
        _money("revenue_micros", nullable=True),
        *_measures(),
    ]
    op.create_table("import_staging", *staging, prefixes=["UNLOGGED"])
    op.create_index("ix_import_staging_import_id", "import_staging", ["import_id"])
    op.create_table(
        "events",
        *_keyed(),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.UniqueConstraint("day", "name"),
    )
    op.create_table(
        "data_versions",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", WHEN, server_default=sa.func.now(), nullable=False),
    )


def _model_runs() -> None:
    op.create_table(
        "model_runs",
        *_keyed(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("job_id", sa.Uuid()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("request", JSONB(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("data_version", sa.BigInteger(), nullable=False),
        sa.Column("result", JSONB()),
        sa.Column("problem", JSONB()),
        sa.Column("finished_at", WHEN),
        sa.CheckConstraint("kind IN ('attribution', 'forecast', 'budget')", name="kind"),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'refused', 'failed', 'cancelled')", name="state"),
    )
    op.create_index("ix_model_runs_kind_request_hash", "model_runs", ["kind", "request_hash"])
    op.create_index("ix_model_runs_kind_created_at", "model_runs", ["kind", "created_at"])


def _audit() -> None:
    op.create_table(
        "audit_log",
        *_keyed(),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", JSONB(), nullable=False),
    )
    op.create_index("ix_audit_log_created_at", "audit_log", ["created_at"])


def downgrade() -> None:
    """Not reversible: it would delete every row of the workspace. Restore a backup instead."""
    raise NotImplementedError("0001 cannot be taken back; restore a backup.")
