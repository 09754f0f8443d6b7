"""Channels, campaigns and what they did day by day: the facts that imports and syncs write and everybody reads; and changing them.

Tables: channels, channel_names, daily_facts, channel_days (roll-up), events, data_versions; campaigns, ad_groups, ads, creatives,
campaign_days, ad_days, revenue_days, exchange_rates; campaign_changes, saved_views. Web: /w/{workspace}/channels, /events
(promotions, stock-outs: `event_*`); API: /api/v1/channels/mapping, calendar/events. Job: campaigns.apply_change. `facts.refresh_rollup` keeps channel_days true after any change of facts or
names. A change: `guardrails.check_change` → `changes.ask_for_change` (row and job) → `changes.apply_change` in a worker, which
reads, compares, writes and reads back → audit row → `changes.ask_for_undo`. Pages with numbers are `app.performance.campaigns`'.
"""
