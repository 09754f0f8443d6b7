"""`adloom plan …`: which plan a workspace is on. Until Stripe is connected, this is what changes it."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.plans import PLANS
from billing.service import plan_of, set_plan
from kit.errors import InvalidInput, NotFound
from kit.ids import parse_id
from kit.settings import load_settings
from tenants.identity.models import User
from tenants.isolation.planes import open_planes
from tenants.workspaces.models import Membership, Workspace


@click.group()
def plan() -> None:
    """See and change the plan of a workspace."""


@plan.command("set")
@click.argument("workspace")
@click.argument("code", type=click.Choice(list(PLANS)))
def set_(workspace: str, code: str) -> None:
    """Put WORKSPACE (its id, or the e-mail address of its owner) on a plan, at once."""
    with _control() as control:
        found = _find(control, workspace)
        chosen = set_plan(control, workspace_id=found.id, plan_code=code)
    click.echo(f"{found.name} is now on the {chosen.name} plan.")


@plan.command()
@click.argument("workspace")
def show(workspace: str) -> None:
    """Say which plan WORKSPACE is on."""
    with _control() as control:
        found = _find(control, workspace)
        click.echo(f"{found.name} ({found.id}) is on the {plan_of(control, workspace_id=found.id).name} plan.")


@contextmanager
def _control() -> Iterator[Session]:
    """A control session that commits at its end."""
    planes = open_planes(load_settings(), application_name="adloom-cli")
    try:
        with planes.begin_control() as control:
            yield control
    finally:
        planes.close()


def _find(control: Session, named: str) -> Workspace:
    """The workspace with this id, or the only one that this person owns."""
    statement = select(Workspace).where(Workspace.state == "active")
    if workspace_id := parse_id(named):
        statement = statement.where(Workspace.id == workspace_id)
    else:
        statement = (
            statement.join(Membership, Membership.workspace_id == Workspace.id)
            .join(User, User.id == Membership.user_id)
            .where(User.email.ilike(named), Membership.role == "owner")
        )
    found = control.scalars(statement.order_by(Workspace.created_at)).all()
    if not found:
        raise NotFound(
            f"No workspace has the id or the owner “{named}”.",
            "Give the id from the address bar, or the owner's e-mail address.",
        )
    if len(found) > 1:
        listed = ", ".join(f"{item.name} ({item.id})" for item in found)
        raise InvalidInput(f"“{named}” owns {len(found)} workspaces: {listed}.", "Give the id of one of them.")
    return found[0]
