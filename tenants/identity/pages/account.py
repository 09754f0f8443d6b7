"""A person's own account: name, password, and the browsers that are signed in."""

from dataclasses import dataclass
from datetime import datetime

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath

from kit.clock import utc_now
from kit.db import ScopedSession
from kit.errors import InvalidInput
from kit.web.access import for_signed_in
from kit.web.forms import Form, refused_form
from kit.web.pages import AnyRequest, redirect, render
from kit.web.security import hash_token
from tenants.identity.devices import device_name
from tenants.identity.models import WebSession
from tenants.identity.pages.browser import FormData
from tenants.identity.service import change_password, rename_user
from tenants.identity.sessions import close_all_sessions, close_session_of, sessions_of
from tenants.workspaces.principal import Principal

Control = NamedDependency[ScopedSession]
Caller = NamedDependency[Principal]


@dataclass(frozen=True)
class Device:
    """A signed-in browser; `id` is the hash of its token, which opens nothing."""

    id: str
    name: str
    address: str
    last_seen_at: datetime
    is_this_one: bool


@dataclass(frozen=True)
class AccountPage:
    """The person's own account."""

    name_form: Form
    password_form: Form
    devices: list[Device]
    is_verified: bool


@get("/account", sync_to_thread=True, include_in_schema=False, **for_signed_in())
def account(request: AnyRequest, control: Control, caller: Caller) -> Response[str]:
    """Name, password, devices."""
    return _account(request, control, caller)


@post("/account/name", sync_to_thread=True, include_in_schema=False, **for_signed_in())
def rename(request: AnyRequest, control: Control, caller: Caller, data: FormData) -> Response[str]:
    """Change the name."""
    try:
        rename_user(control, user_id=caller.signed_in().id, name=data.get("name", ""))
    except InvalidInput as refusal:
        return _account(request, control, caller, name_form=refused_form(data, refusal))
    return redirect(request, "/account", flash="Your name is changed.")


@post("/account/password", sync_to_thread=True, include_in_schema=False, **for_signed_in())
def new_password(request: AnyRequest, control: Control, caller: Caller, data: FormData) -> Response[str]:
    """Change the password; other browsers are signed out."""
    try:
        change_password(
            control,
            user_id=caller.signed_in().id,
            current=data.get("current_password", ""),
            new=data.get("password", ""),
            kept_session=caller.csrf_basis,
        )
    except InvalidInput as refusal:
        return _account(request, control, caller, password_form=refused_form(data, refusal))
    return redirect(request, "/account", flash="Your password is changed. Other browsers were signed out.")


@post("/account/devices/sign-out", sync_to_thread=True, include_in_schema=False, **for_signed_in())
def sign_out_elsewhere(request: AnyRequest, control: Control, caller: Caller) -> Response[str]:
    """Sign every other browser out."""
    close_all_sessions(control, user_id=caller.signed_in().id, except_token=caller.csrf_basis)
    return redirect(request, "/account", flash="All other browsers are signed out.")


@post("/account/devices/{device_id:str}/sign-out", sync_to_thread=True, include_in_schema=False, **for_signed_in())
def sign_out_device(request: AnyRequest, control: Control, caller: Caller, device_id: FromPath[str]) -> Response[str]:
    """Sign one browser out."""
    try:
        token_hash = bytes.fromhex(device_id)
    except ValueError:
        token_hash = b""
    close_session_of(control, user_id=caller.signed_in().id, token_hash=token_hash)
    return redirect(request, "/account", flash="That browser is signed out.")


def _account(
    request: AnyRequest,
    control: ScopedSession,
    caller: Principal,
    *,
    name_form: Form | None = None,
    password_form: Form | None = None,
) -> Response[str]:
    user = caller.signed_in()
    own_hash = hash_token(caller.csrf_basis or "")
    page = AccountPage(
        name_form=name_form or Form({"name": user.name}),
        password_form=password_form or Form(),
        devices=[_device(row, own_hash) for row in sessions_of(control, user_id=user.id, now=utc_now())],
        is_verified=user.is_verified,
    )
    refused = name_form is not None or password_form is not None
    return render(request, "identity/account.html", page, status=422 if refused else 200)


def _device(row: WebSession, own_hash: bytes) -> Device:
    return Device(
        id=row.token_hash.hex(),
        name=device_name(row.user_agent),
        address=row.address,
        last_seen_at=row.last_seen_at,
        is_this_one=row.token_hash == own_hash,
    )


HANDLERS: list[BaseRouteHandler] = [
    account,
    rename,
    new_password,
    sign_out_elsewhere,
    sign_out_device,
]
