"""The ledger of predictions: what was said before, what came of it, and the models that said it.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBER = sa.Numeric(30, 6)


def upgrade() -> None:
    _models()
    _predictions()
    _scores()


def _models() -> None:
    op.create_table(
        "models",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("features", JSONB(), nullable=False),
        sa.Column("metrics", JSONB(), nullable=False),
        sa.Column("trained_since", sa.Date(), nullable=False),
        sa.Column("trained_until", sa.Date(), nullable=False),
        sa.Column("data_version", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("drift", JSONB(), nullable=True),
        sa.Column("drift_checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('candidate', 'active', 'retired')", name=op.f("ck_models_state")),
        sa.PrimaryKeyConstraint("id", name="pk_models"),
        sa.UniqueConstraint("kind", "version", name="uq_models_kind_version"),
    )
    op.create_index("uq_models_active", "models", ["kind"], unique=True, postgresql_where=sa.text("state = 'active'"))


def _predictions() -> None:
    op.create_table(
        "predictions",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("point", NUMBER, nullable=False),
        sa.Column("low", NUMBER, nullable=False),
        sa.Column("high", NUMBER, nullable=False),
        sa.Column("level", sa.Numeric(4, 3), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("assumed", JSONB(), nullable=True),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("data_version", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("low <= point AND point <= high", name=op.f("ck_predictions_range")),
        sa.CheckConstraint("level > 0 AND level < 1", name=op.f("ck_predictions_level")),
        sa.CheckConstraint("since <= until", name=op.f("ck_predictions_days")),
        sa.CheckConstraint("unit IN ('micros', 'count', 'ratio')", name=op.f("ck_predictions_unit")),
        sa.CheckConstraint("(unit = 'micros') = (currency IS NOT NULL)", name=op.f("ck_predictions_currency")),
        sa.PrimaryKeyConstraint("id", name="pk_predictions"),
        sa.UniqueConstraint("key", name="uq_predictions_key"),
    )
    op.create_index("ix_predictions_kind_until", "predictions", ["kind", "until"])
    op.create_index("ix_predictions_subject_id_kind_made_at", "predictions", ["subject_id", "kind", "made_at"])


def _scores() -> None:
    op.create_table(
        "prediction_scores",
        sa.Column("prediction_id", sa.Uuid(), nullable=False),
        sa.Column("actual", NUMBER, nullable=True),
        sa.Column("error", NUMBER, nullable=True),
        sa.Column("inside", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(actual IS NULL) = (reason <> '')", name=op.f("ck_prediction_scores_reason")),
        sa.CheckConstraint(
            "(actual IS NULL) = (inside IS NULL) AND (actual IS NULL) = (error IS NULL)",
            name=op.f("ck_prediction_scores_actual"),
        ),
        sa.ForeignKeyConstraint(
            ["prediction_id"],
            ["predictions.id"],
            name="fk_prediction_scores_prediction_id_predictions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("prediction_id", name="pk_prediction_scores"),
    )


def downgrade() -> None:
    op.drop_table("prediction_scores")
    op.drop_table("predictions")
    op.drop_table("models")
