"""What the host must know about Shopify before it runs the connector."""

from datetime import date

from adloom_sdk import AppSetting, Capability, ConfigField, Manifest, OAuth2, RatePolicy

# Without the scope read_all_orders, Shopify shows this many days and leaves the rest out without a word.
DAYS_WITHOUT_ALL_ORDERS = 60

MANIFEST = Manifest(
    key="shopify",
    title="Shopify",
    channel="",
    summary="What your shop sold each day, net of refunds, and where the orders came from.",
    version="1.0.0",
    auth=OAuth2(
        authorize_url="https://{shop}.myshopify.com/admin/oauth/authorize",
        token_url="https://{shop}.myshopify.com/admin/oauth/access_token",  # noqa: S106 - an address
        scopes_read=("read_orders", "read_all_orders"),
        scope_separator=",",
        token_params={"expiring": "1"},
        token_header=("X-Shopify-Access-Token", "{token}"),
        refresh="rotating",
        callback_signature_name="hmac",
    ),
    hosts={"api": "https://{shop}.myshopify.com"},
    capabilities=(Capability.REVENUE,),
    levels=(),
    config=(
        ConfigField(
            name="shop",
            label="Shop name",
            help="What stands before .myshopify.com in your shop's address.",
            pattern="[a-z0-9][a-z0-9-]*",
        ),
    ),
    app_settings=(
        AppSetting(name="client_id", label="Client ID", is_secret=False),
        AppSetting(name="client_secret", label="Client secret"),
    ),
    api_version_name="2026-07",
    sunset_on=date(2027, 7, 1),
    restatement_days=60,
    max_window_days=30,
    retention_days=1095,
    rate=RatePolicy(per_second=2.0, burst=4, concurrency=2),
    docs_url="https://shopify.dev/docs/api/admin-graphql",
)
