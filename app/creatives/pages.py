"""The pages of ads: all that ran of late, worn out ones first, and one with its days."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery

from app.creatives.jobs import ReadCreatives
from app.creatives.presenting import LABELS, AdView, Tile, ad_view, summary, tile
from app.creatives.queries import Filters, ad_history, channels_of_ads, days_of_all, has_ads, one_listed
from app.creatives.reading import together
from app.creatives.service import FoundAds, asked_filters, list_ads
from kit.clock import utc_now
from kit.db import ScopedSession
from kit.errors import NotFound
from kit.format import ago
from kit.jobs import enqueue
from kit.web.access import access
from kit.web.pages import AnyRequest, redirect, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef

PAGE_SIZE = 24
_LONGEST_NUMBER = 19  # digits of a bigint
Tenant = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
_PAGE = "/w/{workspace_id:uuid}/creatives"
_SHOWN: dict[str, Any] = {"sync_to_thread": True, "include_in_schema": False}


@dataclass(frozen=True)
class CreativesPage:
    """The variables of creatives/list.html. `tabs` are (label, address, is the one that is shown)."""

    base: str
    here: str
    has_ads: bool
    was_read: bool
    is_current: bool
    read: str
    summary: str
    tabs: tuple[tuple[str, str, bool], ...]
    channels: tuple[tuple[str, str], ...]
    filters: Filters
    is_narrowed: bool
    tiles: tuple[Tile, ...]
    page: int
    pages: int
    pages_base: str
    may_read: bool


@get(_PAGE, **_SHOWN, **access(Permission.READ_DATA))
def show_creatives(
    request: AnyRequest,
    session: Tenant,
    workspace: Here,
    level: FromQuery[str | None] = None,
    channel: FromQuery[str | None] = None,
    campaign: FromQuery[UUID | None] = None,
    page: FromQuery[int] = 1,
) -> Response[str]:
    """The ads that were shown in the last four weeks, worn out ones first."""
    filters, number = asked_filters(level, channel, campaign), min(max(page, 1), 10_000)
    found = list_ads(session, filters, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    return render(request, "creatives/list.html", _page(session, workspace, filters, found, number))


@get(_PAGE + "/{ad:str}", **_SHOWN, **access(Permission.READ_DATA))
def show_creative(request: AnyRequest, session: Tenant, workspace: Here, ad: FromPath[str]) -> Response[str]:
    """One ad with its days."""
    if not (ad.isascii() and ad.isdecimal() and len(ad) < _LONGEST_NUMBER):
        raise NotFound("There is no such ad.", "Look at the list of ads.")
    return render(request, "creatives/ad.html", _ad(session, workspace, int(ad)))


@post(_PAGE + "/read", **_SHOWN, **access(Permission.RUN_MODELS))
def read_now(request: AnyRequest, session: Tenant, workspace: Here) -> Response[str]:
    """Have the ads read now rather than within the hour."""
    enqueue(session, ReadCreatives(), dedupe_key="creatives.read")
    flash = "Your ads are being read. It takes a few seconds; look again then."
    return redirect(request, f"/w/{workspace.id}/creatives", flash=flash)


def _page(
    session: ScopedSession, workspace: WorkspaceRef, filters: Filters, found: FoundAds, number: int
) -> CreativesPage:
    base = f"/w/{workspace.id}"
    here = f"{base}/creatives"
    return CreativesPage(
        base=base,
        here=here,
        has_ads=has_ads(session),
        was_read=found.read_at is not None,
        is_current=found.is_current,
        read=f"Read {ago(found.read_at, utc_now())}" if found.read_at else "",
        summary=summary(found.counts),
        tabs=_tabs(here, filters, found.counts),
        channels=(("", "All channels"), *channels_of_ads(session)),
        filters=filters,
        is_narrowed=filters != Filters(),
        tiles=tuple(tile(one, base=base) for one in found.rows),
        page=number,
        pages=-(-found.total // PAGE_SIZE),
        pages_base=_address(here, filters, page=""),
        may_read=workspace.allows(Permission.RUN_MODELS),
    )


def _tabs(here: str, filters: Filters, counts: dict[str, int]) -> tuple[tuple[str, str, bool], ...]:
    named = [("", "All", sum(counts.values())), *((key, LABELS[key][0], counts.get(key, 0)) for key in LABELS)]
    return tuple(
        (f"{label} {number}", _address(here, Filters(key, filters.channel, filters.campaign)), key == filters.level)
        for key, label, number in named
    )


def _address(here: str, filters: Filters, **more: str) -> str:
    told = {"level": filters.level, "channel": filters.channel, "campaign": str(filters.campaign or "")}
    asked = urlencode({name: value for name, value in told.items() if value} | more)
    return f"{here}?{asked}" if asked else here


def _ad(session: ScopedSession, workspace: WorkspaceRef, number: int) -> AdView:
    one, history = one_listed(session, number), ad_history(session, number)
    return ad_view(one, history, together(days_of_all(session, one.account.id)), base=f"/w/{workspace.id}")


HANDLERS: list[BaseRouteHandler] = [show_creatives, show_creative, read_now]
