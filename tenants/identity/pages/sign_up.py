"""The sign-up form."""

from dataclasses import dataclass

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler

from kit.db import ScopedSession
from kit.errors import InvalidInput
from kit.settings import Settings
from kit.web.access import for_everyone
from kit.web.forms import Form, refused_form
from kit.web.network import network_address
from kit.web.pages import AnyRequest, redirect, render
from tenants.identity.errors import AddressTaken
from tenants.identity.pages.browser import FormData, signed_in_cookie
from tenants.identity.pages.message import check_your_mail
from tenants.identity.service import register, remind_of_account
from tenants.workspaces.regions import currencies, timezones


@dataclass(frozen=True)
class SignUpPage:
    """A form for an account and its first workspace."""

    form: Form
    currencies: tuple[tuple[str, str], ...]
    timezones: tuple[tuple[str, str], ...]


def _page(form: Form) -> SignUpPage:
    return SignUpPage(form, currencies(), timezones())


@get("/sign-up", sync_to_thread=False, include_in_schema=False, **for_everyone())
def sign_up_form(request: AnyRequest) -> Response[str]:
    """The empty form."""
    return render(request, "identity/sign_up.html", _page(Form({"timezone": "UTC", "currency": "USD"})))


@post("/sign-up", sync_to_thread=True, include_in_schema=False, **for_everyone())
def sign_up(
    request: AnyRequest, control: NamedDependency[ScopedSession], settings: NamedDependency[Settings], data: FormData
) -> Response[str]:
    """Make the account and go on to the checklist; for a known address, say “check your mail” and mail a reminder."""
    try:
        made = register(
            control,
            settings=settings,
            name=data.get("name", ""),
            email=data.get("email", ""),
            password=data.get("password", ""),
            workspace_name=data.get("workspace_name", ""),
            timezone=data.get("timezone", "UTC"),
            currency=data.get("currency", "USD"),
            network_address=network_address(request),
        )
    except AddressTaken:
        remind_of_account(control, email=data.get("email", ""))
        return check_your_mail(request)
    except InvalidInput as refusal:
        return render(request, "identity/sign_up.html", _page(refused_form(data, refusal)), status=refusal.status)
    cookie = signed_in_cookie(request, control, settings, user_id=made.user.id)
    return redirect(request, f"/w/{made.workspace.id}/start", cookies=[cookie])


HANDLERS: list[BaseRouteHandler] = [sign_up_form, sign_up]
