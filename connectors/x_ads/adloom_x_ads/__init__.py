"""X Ads for Adloom: what it can do stands in `manifest`, how vendor data become records in `mapping`."""

from adloom_sdk import Connector, hookimpl
from adloom_x_ads.connector import XAds

__all__ = ["XAds", "adloom_connectors"]


@hookimpl
def adloom_connectors() -> list[type[Connector]]:
    """The connectors of this distribution."""
    return [XAds]
