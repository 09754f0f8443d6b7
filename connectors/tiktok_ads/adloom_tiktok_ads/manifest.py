"""What Adloom must know of TikTok Ads before it runs the connector."""

from adloom_sdk import AppSetting, Capability, Level, Manifest, OAuth2, RatePolicy

_ORIGIN = "https://business-api.tiktok.com"

MANIFEST = Manifest(
    key="tiktok_ads",
    title="TikTok Ads",
    channel="tiktok_ads",
    summary="Campaigns, ads and daily numbers of TikTok ad accounts; pause, enable and daily budgets.",
    version="1.0.0",
    auth=OAuth2(
        authorize_url=f"{_ORIGIN}/portal/auth",
        token_url=f"{_ORIGIN}/open_api/v1.3/oauth2/access_token/",
        client_id_name="app_id",
        client_secret_name="secret",  # noqa: S106 - a parameter's name
        code_name="auth_code",
        returned_code_name="auth_code",
        sends_fields_as="json",
        token_envelope="data",  # noqa: S106 - where the token lies in the reply
        token_header=("Access-Token", "{token}"),
        refresh="none",
    ),
    hosts={"api": _ORIGIN},
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
        AppSetting(name="client_id", label="App ID", is_secret=False),
        AppSetting(name="client_secret", label="App secret"),
    ),
    api_version_name="v1.3",
    restatement_days=28,
    max_window_days=30,
    retention_days=1095,
    rate=RatePolicy(per_second=9.0, burst=9, concurrency=4, share="app"),
    min_daily_budget_micros={"USD": 50_000_000, "EUR": 50_000_000},
    docs_url="https://business-api.tiktok.com/portal/docs",
)
