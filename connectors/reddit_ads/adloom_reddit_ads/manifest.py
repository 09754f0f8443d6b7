"""What the host must know about Reddit Ads before it runs the connector."""

from adloom_sdk import AppSetting, Capability, Level, Manifest, OAuth2, RatePolicy

MANIFEST = Manifest(
    key="reddit_ads",
    title="Reddit Ads",
    channel="reddit_ads",
    summary="Campaigns, ad groups, ads and their daily numbers; pause, enable and daily budgets.",
    version="1.0.0",
    auth=OAuth2(
        authorize_url="https://www.reddit.com/api/v1/authorize",
        token_url="https://www.reddit.com/api/v1/access_token",  # noqa: S106 - an address
        scopes_read=("adsread", "read"),
        scopes_write=("adsedit",),
        authorize_params={"duration": "permanent"},
        client_auth="basic",
        refresh="long",
        lifetime_s=3600,
    ),
    hosts={"api": "https://ads-api.reddit.com", "auth": "https://www.reddit.com"},
    capabilities=(
        Capability.CAMPAIGNS,
        Capability.AD_GROUPS,
        Capability.ADS,
        Capability.CREATIVES,
        Capability.DAILY,
        Capability.DELETED,
        Capability.PAUSE,
        Capability.ENABLE,
        Capability.DAILY_BUDGET,
    ),
    levels=(Level.CAMPAIGN, Level.AD_GROUP, Level.AD),
    app_settings=(
        AppSetting(name="client_id", label="App id", is_secret=False),
        AppSetting(name="client_secret", label="App secret"),
    ),
    api_version_name="v3",
    restatement_days=28,
    max_window_days=30,
    retention_days=730,
    rate=RatePolicy(per_second=1.0, burst=5, concurrency=2, share="app"),
    docs_url="https://ads-api.reddit.com/docs/v3/",
)
