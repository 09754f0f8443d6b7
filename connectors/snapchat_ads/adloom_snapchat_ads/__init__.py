"""Snapchat Ads (Marketing API v1) as a connector of Adloom."""

from adloom_sdk import Connector, hookimpl
from adloom_snapchat_ads.connector import SnapchatAds


@hookimpl
def adloom_connectors() -> list[type[Connector]]:
    """The connectors of this distribution."""
    return [SnapchatAds]
