"""The gate: who is calling, and may they. One middleware finds the caller out, one guard enforces what the route declared.

A route that declares nothing is refused. Order: form token → sign-in → workspace → role → plan.
"""

from typing import Any
from uuid import UUID

from anyio import to_thread
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from billing.entitlements import require
from billing.plans import Entitlement, Plan, plan_with_code
from kit.clock import utc_now
from kit.errors import AdloomError, NotAllowed
from kit.ids import parse_id
from kit.settings import Settings
from kit.web.access import Access, declared_access
from kit.web.security import (
    CSRF_FIELD,
    CSRF_HEADER,
    SESSION_COOKIE,
    VISITOR_COOKIE,
    check_csrf,
    new_nonce,
    new_token,
    security_headers,
)
from tenants.identity.queries import principal_from_access_token, principal_from_session
from tenants.isolation.planes import Planes
from tenants.workspaces.principal import NOBODY, Principal

WORKSPACE_HEADER = "x-workspace"
# What cannot be read is a workspace that nobody has, and never the caller's first one instead.
_NO_WORKSPACE = UUID(int=0)
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_OPEN_PREFIXES = ("/static/", "/health/live")


class GateMiddleware(ASGIMiddleware):
    """Finds the caller out, and puts nonce, caller and security headers on the way."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, *, settings: Settings, planes: Planes) -> None:
        self.settings = settings
        self.planes = planes

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Resolve the caller in a thread, for it asks the database."""
        request: Request[Any, Any, Any] = Request(scope)
        state = scope["state"]
        state["nonce"] = new_nonce()
        state["principal"], state["caller_problem"], new_visitor = NOBODY, None, None
        if not request.url.path.startswith(_OPEN_PREFIXES):
            visitor = request.cookies.get(VISITOR_COOKIE.spelled(self.settings))
            new_visitor = None if visitor or request.url.path.startswith("/api/") else new_token()
            try:
                state["principal"] = await to_thread.run_sync(self._principal, request, visitor or new_visitor)
            except AdloomError as problem:
                state["caller_problem"] = problem
        await next_app(scope, receive, self._with_headers(send, state["nonce"], new_visitor))

    def _principal(self, request: Request[Any, Any, Any], visitor: str | None) -> Principal:
        workspace_id = _named_workspace(request)
        authorization = request.headers.get("authorization", "")
        session_token = request.cookies.get(SESSION_COOKIE.spelled(self.settings))
        with self.planes.begin_control() as control:
            if authorization.lower().startswith("bearer "):
                jwt = authorization[7:].strip()
                found = principal_from_access_token(
                    control, settings=self.settings, jwt=jwt, workspace_id=workspace_id, now=utc_now()
                )
                return found or NOBODY
            if session_token:
                found = principal_from_session(control, token=session_token, workspace_id=workspace_id, now=utc_now())
                if found:
                    return found
        return Principal("nobody", csrf_basis=visitor)

    def _with_headers(self, send: Send, nonce: str, new_visitor: str | None) -> Send:
        headers = security_headers(nonce, is_secure=self.settings.is_secure)
        extra = [(name.encode(), value.encode()) for name, value in headers.items()]
        if new_visitor:
            secure = "; Secure" if self.settings.is_secure else ""
            cookie = f"{VISITOR_COOKIE.spelled(self.settings)}={new_visitor}; Path=/; HttpOnly; SameSite=Lax{secure}"
            extra.append((b"set-cookie", cookie.encode()))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *extra]
            await send(message)

        return send_with_headers


def _named_workspace(request: Request[Any, Any, Any]) -> UUID | None:
    """The workspace that the address names (`/w/{id}/…`, `/api/v1/workspaces/{id}`), or else the header."""
    parts = request.url.path.split("/")
    if len(parts) > 2 and parts[1] == "w":
        return parse_id(parts[2]) or _NO_WORKSPACE
    if len(parts) > 4 and parts[1:4] == ["api", "v1", "workspaces"]:
        return parse_id(parts[4]) or _NO_WORKSPACE
    named = request.headers.get(WORKSPACE_HEADER)
    return None if named is None else parse_id(named) or _NO_WORKSPACE


def principal_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Principal:
    """The caller, as the middleware found it."""
    found: Principal = connection.scope["state"].get("principal", NOBODY)
    return found


def plan_of_caller(connection: ASGIConnection[Any, Any, Any, Any]) -> Plan:
    """The plan of the caller's workspace."""
    return plan_with_code(principal_of(connection).in_workspace().plan_code)


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Enforce the route's declaration; the only guard there is."""
    declared = declared_access(handler)
    if declared is None:
        raise NotAllowed("This address has no access rule yet, so nobody may use it.", "Tell us; this is a defect.")
    problem: AdloomError | None = connection.scope["state"].get("caller_problem")
    if problem is not None:
        raise problem
    principal = principal_of(connection)
    if isinstance(connection, Request):
        await _check_form(connection, principal)
    if declared.audience != "everyone":
        principal.signed_in()
    if declared.audience == "member":
        _check_member(principal, declared)


async def _check_form(request: Request[Any, Any, Any], principal: Principal) -> None:
    """Requests that change something and carry a cookie's authority must come from our own page."""
    settings: Settings = request.app.state.settings
    by_cookie = principal.via == "session" or not request.url.path.startswith("/api/")
    if request.method in SAFE_METHODS or not by_cookie:
        return
    token = request.headers.get(CSRF_HEADER)
    if token is None and "form" in request.headers.get("content-type", ""):
        token = (await request.form()).get(CSRF_FIELD)
    check_csrf(settings, basis=principal.csrf_basis, token=token, fetch_site=request.headers.get("sec-fetch-site"))


def _check_member(principal: Principal, declared: Access) -> None:
    workspace = principal.in_workspace()
    if declared.permission is not None and not workspace.allows(declared.permission):
        raise NotAllowed(
            f"Your role here is {workspace.role}, and this needs more.",
            "Ask an owner or admin of the workspace to do it, or to change your role.",
        )
    plan = plan_with_code(workspace.plan_code)
    if principal.via == "token" and not declared.is_api_basic:
        require(plan, Entitlement.API)
    if declared.entitlement is not None and not declared.shows_sample:
        require(plan, Entitlement(declared.entitlement))
