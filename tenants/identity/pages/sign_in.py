"""Signing in and out."""

from dataclasses import dataclass

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromQuery

from kit.db import ScopedSession
from kit.errors import AdloomError, TooManyRequests
from kit.settings import Settings
from kit.web.access import for_everyone
from kit.web.forms import Form, refused_form
from kit.web.network import network_address
from kit.web.pages import AnyRequest, redirect, render
from kit.web.security import SESSION_COOKIE
from tenants.identity.errors import WrongCredentials
from tenants.identity.pages.browser import FormData, own_path, signed_in_cookie
from tenants.identity.sessions import close_session
from tenants.identity.signing_in import sign_in
from tenants.workspaces.principal import Principal


@dataclass(frozen=True)
class SignInPage:
    """Signing in, and where to go afterwards."""

    form: Form
    next_path: str


@get("/sign-in", sync_to_thread=False, include_in_schema=False, **for_everyone())
def sign_in_form(request: AnyRequest, caller: NamedDependency[Principal], next: FromQuery[str] = "") -> Response[str]:
    """The empty form; whoever is signed in goes on at once."""
    if caller.user is not None:
        return redirect(request, own_path(next) or "/")
    return render(request, "identity/sign_in.html", SignInPage(Form(), own_path(next)))


@post("/sign-in", sync_to_thread=True, include_in_schema=False, **for_everyone())
def sign_in_with_password(
    request: AnyRequest, control: NamedDependency[ScopedSession], settings: NamedDependency[Settings], data: FormData
) -> Response[str]:
    """Sign the browser in, under a new session."""
    next_path = own_path(data.get("next", ""))
    try:
        user = sign_in(
            control,
            email=data.get("email", ""),
            password=data.get("password", ""),
            network_address=network_address(request),
        )
    except (WrongCredentials, TooManyRequests) as refusal:
        return _refused(request, data, refusal, next_path)
    cookie = signed_in_cookie(request, control, settings, user_id=user.id)
    return redirect(request, next_path or "/", cookies=[cookie])


@post("/sign-out", sync_to_thread=True, include_in_schema=False, **for_everyone())
def sign_out(
    request: AnyRequest, control: NamedDependency[ScopedSession], settings: NamedDependency[Settings]
) -> Response[str]:
    """Sign the browser out."""
    name = SESSION_COOKIE.spelled(settings)
    if token := request.cookies.get(name):
        close_session(control, token=token)
    response = redirect(request, "/sign-in", flash="You are signed out.")
    response.set_cookie(name, "", max_age=0, path="/", secure=settings.is_secure, httponly=True, samesite="lax")
    return response


def _refused(request: AnyRequest, data: dict[str, str], refusal: AdloomError, next_path: str) -> Response[str]:
    headers = {"retry-after": str(refusal.retry_after_s)} if isinstance(refusal, TooManyRequests) else {}
    page = SignInPage(refused_form(data, refusal), next_path)
    return render(request, "identity/sign_in.html", page, status=refusal.status, headers=headers)


HANDLERS: list[BaseRouteHandler] = [sign_in_form, sign_in_with_password, sign_out]
