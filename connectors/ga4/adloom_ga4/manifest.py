"""What the host must know about Google Analytics before it runs the connector."""

from adloom_sdk import AppSetting, Capability, Manifest, OAuth2, RatePolicy

SCOPE = "https://www.googleapis.com/auth/analytics.readonly"

MANIFEST = Manifest(
    key="ga4",
    title="Google Analytics 4",
    channel="",
    summary="Revenue, orders and sessions of your site each day, and where they came from.",
    version="1.0.0",
    auth=OAuth2(
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
        scopes_read=(SCOPE,),
        authorize_params={"access_type": "offline", "prompt": "consent"},
        lifetime_s=3600,
    ),
    hosts={
        "api": "https://analyticsdata.googleapis.com",
        "admin": "https://analyticsadmin.googleapis.com",
        "login": "https://oauth2.googleapis.com",
    },
    capabilities=(Capability.REVENUE,),
    levels=(),
    app_settings=(
        AppSetting(name="client_id", label="Client ID", is_secret=False),
        AppSetting(name="client_secret", label="Client secret"),
    ),
    api_version_name="v1beta",
    restatement_days=14,
    max_window_days=30,
    retention_days=1095,
    rate=RatePolicy(per_second=5.0, burst=10, concurrency=4),
    docs_url="https://developers.google.com/analytics/devguides/reporting/data/v1",
)
