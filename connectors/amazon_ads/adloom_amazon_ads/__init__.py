"""Amazon Ads: sponsored campaigns and below, daily numbers, pause, enable and budgets."""

from adloom_amazon_ads.connector import AmazonAds
from adloom_sdk import Connector, hookimpl


@hookimpl
def adloom_connectors() -> list[type[Connector]]:
    """The connectors of this distribution."""
    return [AmazonAds]
