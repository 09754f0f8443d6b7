"""Proving an address and setting a new password: both go on by a link in a mail."""

from dataclasses import dataclass

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromQuery

from kit.db import ScopedSession
from kit.errors import InvalidInput
from kit.web.access import for_everyone, for_signed_in
from kit.web.forms import Form, refused_form
from kit.web.network import network_address
from kit.web.pages import AnyRequest, redirect, render
from tenants.identity.errors import LinkExpired
from tenants.identity.pages.browser import FormData
from tenants.identity.pages.message import check_your_mail, link_is_over
from tenants.identity.service import ask_for_password_reset, resend_verification, reset_password, verify_email
from tenants.workspaces.principal import Principal


@dataclass(frozen=True)
class FormPage:
    """A page around one form."""

    form: Form


@dataclass(frozen=True)
class LinkPage:
    """A form that belongs to a mailed link."""

    form: Form
    token: str


@get("/verify-email", sync_to_thread=False, include_in_schema=False, **for_everyone())
def verify_form(request: AnyRequest, token: FromQuery[str] = "") -> Response[str]:
    """A button, because mail scanners open links: only a person's press proves anything."""
    return render(request, "identity/verify_email.html", LinkPage(Form(), token))


@post("/verify-email", sync_to_thread=True, include_in_schema=False, **for_everyone())
def verify(request: AnyRequest, control: NamedDependency[ScopedSession], data: FormData) -> Response[str]:
    """Prove the address."""
    try:
        verify_email(control, token=data.get("token", ""))
    except LinkExpired as refusal:
        text = f"{refusal.detail} Your account page sends a new one."
        return link_is_over(request, text=text, href="/account", label="To your account", status=refusal.status)
    return redirect(request, "/", flash="Your e-mail address is confirmed.")


@post("/verify-email/resend", sync_to_thread=True, include_in_schema=False, **for_signed_in())
def resend(
    request: AnyRequest, control: NamedDependency[ScopedSession], caller: NamedDependency[Principal]
) -> Response[str]:
    """Mail a fresh link."""
    resend_verification(control, user_id=caller.signed_in().id)
    return redirect(request, "/account", flash="A new mail is on its way.")


@get("/password-reset", sync_to_thread=False, include_in_schema=False, **for_everyone())
def reset_form(request: AnyRequest) -> Response[str]:
    """The empty form."""
    return render(request, "identity/password_reset.html", FormPage(Form()))


@post("/password-reset", sync_to_thread=True, include_in_schema=False, **for_everyone())
def ask_reset(request: AnyRequest, control: NamedDependency[ScopedSession], data: FormData) -> Response[str]:
    """Mail a link, if there is such an account; the page is the same either way."""
    ask_for_password_reset(control, email=data.get("email", ""), network_address=network_address(request))
    return check_your_mail(request)


@get("/password-reset/confirm", sync_to_thread=False, include_in_schema=False, **for_everyone())
def confirm_reset_form(request: AnyRequest, token: FromQuery[str] = "") -> Response[str]:
    """The form of a mailed link."""
    return render(request, "identity/password_reset_confirm.html", LinkPage(Form(), token))


@post("/password-reset/confirm", sync_to_thread=True, include_in_schema=False, **for_everyone())
def confirm_reset(request: AnyRequest, control: NamedDependency[ScopedSession], data: FormData) -> Response[str]:
    """Set the new password; a refused one leaves the link usable."""
    token = data.get("token", "")
    try:
        with control.begin_nested():
            reset_password(control, token=token, password=data.get("password", ""))
    except LinkExpired as refusal:
        return link_is_over(
            request, text=refusal.detail, href="/password-reset", label="Ask for a new link", status=refusal.status
        )
    except InvalidInput as refusal:
        page = LinkPage(refused_form(data, refusal), token)
        return render(request, "identity/password_reset_confirm.html", page, status=refusal.status)
    return redirect(request, "/sign-in", flash="Your new password is set. Sign in with it.")


HANDLERS: list[BaseRouteHandler] = [
    verify_form,
    verify,
    resend,
    reset_form,
    ask_reset,
    confirm_reset_form,
    confirm_reset,
]
