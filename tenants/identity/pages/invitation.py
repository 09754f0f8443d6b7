"""Accepting an invitation: with the account that one is signed in with, or with a new one."""

from dataclasses import dataclass

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath

from kit.clock import utc_now
from kit.db import ScopedSession
from kit.errors import InvalidInput
from kit.settings import Settings
from kit.web.access import for_everyone, for_signed_in
from kit.web.forms import Form, refused_form
from kit.web.pages import AnyRequest, redirect, render
from tenants.identity.pages.browser import FormData, signed_in_cookie
from tenants.identity.queries import user_by_email
from tenants.identity.service import register_invited
from tenants.workspaces.principal import Principal
from tenants.workspaces.queries import invitation_by_token, workspace_by_id
from tenants.workspaces.service import accept_invitation

Control = NamedDependency[ScopedSession]
Caller = NamedDependency[Principal]


@dataclass(frozen=True)
class InvitationPage:
    """What an invitation offers, to whom, and how that person can take it."""

    token: str
    workspace_name: str
    email: str
    role: str
    has_account: bool
    is_for_caller: bool
    form: Form


@get("/invitations/{token:str}", sync_to_thread=True, include_in_schema=False, **for_everyone())
def invitation_page(request: AnyRequest, control: Control, caller: Caller, token: FromPath[str]) -> Response[str]:
    """What is offered."""
    return _page(request, control, caller, token, Form(), status=200)


@post("/invitations/{token:str}", sync_to_thread=True, include_in_schema=False, **for_signed_in())
def accept(request: AnyRequest, control: Control, caller: Caller, token: FromPath[str]) -> Response[str]:
    """Join the workspace."""
    user = caller.signed_in()
    joined = accept_invitation(control, token=token, user_id=user.id, user_email=user.email, now=utc_now())
    return redirect(request, f"/w/{joined.id}/overview", flash=f"You are now in {joined.name}.")


@post("/invitations/{token:str}/sign-up", sync_to_thread=True, include_in_schema=False, **for_everyone())
def join_with_new_account(
    request: AnyRequest,
    control: Control,
    caller: Caller,
    settings: NamedDependency[Settings],
    token: FromPath[str],
    data: FormData,
) -> Response[str]:
    """Make an account for the invited address, and join; the mailed link has proven the address."""
    try:
        made = register_invited(control, token=token, name=data.get("name", ""), password=data.get("password", ""))
    except InvalidInput as refusal:
        return _page(request, control, caller, token, refused_form(data, refusal), status=refusal.status)
    cookie = signed_in_cookie(request, control, settings, user_id=made.user.id)
    flash = f"You are now in {made.workspace.name}."
    return redirect(request, f"/w/{made.workspace.id}/overview", flash=flash, cookies=[cookie])


def _page(
    request: AnyRequest, control: ScopedSession, caller: Principal, token: str, form: Form, *, status: int
) -> Response[str]:
    invitation = invitation_by_token(control, token=token, now=utc_now())
    workspace = workspace_by_id(control, invitation.workspace_id)
    page = InvitationPage(
        token=token,
        workspace_name=workspace.name,
        email=invitation.email,
        role=invitation.role,
        has_account=user_by_email(control, invitation.email) is not None,
        is_for_caller=caller.user is not None and caller.user.email.lower() == invitation.email.lower(),
        form=form,
    )
    return render(request, "identity/invitation.html", page, status=status)


HANDLERS: list[BaseRouteHandler] = [invitation_page, accept, join_with_new_account]
