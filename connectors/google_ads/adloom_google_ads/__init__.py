"""Google Ads for Adloom: what it can do stands in `manifest`, how vendor data become records in `mapping`."""

from adloom_google_ads.connector import GoogleAds
from adloom_sdk import Connector, hookimpl


@hookimpl
def adloom_connectors() -> list[type[Connector]]:
    """The connectors of this distribution."""
    return [GoogleAds]
