"""What the host must know about Meta Ads before it runs the connector."""

from datetime import date

from adloom_sdk import AppSetting, Capability, Level, Manifest, OAuth2, RatePolicy

VERSION = "v26.0"

MANIFEST = Manifest(
    key="meta_ads",
    title="Meta Ads",
    channel="facebook_ads",
    summary="Facebook and Instagram: campaigns, ad sets, ads and their daily numbers; pause, enable and daily budgets.",
    version="1.0.0",
    auth=OAuth2(
        authorize_url=f"https://www.facebook.com/{VERSION}/dialog/oauth",
        token_url=f"https://graph.facebook.com/{VERSION}/oauth/access_token",
        exchange_url=f"https://graph.facebook.com/{VERSION}/oauth/access_token",
        scopes_read=("ads_read", "business_management"),
        scopes_write=("ads_management",),
        scope_separator=",",
        sends_fields_as="query",
        refresh="none",
        lifetime_s=60 * 86_400,
    ),
    hosts={"api": "https://graph.facebook.com", "dialog": "https://www.facebook.com"},
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
    api_version_name=VERSION,
    # v26.0 came on 29 July 2026. Meta has not told its last day yet; versions of the Marketing API live for a year at least.
    sunset_on=date(2027, 7, 29),
    restatement_days=28,
    max_window_days=90,
    retention_days=1123,
    rate=RatePolicy(per_second=20.0, burst=40, concurrency=8),
    docs_url="https://developers.facebook.com/docs/marketing-apis",
)
