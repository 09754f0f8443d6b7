"""What the host must know about Google Ads before it runs the connector."""

from datetime import date

from adloom_sdk import AppSetting, Capability, ConfigField, Level, Manifest, OAuth2, RatePolicy

SCOPE = "https://www.googleapis.com/auth/adwords"

MANIFEST = Manifest(
    key="google_ads",
    title="Google Ads",
    channel="google_ads",
    summary="Search, Shopping, Performance Max, Display and YouTube: campaigns, ad groups, ads and their daily numbers; "
    "pause, enable and daily budgets.",
    version="1.0.0",
    auth=OAuth2(
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
        scopes_read=(SCOPE,),
        scopes_write=(SCOPE,),
        authorize_params={"access_type": "offline", "prompt": "consent"},
        app_headers={"developer-token": "developer_token"},
        refresh="long",
        lifetime_s=3600,
    ),
    hosts={
        "api": "https://googleads.googleapis.com",
        "token": "https://oauth2.googleapis.com",
        "consent": "https://accounts.google.com",
    },
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
        Capability.DRY_RUN,
    ),
    levels=(Level.CAMPAIGN, Level.AD_GROUP, Level.AD),
    config=(
        ConfigField(
            name="login_customer_id",
            label="Manager account",
            help="Only where you reach your accounts through one certain manager account: its number, as 123-456-7890.",
            pattern=r"\d{3}-?\d{3}-?\d{4}",
            is_required=False,
        ),
    ),
    app_settings=(
        AppSetting(name="client_id", label="Client id", is_secret=False),
        AppSetting(name="client_secret", label="Client secret"),
        AppSetting(name="developer_token", label="Developer token"),
    ),
    api_version_name="v26",
    sunset_on=date(2027, 11, 1),
    restatement_days=30,
    max_window_days=90,
    retention_days=1095,
    rate=RatePolicy(per_second=10.0, burst=20, concurrency=4),
    docs_url="https://developers.google.com/google-ads/api/docs/start",
)
