"""What Adloom must know of LinkedIn Ads before it runs the connector."""

from datetime import date

from adloom_sdk import AppSetting, Capability, Level, Manifest, OAuth2, RatePolicy

_LOGIN = "https://www.linkedin.com"

MANIFEST = Manifest(
    key="linkedin_ads",
    title="LinkedIn Ads",
    channel="linkedin_ads",
    summary="Campaigns, creatives and daily numbers of LinkedIn ad accounts; pause, enable and daily budgets.",
    version="1.0.0",
    auth=OAuth2(
        authorize_url=f"{_LOGIN}/oauth/v2/authorization",
        token_url=f"{_LOGIN}/oauth/v2/accessToken",
        scopes_read=("r_ads", "r_ads_reporting"),
        scopes_write=("rw_ads",),
        refresh="long",
        lifetime_s=60 * 86_400,
    ),
    hosts={"api": "https://api.linkedin.com", "login": _LOGIN},
    capabilities=(
        Capability.CAMPAIGNS,
        Capability.ADS,
        Capability.CREATIVES,
        Capability.DAILY,
        Capability.DELETED,
        Capability.PAUSE,
        Capability.ENABLE,
        Capability.DAILY_BUDGET,
    ),
    levels=(Level.CAMPAIGN, Level.AD),
    app_settings=(
        AppSetting(name="client_id", label="Client ID", is_secret=False),
        AppSetting(name="client_secret", label="Client secret"),
    ),
    api_version_name="202609",
    sunset_on=date(2027, 9, 15),
    restatement_days=30,
    max_window_days=30,
    retention_days=730,
    rate=RatePolicy(per_second=4.0, burst=10, concurrency=4, share="app"),
    min_daily_budget_micros={"USD": 10_000_000, "EUR": 10_000_000},
    docs_url="https://learn.microsoft.com/linkedin/marketing/",
)
