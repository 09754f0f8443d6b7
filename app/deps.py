"""What handlers may ask for by name: sessions on either plane (committed at the edge), the caller, the plan, settings, storage.

@get("/w/{workspace_id:uuid}/overview", sync_to_thread=True, **access(Permission.READ_DATA))
def overview(request: AnyRequest, session: TenantSession, caller: Principal) -> Response[str]: …
"""

from collections.abc import Callable, Generator
from typing import Any

from litestar import Request
from litestar.di import Provide

from billing.entitlements import require_room
from billing.plans import Entitlement, Plan, plan_with_code
from kit.db import ScopedSession
from kit.errors import AdloomError
from kit.settings import Settings
from kit.storage import Storage
from tenants.isolation.planes import Planes
from tenants.workspaces.principal import NOBODY, Principal, WorkspaceRef

AnyRequest = Request[Any, Any, Any]
# Under this name the request's state holds the workspace's session, for what the frame around a page asks of it.
TENANT_SESSION = "tenant_session"


def provide_principal(request: AnyRequest) -> Principal:
    """The caller."""
    principal: Principal = request.scope["state"].get("principal", NOBODY)
    return principal


def provide_workspace(request: AnyRequest) -> WorkspaceRef:
    """The workspace that the call is about; not found where the caller is no member."""
    return provide_principal(request).in_workspace()


def provide_plan(request: AnyRequest) -> Plan:
    """The plan of that workspace."""
    return plan_with_code(provide_workspace(request).plan_code)


def provide_settings(request: AnyRequest) -> Settings:
    """The process's settings."""
    settings: Settings = request.app.state.settings
    return settings


def provide_storage(request: AnyRequest) -> Storage:
    """Where files lie."""
    storage: Storage = request.app.state.storage
    return storage


def provide_seat_check(request: AnyRequest) -> Callable[[int], None]:
    """Refuses one more person where the plan has no seat left."""
    plan = provide_plan(request)
    return lambda taken: require_room(plan, Entitlement.MEMBERS, used=taken)


def provide_control(request: AnyRequest) -> Generator[ScopedSession, None, None]:
    """A session on the control plane. It connects at its first statement and commits when the handler has returned."""
    yield from _committed(request, tenant=False)


def provide_session(request: AnyRequest) -> Generator[ScopedSession, None, None]:
    """A session in the caller's workspace, with the same rule."""
    yield from _committed(request, tenant=True)


def _committed(request: AnyRequest, *, tenant: bool) -> Generator[ScopedSession, None, None]:
    planes: Planes = request.app.state.planes
    principal = provide_principal(request)
    user = str(principal.user.id) if principal.user else ""
    opened = planes.tenant(principal.in_workspace().tenant, user=user) if tenant else planes.control(user=user)
    with opened as session:
        if tenant:
            request.scope["state"][TENANT_SESSION] = session
        try:
            yield session
        except AdloomError as refusal:
            if refusal.keeps_changes:
                session.commit()
            raise
        session.commit()


DEPENDENCIES: dict[str, Provide] = {
    "caller": Provide(provide_principal, sync_to_thread=False),
    "workspace": Provide(provide_workspace, sync_to_thread=False),
    "plan": Provide(provide_plan, sync_to_thread=False),
    "settings": Provide(provide_settings, sync_to_thread=False),
    "storage": Provide(provide_storage, sync_to_thread=False),
    "require_seat": Provide(provide_seat_check, sync_to_thread=False),
    "control": Provide(provide_control),
    "session": Provide(provide_session),
}

__all__ = ["DEPENDENCIES", "AnyRequest"]
