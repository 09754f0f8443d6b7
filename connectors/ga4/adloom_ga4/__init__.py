"""Google Analytics 4 as a source of revenue: per day and source."""

from adloom_ga4.connector import GoogleAnalytics
from adloom_sdk import Connector, hookimpl


@hookimpl
def adloom_connectors() -> list[type[Connector]]:
    """The connectors of this distribution."""
    return [GoogleAnalytics]
