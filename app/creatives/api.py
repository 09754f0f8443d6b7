"""Ads that wear out, for programs."""

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromQuery, QueryParameter

from app.creatives.schemas import AnalysisReply, analysis_reply
from app.creatives.service import asked_filters, list_ads
from app.performance.campaigns.cursors import cursor_after, offset_of
from kit.db import ScopedSession
from kit.web.access import access
from tenants.workspaces.permissions import Permission

PageSize = Annotated[int, QueryParameter(ge=1, le=200)]


@get(
    "/api/v1/recommendations/creative/analysis",
    sync_to_thread=True,
    summary="Ads that wear out",
    **access(Permission.READ_DATA),
)
def read_analysis(
    session: NamedDependency[ScopedSession],
    level: FromQuery[str | None] = None,
    channel: FromQuery[str | None] = None,
    campaign: FromQuery[UUID | None] = None,
    page_size: PageSize = 50,
    cursor: FromQuery[str | None] = None,
) -> AnalysisReply:
    """Every ad shown in the last four weeks against its own first days: worn out (`fatigued`), `tiring`, holding up (`fresh`), or
    `not_enough_data`. `channel` is a channel's key, `campaign` a campaign's id."""
    offset = offset_of(cursor)
    found = list_ads(session, asked_filters(level, channel, campaign), limit=page_size, offset=offset)
    end = offset + len(found.rows)
    return analysis_reply(found, next_cursor=cursor_after(end) if found.rows and end < found.total else None)


HANDLERS: list[BaseRouteHandler] = [read_analysis]
