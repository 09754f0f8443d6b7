"""Microsoft Advertising: campaigns and below, daily numbers, pause, enable and budgets."""

from adloom_microsoft_ads.connector import MicrosoftAds
from adloom_sdk import Connector, hookimpl


@hookimpl
def adloom_connectors() -> list[type[Connector]]:
    """The connectors of this distribution."""
    return [MicrosoftAds]
