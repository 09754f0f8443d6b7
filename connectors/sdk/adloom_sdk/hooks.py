"""How connectors are found: pluggy hooks of the project "adloom", registered through the entry point `adloom.connectors`."""

import pluggy

from adloom_sdk.connector import Connector

ENTRY_POINT_GROUP = "adloom.connectors"
hookspec = pluggy.HookspecMarker("adloom")
hookimpl = pluggy.HookimplMarker("adloom")


@hookspec
def adloom_connectors() -> list[type[Connector]]:
    """The connectors of this distribution."""
    raise NotImplementedError  # a specification only: pluggy never calls it
