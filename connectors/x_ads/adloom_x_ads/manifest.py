"""What the host must know about X Ads before it runs the connector."""

from adloom_sdk import AppSetting, Capability, Level, Manifest, OAuth1, RatePolicy

MANIFEST = Manifest(
    key="x_ads",
    title="X Ads",
    channel="x_ads",
    summary="Campaigns, line items, promoted posts and their daily numbers; pause, enable and daily budgets.",
    version="1.0.0",
    auth=OAuth1(
        request_token_url="https://api.x.com/oauth/request_token",  # noqa: S106 - an address
        authorize_url="https://api.x.com/oauth/authorize",
        access_token_url="https://api.x.com/oauth/access_token",  # noqa: S106 - an address
    ),
    hosts={"api": "https://ads-api.x.com", "auth": "https://api.x.com"},
    download_hosts=(".twimg.com",),
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
        AppSetting(name="consumer_key", label="Consumer key", is_secret=False),
        AppSetting(name="consumer_secret", label="Consumer secret"),
    ),
    api_version_name="12",
    restatement_days=30,
    # X takes 90 days of 24 hours; days over a change of clocks are longer.
    max_window_days=89,
    retention_days=1095,
    rate=RatePolicy(per_second=2.0, burst=20, concurrency=4),
    docs_url="https://docs.x.com/x-ads-api/introduction",
)
