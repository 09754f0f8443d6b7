"""Up to when a workspace has data, as the frame around its pages says it: one query, on the request's own session if there is one."""

from datetime import date

from app.deps import TENANT_SESSION, AnyRequest
from app.performance.queries import last_day
from kit.db import ScopedSession
from kit.format import day
from tenants.workspaces.principal import Principal

# Under this name the request's state holds the day where a handler has asked for it already.
LAST_DAY = "last_day"


def data_freshness(request: AnyRequest, principal: Principal) -> str:
    """`Data to 20 Nov 2026`; nothing where there are no data yet."""
    state = request.scope["state"]
    if LAST_DAY in state:
        return _sentence(state[LAST_DAY])
    session: ScopedSession | None = state.get(TENANT_SESSION)
    if session is not None:
        return _sentence(last_day(session))
    user = str(principal.user.id) if principal.user else ""
    with request.app.state.planes.tenant(principal.in_workspace().tenant, user=user) as opened:
        return _sentence(last_day(opened))


def _sentence(last: date | None) -> str:
    return f"Data to {day(last)}" if last else ""
