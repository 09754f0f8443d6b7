"""Pinterest Ads for Adloom: what it can do stands in `manifest`, how vendor data become records in `mapping`."""

from adloom_pinterest_ads.connector import PinterestAds
from adloom_sdk import Connector, hookimpl

__all__ = ["PinterestAds", "adloom_connectors"]


@hookimpl
def adloom_connectors() -> list[type[Connector]]:
    """The connectors of this distribution."""
    return [PinterestAds]
