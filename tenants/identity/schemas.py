"""What the auth API takes and answers."""

from uuid import UUID

import msgspec

from tenants.identity.models import User
from tenants.identity.tokens import Tokens
from tenants.workspaces.models import Workspace
from tenants.workspaces.principal import UserRef


class RegisterRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new account with its first workspace."""

    email: str
    password: str
    name: str
    workspace_name: str = ""
    timezone: str = "UTC"
    currency: str = "USD"


class LoginRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Address and password; optionally the workspace that the token is about."""

    email: str
    password: str
    workspace_id: UUID | None = None


class RefreshRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A refresh token, which is good once."""

    refresh_token: str


class ResetRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The address whose password is to be set anew."""

    email: str


class ConfirmResetRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The token of the mailed link, and the new password."""

    token: str
    password: str


class VerifyRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The token of the mailed link."""

    token: str


class UserReply(msgspec.Struct, frozen=True):
    """A person."""

    id: UUID
    email: str
    name: str
    is_verified: bool


class WorkspaceSummary(msgspec.Struct, frozen=True):
    """A workspace of the caller's."""

    id: UUID
    name: str


class TokensReply(msgspec.Struct, frozen=True):
    """A pair of tokens; the access token goes into `Authorization: Bearer …`."""

    access_token: str
    refresh_token: str
    expires_in_s: int
    token_type: str = "Bearer"  # noqa: S105 the word of RFC 6750


class RegisterReply(msgspec.Struct, frozen=True):
    """The new account, its workspace and its tokens."""

    user: UserReply
    workspace: WorkspaceSummary
    tokens: TokensReply


class MeReply(msgspec.Struct, frozen=True):
    """Who is calling, where, and where else they could."""

    user: UserReply
    workspace: WorkspaceSummary | None
    role: str | None
    plan: str | None
    workspaces: list[WorkspaceSummary]


class Accepted(msgspec.Struct, frozen=True):
    """It will be done; what exactly depends on what nobody else may know."""

    detail: str


def user_reply(user: User | UserRef) -> UserReply:
    """A person as the API shows them."""
    verified = user.is_verified if isinstance(user, UserRef) else user.email_verified_at is not None
    return UserReply(user.id, user.email, user.name, verified)


def workspace_summary(workspace: Workspace) -> WorkspaceSummary:
    """A workspace in two words."""
    return WorkspaceSummary(workspace.id, workspace.name)


def tokens_reply(tokens: Tokens) -> TokensReply:
    """Tokens as the API shows them."""
    return TokensReply(tokens.access_token, tokens.refresh_token, tokens.expires_in_s)
