"""What the connector tells of itself."""

from adloom_sdk import ApiKey, Capability, Level, Manifest, RatePolicy

MANIFEST = Manifest(
    key="breadcrumb",
    title="Breadcrumb",
    channel="breadcrumb",
    summary="Campaigns, ads and daily numbers of Breadcrumb; pauses and budgets can be written back.",
    version="1.0.0",
    auth=ApiKey(token_header=("X-Breadcrumb-Key", "{token}"), where="In Breadcrumb under Account, API key."),
    hosts={"api": "https://api.breadcrumb.example"},
    capabilities=(
        Capability.CAMPAIGNS,
        Capability.ADS,
        Capability.DAILY,
        Capability.DELETED,
        Capability.PAUSE,
        Capability.ENABLE,
        Capability.DAILY_BUDGET,
    ),
    levels=(Level.CAMPAIGN, Level.AD),
    api_version_name="2",
    restatement_days=21,
    max_window_days=14,
    retention_days=730,
    rate=RatePolicy(per_second=4, burst=8, concurrency=2),
)
