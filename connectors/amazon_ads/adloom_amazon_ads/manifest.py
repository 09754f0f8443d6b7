"""What the host must know about Amazon Ads before it runs the connector."""

from adloom_sdk import AppSetting, Capability, Level, Manifest, OAuth2, RatePolicy

SCOPE = "advertising::campaign_management"

MANIFEST = Manifest(
    key="amazon_ads",
    title="Amazon Ads",
    channel="amazon_ads",
    summary="Sponsored Products, Brands and Display: daily numbers, pause, enable and budgets.",
    version="1.0.0",
    auth=OAuth2(
        authorize_url="https://www.amazon.com/ap/oa",
        token_url="https://api.amazon.com/auth/o2/token",  # noqa: S106 - an address
        scopes_read=(SCOPE,),
        scopes_write=(SCOPE,),
        app_headers={"Amazon-Advertising-API-ClientId": "client_id"},
        lifetime_s=3600,
    ),
    hosts={
        "api": "https://advertising-api.amazon.com",
        "eu": "https://advertising-api-eu.amazon.com",
        "fe": "https://advertising-api-fe.amazon.com",
        "login": "https://api.amazon.com",
    },
    download_hosts=(".amazonaws.com",),
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
        AppSetting(name="client_id", label="Client ID", is_secret=False),
        AppSetting(name="client_secret", label="Client secret"),
    ),
    restatement_days=60,
    max_window_days=31,
    retention_days=95,
    rate=RatePolicy(per_second=2.0, burst=5, concurrency=2),
    docs_url="https://advertising.amazon.com/API/docs",
)
