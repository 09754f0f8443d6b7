"""Customers, what they did, offers, and what is expected of each customer; touch paths as a kind of run.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KINDS = "'attribution', 'forecast', 'budget', 'campaign_budget', 'self_test'"


def upgrade() -> None:
    _allow_kinds(f"{KINDS}, 'paths'")
    _customers()
    _customer_events()
    _customer_uploads()
    _offers()
    _customer_predictions()


def _customers() -> None:
    op.create_table(
        "customers",
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("country", sa.Text(), server_default="", nullable=False),
        sa.Column("attributes", JSONB(), server_default="{}", nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_order_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_order_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("orders", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("revenue_micros", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        sa.UniqueConstraint("external_id", name=op.f("uq_customers_external_id")),
    )
    op.create_index("ix_customers_last_order_at", "customers", ["last_order_at"])


def _customer_events() -> None:
    op.create_table(
        "customer_events",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value_micros", sa.BigInteger(), nullable=True),
        sa.Column("order_ref", sa.Text(), server_default="", nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=True),
        sa.Column("campaign", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("properties", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(kind IN ('order', 'refund')) = (value_micros IS NOT NULL)", name=op.f("ck_customer_events_value")
        ),
        sa.CheckConstraint(
            "kind IN ('order', 'refund', 'touch', 'offer_shown', 'offer_taken', 'event')",
            name=op.f("ck_customer_events_kind"),
        ),
        sa.CheckConstraint("value_micros >= 0", name=op.f("ck_customer_events_value_sign")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name="fk_customer_events_channel_id_channels", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_customer_events_customer_id_customers", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_customer_events")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_customer_events_source_external_id")),
    )
    op.create_index(op.f("ix_customer_events_channel_id"), "customer_events", ["channel_id"])
    op.create_index("ix_customer_events_customer_id_happened_at", "customer_events", ["customer_id", "happened_at"])
    op.create_index("ix_customer_events_kind_happened_at", "customer_events", ["kind", "happened_at"])


def _customer_uploads() -> None:
    op.create_table(
        "customer_uploads",
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("shape", JSONB(), nullable=True),
        sa.Column("columns", JSONB(), nullable=False),
        sa.Column("rows_read", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_accepted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_rejected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("customers_new", sa.Integer(), server_default="0", nullable=False),
        sa.Column("errors_key", sa.Text(), nullable=True),
        sa.Column("first_errors", JSONB(), server_default="[]", nullable=False),
        sa.Column("notices", JSONB(), server_default="[]", nullable=False),
        sa.Column("covers_from", sa.Date(), nullable=True),
        sa.Column("covers_to", sa.Date(), nullable=True),
        sa.Column("problem", JSONB(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state IN ('awaiting_confirmation', 'queued', 'done', 'failed', 'cancelled')",
            name=op.f("ck_customer_uploads_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_uploads")),
    )
    op.create_index("ix_customer_uploads_created_at", "customer_uploads", ["created_at"])


def _offers() -> None:
    op.create_table(
        "offers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("margin_micros", sa.BigInteger(), nullable=False),
        sa.Column("usual_margin_micros", sa.BigInteger(), nullable=True),
        sa.Column("cost_micros", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('active', 'retired')", name=op.f("ck_offers_state")),
        sa.CheckConstraint("cost_micros >= 0", name=op.f("ck_offers_cost")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
    )
    op.create_index(
        "uq_offers_name_active", "offers", ["name"], unique=True, postgresql_where=sa.text("state = 'active'")
    )


def _customer_predictions() -> None:
    op.create_table(
        "customer_predictions",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("point", sa.Float(), nullable=False),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("choice", sa.Text(), server_default="", nullable=False),
        sa.Column("act", sa.Text(), server_default="", nullable=False),
        sa.Column("model_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('lifetime', 'churn', 'offer')", name=op.f("ck_customer_predictions_kind")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_customer_predictions_customer_id_customers", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["models.id"], name="fk_customer_predictions_model_id_models", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", "kind", name=op.f("pk_customer_predictions")),
    )
    op.create_index("ix_customer_predictions_kind_point", "customer_predictions", ["kind", "point"])
    op.create_index(op.f("ix_customer_predictions_model_id"), "customer_predictions", ["model_id"])


def downgrade() -> None:
    for table in ("customer_predictions", "offers", "customer_uploads", "customer_events", "customers"):
        op.drop_table(table)
    op.execute("DELETE FROM model_runs WHERE kind = 'paths'")
    _allow_kinds(KINDS)


def _allow_kinds(kinds: str) -> None:
    op.drop_constraint(op.f("ck_model_runs_kind"), "model_runs")
    op.create_check_constraint(op.f("ck_model_runs_kind"), "model_runs", f"kind IN ({kinds})")
