"""LinkedIn Ads (versioned Marketing API) as a connector of Adloom."""

from adloom_linkedin_ads.connector import LinkedInAds
from adloom_sdk import Connector, hookimpl


@hookimpl
def adloom_connectors() -> list[type[Connector]]:
    """The connectors of this distribution."""
    return [LinkedInAds]
