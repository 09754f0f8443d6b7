"""A tenant's transaction may ask which plan it is on, as it may count its use.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

from migrations.context import roles

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# SECURITY DEFINER functions take the workspace from the role that the transaction became, never from an argument.
PLAN_CODE = """
CREATE FUNCTION control.plan_code() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT plan_code FROM control.subscriptions WHERE workspace_id = control.billing_workspace()
$$
"""


def upgrade() -> None:
    op.execute(PLAN_CODE)
    op.execute("REVOKE ALL ON FUNCTION control.plan_code() FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION control.plan_code() TO "{roles().tenant_base}"')


def downgrade() -> None:
    op.execute("DROP FUNCTION control.plan_code()")
