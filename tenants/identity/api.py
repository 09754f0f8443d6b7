"""Accounts and tokens for programs."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody

from kit.clock import utc_now
from kit.db import ScopedSession
from kit.errors import Conflict, NotSignedIn, TooManyRequests
from kit.settings import Settings
from kit.web.access import for_everyone, for_signed_in
from kit.web.network import network_address
from kit.web.pages import AnyRequest
from tenants.identity.schemas import (
    Accepted,
    ConfirmResetRequest,
    LoginRequest,
    MeReply,
    RefreshRequest,
    RegisterReply,
    RegisterRequest,
    ResetRequest,
    TokensReply,
    UserReply,
    VerifyRequest,
    WorkspaceSummary,
    tokens_reply,
    user_reply,
    workspace_summary,
)
from tenants.identity.service import ask_for_password_reset, register, reset_password, verify_email
from tenants.identity.signing_in import sign_in
from tenants.identity.tokens import issue_tokens, revoke_token, rotate_tokens
from tenants.workspaces.principal import Principal


@post(
    "/api/v1/auth/register", sync_to_thread=True, summary="Sign up", **for_everyone(raises=(Conflict, TooManyRequests))
)
def register_account(
    request: AnyRequest,
    control: NamedDependency[ScopedSession],
    settings: NamedDependency[Settings],
    data: JSONBody[RegisterRequest],
) -> RegisterReply:
    """A new account with a workspace on the Free plan, signed in; a verification mail follows. 409 for a known address."""
    made = register(
        control,
        name=data.name,
        email=data.email,
        password=data.password,
        workspace_name=data.workspace_name or f"{data.name[:60]}'s workspace",
        timezone=data.timezone,
        currency=data.currency,
        network_address=network_address(request),
        settings=settings,
    )
    tokens = issue_tokens(
        control, settings=settings, user_id=made.user.id, workspace_id=made.workspace.id, now=utc_now()
    )
    return RegisterReply(user_reply(made.user), workspace_summary(made.workspace), tokens_reply(tokens))


@post(
    "/api/v1/auth/login",
    sync_to_thread=True,
    status_code=200,
    summary="Sign in",
    **for_everyone(raises=(NotSignedIn, TooManyRequests)),
)
def login(
    request: AnyRequest,
    control: NamedDependency[ScopedSession],
    settings: NamedDependency[Settings],
    data: JSONBody[LoginRequest],
) -> TokensReply:
    """Tokens for address and password. Too many wrong tries answer 429 with `Retry-After`."""
    user = sign_in(control, email=data.email, password=data.password, network_address=network_address(request))
    tokens = issue_tokens(control, settings=settings, user_id=user.id, workspace_id=data.workspace_id, now=utc_now())
    return tokens_reply(tokens)


@post(
    "/api/v1/auth/refresh",
    sync_to_thread=True,
    status_code=200,
    summary="Refresh tokens",
    **for_everyone(raises=(NotSignedIn,)),
)
def refresh(
    control: NamedDependency[ScopedSession], settings: NamedDependency[Settings], data: JSONBody[RefreshRequest]
) -> TokensReply:
    """The next pair. Each refresh token is good once; using one again ends all that came from the same sign-in."""
    return tokens_reply(rotate_tokens(control, settings=settings, refresh_token=data.refresh_token, now=utc_now()))


@post("/api/v1/auth/logout", sync_to_thread=True, status_code=204, summary="Sign out", **for_everyone())
def logout(control: NamedDependency[ScopedSession], data: JSONBody[RefreshRequest]) -> None:
    """End everything that came from the same sign-in."""
    revoke_token(control, refresh_token=data.refresh_token, now=utc_now())


@get("/api/v1/auth/me", sync_to_thread=False, summary="Who am I", **for_signed_in())
def me(caller: NamedDependency[Principal]) -> MeReply:
    """The caller, the workspace of this call, and the others."""
    workspace = caller.workspace
    return MeReply(
        user=user_reply(caller.signed_in()),
        workspace=WorkspaceSummary(workspace.id, workspace.name) if workspace else None,
        role=workspace.role if workspace else None,
        plan=workspace.plan_code if workspace else None,
        workspaces=[WorkspaceSummary(id_, name) for id_, name in caller.workspaces],
    )


@post(
    "/api/v1/auth/password-reset",
    sync_to_thread=True,
    status_code=202,
    summary="Ask for a new password",
    **for_everyone(raises=(TooManyRequests,)),
)
def ask_reset(request: AnyRequest, control: NamedDependency[ScopedSession], data: JSONBody[ResetRequest]) -> Accepted:
    """Mail a link, if there is an account; the answer is the same either way."""
    ask_for_password_reset(control, email=data.email, network_address=network_address(request))
    return Accepted("If there is an account with this address, a mail is on its way.")


@post(
    "/api/v1/auth/password-reset/confirm",
    sync_to_thread=True,
    status_code=200,
    summary="Set a new password",
    **for_everyone(),
)
def confirm_reset(control: NamedDependency[ScopedSession], data: JSONBody[ConfirmResetRequest]) -> UserReply:
    """Set the password by a mailed token; ends every session and token of the account."""
    return user_reply(reset_password(control, token=data.token, password=data.password))


@post("/api/v1/auth/verify-email", sync_to_thread=True, status_code=200, summary="Verify an address", **for_everyone())
def verify(control: NamedDependency[ScopedSession], data: JSONBody[VerifyRequest]) -> UserReply:
    """Prove an address by a mailed token."""
    return user_reply(verify_email(control, token=data.token))


HANDLERS: list[BaseRouteHandler] = [
    register_account,
    login,
    refresh,
    logout,
    me,
    ask_reset,
    confirm_reset,
    verify,
]
