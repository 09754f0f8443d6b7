"""The job ledger, and the functions through which tenants write to it.

Revision ID: 0002
Revises: 0001
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.context import roles

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "control"
WHEN = sa.DateTime(timezone=True)

# The workspace is the one whose role the transaction became; an argument could be forged, the role cannot.
ENQUEUE = """
CREATE FUNCTION control.enqueue_job(p_id uuid, p_name text, p_arguments jsonb, p_queue text, p_priority int, p_run_at timestamptz,
  p_max_attempts int, p_lease_s int, p_dedupe_key text, p_title text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE v_workspace uuid; v_id uuid;
BEGIN
  SELECT id INTO v_workspace FROM control.workspaces WHERE schema_name = current_setting('role');
  IF v_workspace IS NULL THEN RAISE EXCEPTION 'only a tenant enqueues through this function' USING ERRCODE = '42501'; END IF;
  -- The job that holds the key may end between the two statements; then the key is free again.
  LOOP
    INSERT INTO control.jobs (id, workspace_id, name, arguments, queue, priority, run_at, state, max_attempts, lease_s, dedupe_key,
      title, requested_by)
    VALUES (p_id, v_workspace, p_name, p_arguments, p_queue, p_priority, coalesce(p_run_at, now()),
      CASE WHEN p_run_at > now() THEN 'waiting' ELSE 'ready' END, p_max_attempts, p_lease_s, p_dedupe_key, p_title,
      coalesce(current_setting('app.user', true), ''))
    ON CONFLICT (workspace_id, dedupe_key)
      WHERE dedupe_key IS NOT NULL AND state IN ('waiting', 'ready', 'sent', 'running') DO NOTHING
    RETURNING id INTO v_id;
    EXIT WHEN v_id IS NOT NULL;
    SELECT id INTO v_id FROM control.jobs
    WHERE workspace_id = v_workspace AND dedupe_key = p_dedupe_key AND state IN ('waiting', 'ready', 'sent', 'running');
    EXIT WHEN v_id IS NOT NULL;
  END LOOP;
  PERFORM pg_notify('adloom_jobs', p_queue);
  RETURN v_id;
END $$
"""
# Called in the transaction that holds the job's effects: a worker that lost its claim cannot commit them.
FINISH = """
CREATE FUNCTION control.finish_job(p_id uuid, p_fence bigint, p_result jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  UPDATE control.jobs SET state = 'done', result = p_result, progress = 1, lease_until = NULL, finished_at = now()
  WHERE id = p_id AND fence = p_fence AND state = 'running'
    AND workspace_id = (SELECT id FROM control.workspaces WHERE schema_name = current_setting('role'));
  IF NOT FOUND THEN RAISE EXCEPTION 'job % is no longer claimed with fence %', p_id, p_fence USING ERRCODE = 'AL001'; END IF;
END $$
"""
FUNCTIONS = (
    "enqueue_job(uuid, text, jsonb, text, int, timestamptz, int, int, text, text)",
    "finish_job(uuid, bigint, jsonb)",
)


def _key() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("created_at", WHEN, server_default=sa.func.now(), nullable=False),
    ]


def upgrade() -> None:
    _jobs()
    # Every job is updated four times within seconds: without early vacuuming the dispatcher would walk over the dead versions.
    op.execute(
        f"ALTER TABLE {SCHEMA}.jobs SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,"
        " autovacuum_analyze_scale_factor = 0.05)"
    )
    op.create_table(
        "job_limits",
        sa.Column("workspace_id", sa.Uuid(), primary_key=True),
        sa.Column("max_running", sa.Integer(), nullable=False),
        schema=SCHEMA,
    )
    _schedules()
    for statement in (ENQUEUE, FINISH):
        op.execute(statement)
    for function in FUNCTIONS:
        op.execute(f"REVOKE ALL ON FUNCTION {SCHEMA}.{function} FROM PUBLIC")
        op.execute(f'GRANT EXECUTE ON FUNCTION {SCHEMA}.{function} TO "{roles().tenant_base}"')


def _jobs() -> None:
    op.create_table(
        "jobs",
        *_key(),
        sa.Column("workspace_id", sa.Uuid()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("arguments", JSONB(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), server_default="100", nullable=False),
        sa.Column("run_at", WHEN, server_default=sa.func.now(), nullable=False),
        sa.Column("state", sa.Text(), server_default="ready", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("deaths", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_s", sa.Integer(), nullable=False),
        sa.Column("lease_until", WHEN),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("dedupe_key", sa.Text()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("progress", sa.Float(), server_default="0", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("result", JSONB()),
        sa.Column("problem", JSONB()),
        sa.Column("requested_by", sa.Text(), server_default="", nullable=False),
        sa.Column("cancel_requested_at", WHEN),
        sa.Column("started_at", WHEN),
        sa.Column("finished_at", WHEN),
        sa.CheckConstraint(
            "state IN ('waiting', 'ready', 'sent', 'running', 'done', 'dead', 'cancelled')", name="state"
        ),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_jobs_ready",
        "jobs",
        ["queue", "workspace_id", "priority", "id"],
        postgresql_where=sa.text("state = 'ready'"),
        schema=SCHEMA,
    )
    op.create_index("ix_jobs_waiting", "jobs", ["run_at"], postgresql_where=sa.text("state = 'waiting'"), schema=SCHEMA)
    op.create_index(
        "ix_jobs_in_flight",
        "jobs",
        ["state", "lease_until"],
        postgresql_where=sa.text("state IN ('sent', 'running')"),
        schema=SCHEMA,
    )
    op.create_index(
        "uq_jobs_dedupe_key",
        "jobs",
        ["workspace_id", "dedupe_key"],
        unique=True,
        postgresql_where=sa.text("dedupe_key IS NOT NULL AND state IN ('waiting', 'ready', 'sent', 'running')"),
        postgresql_nulls_not_distinct=True,
        schema=SCHEMA,
    )
    op.create_index("ix_jobs_workspace_id_created_at", "jobs", ["workspace_id", "created_at"], schema=SCHEMA)


def _schedules() -> None:
    op.create_table(
        "schedules",
        *_key(),
        sa.Column("workspace_id", sa.Uuid()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("job_name", sa.Text(), nullable=False),
        sa.Column("arguments", JSONB(), nullable=False),
        sa.Column("cron", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("next_run_at", WHEN, nullable=False),
        sa.Column("last_run_at", WHEN),
        schema=SCHEMA,
    )
    op.create_index(
        "uq_schedules_name",
        "schedules",
        ["workspace_id", "name"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        schema=SCHEMA,
    )
    op.create_index(
        "ix_schedules_next_run_at", "schedules", ["next_run_at"], postgresql_where=sa.text("is_enabled"), schema=SCHEMA
    )


def downgrade() -> None:
    for function in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {SCHEMA}.{function}")
    for table in ("schedules", "job_limits", "jobs"):
        op.drop_table(table, schema=SCHEMA)
