"""`adloom vault …`: the keys that stored sign-ins are sealed with."""

import click
from sqlalchemy import select

from app.connections.secrets import rewrap
from kit.settings import load_settings
from kit.vault import open_vault
from tenants.isolation.planes import Tenant, open_planes
from tenants.workspaces.models import Workspace


@click.group()
def vault() -> None:
    """Look after the keys of stored sign-ins."""


@vault.command()
def rotate() -> None:
    """Wrap every stored sign-in with the newest key of ADLOOM_VAULT_KEYS. It may be broken off and run again at any time."""
    settings = load_settings()
    opened, planes = open_vault(settings), open_planes(settings, application_name="adloom-cli")
    try:
        with planes.begin_control() as control:
            rows = control.execute(
                select(Workspace.id, Workspace.schema_name).where(Workspace.state != "deleted")
            ).all()
        done = lost = 0
        for workspace_id, schema_name in rows:
            with planes.begin_tenant(Tenant(workspace_id, schema_name)) as session:
                outcome = rewrap(session, opened)
            done, lost = done + outcome.done, lost + outcome.lost
    finally:
        planes.close()
    click.echo(f"Wrapped {done} stored sign-ins of {len(rows)} workspaces with the key “{opened.key_id}”.")
    if lost:
        click.echo(f"{lost} do not open with any of the keys; those connections need a new sign-in.")
