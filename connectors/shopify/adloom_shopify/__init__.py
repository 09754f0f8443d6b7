"""Shopify as a source of revenue: orders per day and source, net of refunds."""

from adloom_sdk import Connector, hookimpl
from adloom_shopify.connector import Shopify


@hookimpl
def adloom_connectors() -> list[type[Connector]]:
    """The connectors of this distribution."""
    return [Shopify]
