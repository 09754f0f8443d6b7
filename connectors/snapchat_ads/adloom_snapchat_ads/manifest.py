"""What Adloom must know of Snapchat Ads before it runs the connector."""

from adloom_sdk import AppSetting, Capability, Level, Manifest, OAuth2, RatePolicy

_LOGIN = "https://accounts.snapchat.com"

MANIFEST = Manifest(
    key="snapchat_ads",
    title="Snapchat Ads",
    channel="snapchat_ads",
    summary="Campaigns, ads and daily numbers of Snapchat ad accounts; pause, enable and daily budgets.",
    version="1.0.0",
    auth=OAuth2(
        authorize_url=f"{_LOGIN}/login/oauth2/authorize",
        token_url=f"{_LOGIN}/login/oauth2/access_token",
        scopes_read=("snapchat-marketing-api",),
        refresh="long",
        lifetime_s=1800,
    ),
    hosts={"api": "https://adsapi.snapchat.com", "login": _LOGIN},
    capabilities=(
        Capability.CAMPAIGNS,
        Capability.AD_GROUPS,
        Capability.ADS,
        Capability.CREATIVES,
        Capability.DAILY,
        Capability.DELETED,
        Capability.FINALITY,
        Capability.PAUSE,
        Capability.ENABLE,
        Capability.DAILY_BUDGET,
    ),
    levels=(Level.CAMPAIGN, Level.AD_GROUP, Level.AD),
    app_settings=(
        AppSetting(name="client_id", label="Client ID", is_secret=False),
        AppSetting(name="client_secret", label="Client secret"),
    ),
    api_version_name="v1",
    restatement_days=29,
    max_window_days=30,
    retention_days=1095,
    rate=RatePolicy(per_second=10.0, burst=20, concurrency=4, share="app"),
    min_daily_budget_micros={"USD": 20_000_000},
    docs_url="https://developers.snap.com/api/marketing-api/Ads-API",
)
