"""Connects Adloom to Breadcrumb."""

from adloom_breadcrumb.connector import Breadcrumb
from adloom_sdk import Connector, hookimpl


@hookimpl
def adloom_connectors() -> list[type[Connector]]:
    """The one connector of this distribution."""
    return [Breadcrumb]
