"""Connections and their credentials, campaigns as the platforms tell them, their days, syncs, and changes written back.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _connections()
    _campaigns()
    _days()
    _syncs()


def _connections() -> None:
    op.create_table(
        "connections",
        sa.Column("connector_key", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("config", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("scopes", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("signed_in_as", sa.Text(), server_default="", nullable=False),
        sa.Column("may_write", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("problem_code", sa.Text(), server_default="", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("what_to_do", sa.Text(), server_default="", nullable=False),
        sa.Column("problem_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_ok_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("connected_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state IN ('connecting', 'active', 'needs_sign_in', 'needs_operator', 'paused')",
            name="ck_connections_state",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_connections"),
    )
    op.create_table(
        "ad_accounts",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("connector_key", sa.Text(), nullable=False),
        sa.Column("platform_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("parent_platform_id", sa.Text(), nullable=True),
        sa.Column("may_write", sa.Boolean(), nullable=True),
        sa.Column("is_selected", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("problem_code", sa.Text(), server_default="", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("what_to_do", sa.Text(), server_default="", nullable=False),
        sa.Column("problem_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_ad_accounts_connection_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ad_accounts"),
        sa.UniqueConstraint("connection_id", "platform_id", name="uq_ad_accounts_connection_id_platform_id"),
    )
    op.create_table(
        "connection_secrets",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_connection_secrets_connection_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connection_id", name="pk_connection_secrets"),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("state_hash", sa.LargeBinary(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("wants_write", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_sign_in_attempts_connection_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("state_hash", name="pk_sign_in_attempts"),
    )
    op.create_index("ix_sign_in_attempts_connection_id", "sign_in_attempts", ["connection_id"], unique=False)


def _campaigns() -> None:
    op.create_table(
        "saved_views",
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_views"),
        sa.UniqueConstraint("page", "name", name="uq_saved_views_page_name"),
    )
    op.create_table(
        "campaigns",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("connector_key", sa.Text(), nullable=True),
        sa.Column("platform_id", sa.Text(), nullable=True),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("raw_status", sa.Text(), server_default="", nullable=False),
        sa.Column("objective", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("daily_budget_micros", sa.BigInteger(), nullable=True),
        sa.Column("lifetime_budget_micros", sa.BigInteger(), nullable=True),
        sa.Column("budget_owner", sa.Text(), server_default="campaign", nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("platform_updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('active', 'paused', 'ended', 'removed', 'planned', 'other')", name="ck_campaigns_status"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["ad_accounts.id"], name="fk_campaigns_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name="fk_campaigns_channel_id"),
        sa.PrimaryKeyConstraint("number", name="pk_campaigns"),
        sa.UniqueConstraint("account_id", "platform_id", name="uq_campaigns_account_id_platform_id"),
        sa.UniqueConstraint("id", name="uq_campaigns_id"),
    )
    op.create_index("ix_campaigns_channel_id", "campaigns", ["channel_id"], unique=False)
    op.create_table(
        "creatives",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("platform_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("link_url", sa.Text(), server_default="", nullable=False),
        sa.Column("media_urls", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["ad_accounts.id"], name="fk_creatives_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "platform_id", name="pk_creatives"),
    )
    op.create_table(
        "ad_groups",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_number", sa.BigInteger(), nullable=False),
        sa.Column("platform_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("raw_status", sa.Text(), server_default="", nullable=False),
        sa.Column("daily_budget_micros", sa.BigInteger(), nullable=True),
        sa.Column("lifetime_budget_micros", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["ad_accounts.id"], name="fk_ad_groups_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["campaign_number"], ["campaigns.number"], name="fk_ad_groups_campaign_number", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_ad_groups"),
        sa.UniqueConstraint("account_id", "platform_id", name="uq_ad_groups_account_id_platform_id"),
    )
    op.create_index("ix_ad_groups_campaign_number", "ad_groups", ["campaign_number"], unique=False)
    op.create_table(
        "campaign_changes",
        sa.Column("campaign_number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("daily_budget_micros", sa.BigInteger(), nullable=True),
        sa.Column("expected", postgresql.JSONB(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("what_to_do", sa.Text(), server_default="", nullable=False),
        sa.Column("request_id", sa.Text(), server_default="", nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("undo_of", sa.Uuid(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'running', 'done', 'refused', 'unknown', 'undone')", name="ck_campaign_changes_state"
        ),
        sa.ForeignKeyConstraint(
            ["campaign_number"], ["campaigns.number"], name="fk_campaign_changes_campaign_number", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_changes"),
        sa.UniqueConstraint("idempotency_key", name="uq_campaign_changes_idempotency_key"),
    )
    op.create_index(
        "ix_campaign_changes_campaign_number_created_at",
        "campaign_changes",
        ["campaign_number", "created_at"],
        unique=False,
    )
    op.create_table(
        "ads",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_number", sa.BigInteger(), nullable=False),
        sa.Column("ad_group_number", sa.BigInteger(), nullable=True),
        sa.Column("platform_id", sa.Text(), nullable=False),
        sa.Column("creative_platform_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("raw_status", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["ad_accounts.id"], name="fk_ads_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["ad_group_number"], ["ad_groups.number"], name="fk_ads_ad_group_number", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["campaign_number"], ["campaigns.number"], name="fk_ads_campaign_number", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_ads"),
        sa.UniqueConstraint("account_id", "platform_id", name="uq_ads_account_id_platform_id"),
    )
    op.create_index("ix_ads_ad_group_number", "ads", ["ad_group_number"], unique=False)
    op.create_index("ix_ads_campaign_number", "ads", ["campaign_number"], unique=False)


def _days() -> None:
    op.create_table(
        "ad_days",
        sa.Column("ad_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("spend_micros", sa.BigInteger(), nullable=False),
        sa.Column("impressions", sa.BigInteger(), nullable=True),
        sa.Column("clicks", sa.BigInteger(), nullable=True),
        sa.Column("conversions", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("conversion_value_micros", sa.BigInteger(), nullable=True),
        sa.Column("video_views", sa.BigInteger(), nullable=True),
        sa.Column("reach", sa.BigInteger(), nullable=True),
        sa.Column("extras", postgresql.JSONB(), nullable=True),
        sa.Column("finality", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ad_number", "day", name="pk_ad_days"),
        postgresql_with={"fillfactor": "85"},
    )
    op.create_table(
        "campaign_days",
        sa.Column("campaign_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("spend_micros", sa.BigInteger(), nullable=False),
        sa.Column("impressions", sa.BigInteger(), nullable=True),
        sa.Column("clicks", sa.BigInteger(), nullable=True),
        sa.Column("conversions", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("conversion_value_micros", sa.BigInteger(), nullable=True),
        sa.Column("video_views", sa.BigInteger(), nullable=True),
        sa.Column("reach", sa.BigInteger(), nullable=True),
        sa.Column("extras", postgresql.JSONB(), nullable=True),
        sa.Column("finality", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_number", "day", name="pk_campaign_days"),
        postgresql_with={"fillfactor": "85"},
    )
    op.create_index("ix_campaign_days_day", "campaign_days", ["day"], unique=False)
    op.create_table(
        "exchange_rates",
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=24, scale=12), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("currency", "day", name="pk_exchange_rates"),
    )
    op.create_table(
        "revenue_days",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("revenue_micros", sa.BigInteger(), nullable=False),
        sa.Column("orders", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("new_customers", sa.BigInteger(), nullable=True),
        sa.Column("returning_customers", sa.BigInteger(), nullable=True),
        sa.Column("sessions", sa.BigInteger(), nullable=True),
        sa.Column("finality", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ad_accounts.id"], name="fk_revenue_days_account_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "day", "source", name="pk_revenue_days"),
    )


def _syncs() -> None:
    op.create_table(
        "sync_staging",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("spend_micros", sa.BigInteger(), nullable=False),
        sa.Column("impressions", sa.BigInteger(), nullable=True),
        sa.Column("clicks", sa.BigInteger(), nullable=True),
        sa.Column("conversions", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("conversion_value_micros", sa.BigInteger(), nullable=True),
        sa.Column("video_views", sa.BigInteger(), nullable=True),
        sa.Column("reach", sa.BigInteger(), nullable=True),
        sa.Column("extras", postgresql.JSONB(), nullable=True),
        sa.Column("finality", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "entity", "day", name="pk_sync_staging"),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "reconciliations",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("our_spend_micros", sa.BigInteger(), nullable=False),
        sa.Column("their_spend_micros", sa.BigInteger(), nullable=False),
        sa.Column("our_clicks", sa.BigInteger(), nullable=False),
        sa.Column("their_clicks", sa.BigInteger(), nullable=False),
        sa.Column("our_conversions", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("their_conversions", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ad_accounts.id"], name="fk_reconciliations_account_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "day", name="pk_reconciliations"),
    )
    op.create_table(
        "sync_cursors",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("checkpoint", postgresql.JSONB(), nullable=True),
        sa.Column("seen", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ad_accounts.id"], name="fk_sync_cursors_account_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "kind", "since", name="pk_sync_cursors"),
    )
    op.create_table(
        "sync_runs",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("rows_read", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rows_changed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("calls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("wasted_calls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problem_code", sa.Text(), server_default="", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("what_to_do", sa.Text(), server_default="", nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('manual', 'scheduled', 'backfill', 'first')", name="ck_sync_runs_kind"),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="ck_sync_runs_state"),
        sa.ForeignKeyConstraint(["account_id"], ["ad_accounts.id"], name="fk_sync_runs_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_sync_runs"),
    )
    op.create_index("ix_sync_runs_account_id_created_at", "sync_runs", ["account_id", "created_at"], unique=False)
    op.create_table(
        "sync_states",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("wanted_from", sa.Date(), nullable=False),
        sa.Column("covered_from", sa.Date(), nullable=True),
        sa.Column("covered_to", sa.Date(), nullable=True),
        sa.Column("entities_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ad_accounts.id"], name="fk_sync_states_account_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_sync_states"),
    )


def downgrade() -> None:
    """Not reversible: it would delete every campaign and connection. Restore a backup instead."""
    raise NotImplementedError("0002 cannot be taken back; restore a backup.")
