"""Campaigns with their numbers: list, one campaign, platforms beside each other, ranking, plans; and changing them.

The numbers go through the metric catalogue; campaigns themselves, changes, plans and saved views are `app.campaigns`'.
A change from button to platform: `change_pages.ask` → `app.campaigns.changes.ask_for_change` (guardrails, a row, a job) →
worker `campaigns.apply_change` → read, compare, write, read back → audit row. Tables read: campaigns, campaign_days, ads,
ad_days, creatives, ad_accounts, exchange_rates. Web: /w/{workspace}/campaigns…; API: /api/v1/campaigns…, analytics/campaigns,
analytics/platforms.
"""
