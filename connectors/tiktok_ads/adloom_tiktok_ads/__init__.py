"""TikTok Ads (API for Business v1.3) as a connector of Adloom."""

from adloom_sdk import Connector, hookimpl
from adloom_tiktok_ads.connector import TikTokAds


@hookimpl
def adloom_connectors() -> list[type[Connector]]:
    """The connectors of this distribution."""
    return [TikTokAds]
