"""What was last found of each ad that runs.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "creative_readings",
        sa.Column("ad_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("ratio", sa.Float(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("spend_micros", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("data_version", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "level IN ('fresh', 'tiring', 'fatigued', 'not_enough_data')", name=op.f("ck_creative_readings_level")
        ),
        sa.CheckConstraint("since <= until", name=op.f("ck_creative_readings_days")),
        sa.ForeignKeyConstraint(
            ["ad_number"], ["ads.number"], name=op.f("fk_creative_readings_ad_number_ads"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ad_number", name=op.f("pk_creative_readings")),
    )


def downgrade() -> None:
    op.drop_table("creative_readings")
