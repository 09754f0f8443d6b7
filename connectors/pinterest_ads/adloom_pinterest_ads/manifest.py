"""What the host must know about Pinterest Ads before it runs the connector."""

from adloom_sdk import AppSetting, Capability, Level, Manifest, OAuth2, RatePolicy

MANIFEST = Manifest(
    key="pinterest_ads",
    title="Pinterest Ads",
    channel="pinterest_ads",
    summary="Campaigns, ad groups, ads and their daily numbers; pause, enable and daily budgets.",
    version="1.0.0",
    auth=OAuth2(
        authorize_url="https://www.pinterest.com/oauth/",
        token_url="https://api.pinterest.com/v5/oauth/token",  # noqa: S106 - an address
        scopes_read=("ads:read", "user_accounts:read"),
        scopes_write=("ads:write",),
        scope_separator=",",
        client_auth="basic",
        refresh="rotating",
        lifetime_s=30 * 86_400,
    ),
    hosts={"api": "https://api.pinterest.com"},
    download_hosts=(".amazonaws.com", ".pinterest.com", ".pinimg.com"),
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
        AppSetting(name="client_secret", label="App secret key"),
    ),
    api_version_name="v5",
    restatement_days=30,
    max_window_days=90,
    retention_days=914,
    rate=RatePolicy(per_second=5.0, burst=10, concurrency=4, share="app"),
    docs_url="https://developers.pinterest.com/docs/api/v5/",
)
