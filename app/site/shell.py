"""The frame around every page, filled for one request: who looks, at which workspace, what they may open, in which theme."""

from typing import Literal, get_args

from app.performance.freshness import data_freshness
from billing.plans import Entitlement, Plan, plan_with_code
from kit.settings import Settings
from kit.web.pages import AnyRequest, read_flash
from kit.web.security import csrf_token
from kit.web.shell import (
    THEME_COOKIE,
    Flash,
    NavItem,
    NavSection,
    Shell,
    ShellUser,
    ShellWorkspace,
    Theme,
    WorkspaceLink,
)
from tenants.workspaces.principal import NOBODY, Principal, UserRef, WorkspaceRef

VERSION = "0.1.0"
FlashKind = Literal["good", "bad", "warn", "info"]

# Section → entries: label, address below /w/{id}, icon, key after `g`, what the plan must include.
_NAVIGATION: tuple[tuple[str, tuple[tuple[str, str, str, str, Entitlement | None], ...]], ...] = (
    (
        "",
        (
            ("Overview", "overview", "layout-dashboard", "o", None),
            ("Campaigns", "campaigns", "zap", "m", None),
            ("Unusual days", "anomalies", "triangle-alert", "u", None),
            ("Creatives", "creatives", "eye", "v", None),
            ("Customers", "customers", "user", "p", None),
            ("Imports", "imports", "upload", "i", None),
        ),
    ),
    (
        "Measurement",
        (
            ("Attribution", "attribution", "chart-pie", "a", Entitlement.ATTRIBUTION),
            ("Forecast", "forecast", "trending-up", "f", Entitlement.FORECAST),
            ("Events", "events", "calendar", "l", None),
            ("Budget optimiser", "budget", "sliders-horizontal", "b", Entitlement.OPTIMISER),
            ("Who will buy", "predictions/customers", "chart-line", "w", Entitlement.FORECAST),
            ("Offers", "offers", "wallet", "d", Entitlement.FORECAST),
            ("Experiments", "experiments", "flask-conical", "e", None),
            ("Benchmarks", "benchmarks", "chart-no-axes-combined", "k", None),
            ("Track record", "predictions", "shield-check", "r", Entitlement.FORECAST),
        ),
    ),
    (
        "Workspace",
        (
            ("Connections", "connections", "link", "n", None),
            ("Syncs", "sync", "refresh-cw", "y", None),
            ("Channels", "channels", "tags", "c", None),
            ("Jobs", "jobs", "list-checks", "j", None),
            ("Team", "settings/team", "users", "t", None),
            ("Billing", "billing", "credit-card", "", None),
            ("Settings", "settings", "settings", "s", None),
        ),
    ),
)


def build_shell(request: AnyRequest, *, with_freshness: bool = False) -> Shell:
    """The shell of this request's page; up to when there are data costs one query."""
    settings: Settings = request.app.state.settings
    principal: Principal = request.scope["state"].get("principal", NOBODY)
    workspace, user = principal.workspace, principal.user
    return Shell(
        nonce=request.scope["state"]["nonce"],
        csrf_token=csrf_token(settings, principal.csrf_basis) if principal.csrf_basis else "",
        theme=_theme(request),
        workspace=_shown_workspace(workspace) if workspace else None,
        workspaces=tuple(WorkspaceLink(id_, name, f"/w/{id_}/overview") for id_, name in principal.workspaces),
        new_workspace_href="/workspaces/new" if user else "",
        user=_shown_user(user) if user else None,
        nav=_navigation(request.url.path, workspace) if workspace else (),
        flash=_flash(request),
        freshness=data_freshness(request, principal) if with_freshness and workspace else "",
        version=VERSION,
        sandbox_url=settings.adloom_sandbox_url,
    )


def _theme(request: AnyRequest) -> Theme:
    chosen = request.cookies.get(THEME_COOKIE, "auto")
    return chosen if chosen in get_args(Theme) else "auto"  # type: ignore[return-value]  # just looked up among them


def _shown_workspace(workspace: WorkspaceRef) -> ShellWorkspace:
    plan = plan_with_code(workspace.plan_code)
    return ShellWorkspace(
        id=workspace.id,
        name=workspace.name,
        currency=workspace.currency,
        timezone=workspace.timezone,
        plan_name=plan.name,
        plan_href=f"/w/{workspace.id}/billing",
    )


def _shown_user(user: UserRef) -> ShellUser:
    words = user.name.split() or [user.email]
    initials = "".join(word[0] for word in (words[0], words[-1])[: min(2, len(words))]).upper()
    return ShellUser(name=user.name, email=user.email, initials=initials, account_href="/account")


def _navigation(path: str, workspace: WorkspaceRef) -> tuple[NavSection, ...]:
    plan = plan_with_code(workspace.plan_code)
    base = f"/w/{workspace.id}/"
    current = _current(path.removeprefix(base))
    return tuple(
        NavSection(title, tuple(_item(base, entry, current=current, plan=plan) for entry in entries))
        for title, entries in _NAVIGATION
    )


def _item(base: str, entry: tuple[str, str, str, str, Entitlement | None], *, current: str, plan: Plan) -> NavItem:
    label, address, icon, key, entitlement = entry
    locked = entitlement is not None and not plan.includes(entitlement)
    return NavItem(label, base + address, icon, is_current=address == current, is_locked=locked, key=key)


def _current(address: str) -> str:
    """The longest entry that the address lies under, so that `settings/team` does not light `settings` as well."""
    known = [entry[1] for _, entries in _NAVIGATION for entry in entries]
    under = [entry for entry in known if address == entry or address.startswith(entry + "/")]
    return max(under, key=len, default="")


def _flash(request: AnyRequest) -> tuple[Flash, ...]:
    read = read_flash(request)
    if read is None:
        return ()
    kind, message = read
    known: FlashKind = kind if kind in get_args(FlashKind) else "info"  # type: ignore[assignment]  # just looked up
    return (Flash(known, message),)
