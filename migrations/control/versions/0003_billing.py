"""Subscriptions, monthly usage, and the functions through which a tenant counts its own use.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from migrations.context import roles

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "control"

# SECURITY DEFINER functions take the workspace from the role that the transaction became, never from an argument.
CURRENT_WORKSPACE = """
CREATE FUNCTION control.billing_workspace() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT id FROM control.workspaces WHERE schema_name = current_setting('role')
$$
"""
CONSUME = """
CREATE FUNCTION control.consume_usage(p_metric text, p_amount bigint, p_limit bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE v_workspace uuid := control.billing_workspace(); v_month date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
        v_used bigint;
BEGIN
  IF v_workspace IS NULL THEN RAISE EXCEPTION 'only a tenant can count its use' USING ERRCODE = '42501'; END IF;
  IF p_amount < 0 THEN RAISE EXCEPTION 'use cannot be negative' USING ERRCODE = '22023'; END IF;
  INSERT INTO control.usage_counters (workspace_id, metric, month, used) VALUES (v_workspace, p_metric, v_month, 0)
    ON CONFLICT DO NOTHING;
  UPDATE control.usage_counters SET used = used + p_amount
    WHERE workspace_id = v_workspace AND metric = p_metric AND month = v_month
      AND (p_limit IS NULL OR used + p_amount <= p_limit)
    RETURNING used INTO v_used;
  RETURN v_used;
END $$
"""
USED = """
CREATE FUNCTION control.usage_this_month(p_metric text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT coalesce(sum(used), 0)::bigint FROM control.usage_counters
  WHERE workspace_id = control.billing_workspace() AND metric = p_metric
    AND month = date_trunc('month', now() AT TIME ZONE 'UTC')::date
$$
"""
FUNCTIONS = ("billing_workspace()", "consume_usage(text, bigint, bigint)", "usage_this_month(text)")


def _workspace() -> sa.Column:
    return sa.Column(
        "workspace_id", sa.Uuid(), sa.ForeignKey(f"{SCHEMA}.workspaces.id", ondelete="CASCADE"), primary_key=True
    )


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        _workspace(),
        sa.Column("plan_code", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("status IN ('trialing', 'active', 'past_due', 'unpaid', 'cancelled')", name="status"),
        schema=SCHEMA,
    )
    op.create_table(
        "usage_counters",
        _workspace(),
        sa.Column("metric", sa.Text(), primary_key=True),
        sa.Column("month", sa.Date(), primary_key=True),
        sa.Column("used", sa.BigInteger(), nullable=False),
        schema=SCHEMA,
    )
    for statement in (CURRENT_WORKSPACE, CONSUME, USED):
        op.execute(statement)
    for function in FUNCTIONS:
        op.execute(f"REVOKE ALL ON FUNCTION {SCHEMA}.{function} FROM PUBLIC")
        op.execute(f'GRANT EXECUTE ON FUNCTION {SCHEMA}.{function} TO "{roles().tenant_base}"')


def downgrade() -> None:
    for function in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {SCHEMA}.{function}")
    op.drop_table("usage_counters", schema=SCHEMA)
    op.drop_table("subscriptions", schema=SCHEMA)
