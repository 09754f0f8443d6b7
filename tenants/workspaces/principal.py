"""Who is calling: the person, how they proved it, and the workspace that the call is about. `tenants.identity` finds it out."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from kit.errors import NotFound, NotSignedIn
from tenants.isolation.planes import Tenant
from tenants.workspaces.permissions import may


@dataclass(frozen=True)
class UserRef:
    """A signed-in person."""

    id: UUID
    email: str
    name: str
    is_verified: bool


@dataclass(frozen=True)
class WorkspaceRef:
    """The workspace of a call, with the caller's role in it and the code of its plan."""

    id: UUID
    name: str
    organisation_id: UUID
    schema_name: str
    currency: str
    timezone: str
    role: str
    plan_code: str

    @property
    def tenant(self) -> Tenant:
        """The workspace as the database knows it."""
        return Tenant(self.id, self.schema_name)

    def allows(self, permission: str) -> bool:
        """True where the caller's role includes the permission."""
        return may(self.role, permission)


@dataclass(frozen=True)
class Principal:
    """A caller. `csrf_basis` is what form tokens of this browser are bound to."""

    via: Literal["nobody", "session", "token"]
    user: UserRef | None = None
    workspace: WorkspaceRef | None = None
    workspaces: tuple[tuple[UUID, str], ...] = ()
    csrf_basis: str | None = None

    def signed_in(self) -> UserRef:
        """The person, or the refusal to go on without one."""
        if self.user is None:
            raise NotSignedIn("You are not signed in.", "Sign in and try again.")
        return self.user

    def in_workspace(self) -> WorkspaceRef:
        """The workspace, or not found: whether a foreign workspace exists is nobody's business."""
        if self.workspace is None:
            raise NotFound(
                "There is no such workspace, or you are not a member of it.", "Choose one of your workspaces."
            )
        return self.workspace


NOBODY = Principal("nobody")
