"""`adloom db …`: the database from nothing to this version, and what state it is in."""

import click
from sqlalchemy import text

from kit.errors import Conflict
from kit.settings import load_settings
from tenants.isolation.migrate import head_revision
from tenants.isolation.planes import open_planes
from tenants.isolation.setup import upgrade_database


@click.group()
def db() -> None:
    """Create and upgrade the database."""


@db.command()
def upgrade() -> None:
    """Roles, control plane, every workspace and a few spares, up to this version. Safe to run again."""
    from app.mix.sample import enqueue_sample
    from kit.storage import open_storage

    settings = load_settings()
    outcome = upgrade_database(settings, progress=_tell)
    with open_planes(settings, application_name="adloom-cli").begin_control() as control:
        enqueue_sample(control, open_storage(settings))
    tenants = outcome.tenants
    click.echo(
        f"Upgraded {tenants.upgraded} schemas, {tenants.unchanged} were current, {outcome.spares_built} spares built."
    )
    if tenants.failed:
        for schema, failure in tenants.failed.items():
            click.echo(f"  {schema}: {failure}", err=True)
        raise Conflict(
            f"{len(tenants.failed)} schemas could not be upgraded; all others are.",
            "Mend the cause above and run this again.",
        )


@db.command()
def state() -> None:
    """Which revision each plane has, and how many schemas are behind."""
    with open_planes(load_settings(), application_name="adloom-cli").control() as session:
        control = session.execute(text("SELECT version_num FROM control.alembic_version")).scalar()
        rows = session.execute(
            text("SELECT revision, is_spare, count(*) FROM control.schemas GROUP BY revision, is_spare ORDER BY 1, 2")
        ).all()
    click.echo(f"Control plane: {control} (this version: {head_revision('control')})")
    for revision, is_spare, count in rows:
        click.echo(
            f"{'Spares' if is_spare else 'Workspaces'} at {revision}: {count} (this version: {head_revision('tenant')})"
        )


def _tell(position: int, total: int, schema: str) -> None:
    click.echo(f"[{position}/{total}] {schema}")
