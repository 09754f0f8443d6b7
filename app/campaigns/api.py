"""The channel map for programs."""

from litestar import get, put
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody

from app.campaigns.queries import all_channels, known_names
from app.campaigns.schemas import MappingReply, MappingRequest, NameReply
from app.campaigns.service import change_meanings
from billing.plans import Plan
from kit.db import ScopedSession
from kit.web.access import access
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal

Tenant = NamedDependency[ScopedSession]


@get("/api/v1/channels/mapping", sync_to_thread=True, summary="Channel map", **access(Permission.READ_DATA))
def read_mapping(session: Tenant) -> MappingReply:
    """Every name that a file has used for a channel, and what it means."""
    return mapping_reply(session)


@put(
    "/api/v1/channels/mapping",
    sync_to_thread=True,
    summary="Change the channel map",
    **access(Permission.MANAGE_CHANNELS),
)
def change_mapping(
    session: Tenant, plan: NamedDependency[Plan], caller: NamedDependency[Principal], data: JSONBody[MappingRequest]
) -> MappingReply:
    """Say what names mean, from now on and for everything stored already. Names that are not given stay as they are."""
    moved = change_meanings(session, changes=data.names, plan=plan, user=caller.signed_in())
    return mapping_reply(session, rows_moved=moved)


def mapping_reply(session: ScopedSession, *, rows_moved: int = 0) -> MappingReply:
    """The whole map."""
    return MappingReply(
        names=[
            NameReply(known.source_name, known.channel_key, known.channel_name, known.is_custom, known.rows)
            for known in known_names(session)
        ],
        channels={channel.key: channel.name for channel in all_channels(session)},
        rows_moved=rows_moved,
    )


HANDLERS: list[BaseRouteHandler] = [read_mapping, change_mapping]
