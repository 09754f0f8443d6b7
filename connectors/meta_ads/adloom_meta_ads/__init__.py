"""Meta Ads for Adloom: what it can do stands in `manifest`, how vendor data become records in `mapping`."""

from adloom_meta_ads.connector import MetaAds
from adloom_sdk import Connector, hookimpl


@hookimpl
def adloom_connectors() -> list[type[Connector]]:
    """The connectors of this distribution."""
    return [MetaAds]
