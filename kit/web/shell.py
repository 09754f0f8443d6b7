"""What the frame around every page shows: navigation, workspace, person, theme, messages. Types only; the app fills them."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from kit.web.assets import Assets, current_assets

Theme = Literal["auto", "light", "dark"]
THEME_COOKIE = "adloom_theme"


@dataclass(frozen=True)
class NavItem:
    """One entry of the navigation; `icon` is a Lucide name listed in `frontend/icons.json`."""

    label: str
    href: str
    icon: str
    is_current: bool = False
    is_locked: bool = False
    key: str = ""  # the letter after `g` that leads here


@dataclass(frozen=True)
class NavSection:
    """Entries under one heading; the first section has none."""

    title: str
    items: tuple[NavItem, ...]


@dataclass(frozen=True)
class WorkspaceLink:
    """A workspace that the person may switch to."""

    id: UUID | str
    name: str
    href: str


@dataclass(frozen=True)
class ShellWorkspace:
    """The workspace that the page is about."""

    id: UUID | str
    name: str
    currency: str
    timezone: str
    plan_name: str
    plan_href: str = ""


@dataclass(frozen=True)
class ShellUser:
    """The person who looks."""

    name: str
    email: str
    initials: str
    account_href: str = ""


@dataclass(frozen=True)
class Flash:
    """A message of the last act; `undo_href` takes a POST that takes the act back."""

    kind: Literal["good", "bad", "warn", "info"]
    message: str
    undo_href: str | None = None


@dataclass(frozen=True)
class Shell:
    """The variable `shell` of every template."""

    nonce: str
    csrf_token: str
    theme: Theme = "auto"
    workspace: ShellWorkspace | None = None
    workspaces: tuple[WorkspaceLink, ...] = ()
    new_workspace_href: str = ""
    user: ShellUser | None = None
    nav: tuple[NavSection, ...] = ()
    flash: tuple[Flash, ...] = ()
    freshness: str = ""  # "Data to 20 Nov 2026"; empty without data
    help_href: str = "/help"
    sign_in_href: str = "/sign-in"
    sign_up_href: str = "/sign-up"
    sign_out_href: str = "/sign-out"
    version: str = ""
    sandbox_url: str = ""
    assets: Assets = field(default_factory=current_assets, repr=False, compare=False)
