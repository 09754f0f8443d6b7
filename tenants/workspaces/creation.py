"""New workspaces: a spare schema is claimed, its owner becomes a member, and a job prepares the next spare."""

from uuid import UUID

from sqlalchemy.orm import Session

from kit.errors import FieldError, InvalidInput, Unavailable
from kit.ids import new_id
from kit.jobs import enqueue
from kit.roles import DatabaseRoles
from kit.settings import Settings
from tenants.isolation.planes import owner_url
from tenants.isolation.provision import build_spare, claim_spare
from tenants.isolation.setup import owner_engine
from tenants.workspaces.jobs import RefillSpares
from tenants.workspaces.models import Membership, Organisation, OrganisationMember, Workspace
from tenants.workspaces.permissions import Role
from tenants.workspaces.queries import owned_organisation
from tenants.workspaces.regions import check_currency, check_timezone

LONGEST_NAME = 80


def create_organisation(control: Session, *, name: str, owner_id: UUID) -> Organisation:
    """A new organisation with its owner."""
    organisation = Organisation(id=new_id(), name=clean_name(name))
    control.add(organisation)
    control.flush()
    control.add(OrganisationMember(organisation_id=organisation.id, user_id=owner_id, role="owner"))
    control.flush()
    return organisation


def create_workspace(
    control: Session,
    *,
    owner_id: UUID,
    name: str,
    currency: str = "USD",
    timezone: str = "UTC",
    settings: Settings | None = None,
) -> Workspace:
    """A new workspace on the default plan, usable at once, in the owner's organisation (a new one where there is none).

    With `settings` a schema is built where no spare lies ready; without them that is `Unavailable`.
    """
    cleaned = clean_name(name)
    check_currency(currency)
    check_timezone(timezone)
    organisation_id = owned_organisation(control, user_id=owner_id)
    workspace = Workspace(
        id=new_id(),
        organisation_id=organisation_id or create_organisation(control, name=cleaned, owner_id=owner_id).id,
        name=cleaned,
        schema_name=_claim_or_build(control, settings),
        currency=currency,
        timezone=timezone,
        state="active",
    )
    control.add(workspace)
    control.flush()
    control.add(Membership(workspace_id=workspace.id, user_id=owner_id, role=Role.OWNER.value))
    enqueue(control, RefillSpares(), dedupe_key="refill-spares")
    control.flush()
    return workspace


def clean_name(name: str, *, field: str = "name") -> str:
    """A name without blanks around it, neither empty nor endless, of characters that can be seen."""
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > LONGEST_NAME or not cleaned.isprintable():
        message = f"Give a name of 1 to {LONGEST_NAME} letters, digits and signs."
        raise InvalidInput(message, "Names can be changed later.", [FieldError(message, field)])
    return cleaned


def _claim_or_build(control: Session, settings: Settings | None) -> str:
    """A spare in milliseconds; where a rush has taken the last one, a new one in about a second."""
    try:
        return claim_spare(control)
    except Unavailable:
        if settings is None:
            raise
        build_spare(owner_engine(settings), DatabaseRoles.of(owner_url(settings).database or ""))
        return claim_spare(control)
