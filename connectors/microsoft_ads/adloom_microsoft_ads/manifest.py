"""What the host must know about Microsoft Advertising before it runs the connector."""

from adloom_sdk import AppSetting, Capability, Level, Manifest, OAuth2, RatePolicy

SCOPE = "https://ads.microsoft.com/msads.manage"

MANIFEST = Manifest(
    key="microsoft_ads",
    title="Microsoft Advertising",
    channel="microsoft_ads",
    summary="Campaigns on Bing and Microsoft's network: daily numbers, pause, enable and budgets.",
    version="1.0.0",
    auth=OAuth2(
        authorize_url="https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        token_url="https://login.microsoftonline.com/common/oauth2/v2.0/token",  # noqa: S106 - an address
        scopes_read=(SCOPE, "offline_access"),
        scopes_write=(SCOPE, "offline_access"),
        authorize_params={"response_mode": "query"},
        app_headers={"DeveloperToken": "developer_token"},
        refresh="rotating",
        lifetime_s=3600,
    ),
    hosts={
        "api": "https://campaign.api.bingads.microsoft.com",
        "reporting": "https://reporting.api.bingads.microsoft.com",
        "customers": "https://clientcenter.api.bingads.microsoft.com",
        "login": "https://login.microsoftonline.com",
    },
    download_hosts=(".blob.core.windows.net", ".api.bingads.microsoft.com"),
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
        AppSetting(name="client_id", label="Application (client) ID", is_secret=False),
        AppSetting(name="client_secret", label="Client secret"),
        AppSetting(name="developer_token", label="Developer token"),
    ),
    api_version_name="v13",
    restatement_days=35,
    max_window_days=31,
    retention_days=1095,
    rate=RatePolicy(per_second=4.0, burst=8, concurrency=3),
    docs_url="https://learn.microsoft.com/advertising/guides/",
)
