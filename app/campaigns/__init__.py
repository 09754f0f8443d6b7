"""Channels and what they did day by day: the reference data and facts that imports (and later syncs) write and everybody reads.

Tables: channels, channel_names, daily_facts, channel_days (roll-up), events, data_versions. Web: /w/{workspace}/channels;
API: /api/v1/channels/mapping. `facts.refresh_rollup` keeps channel_days true after any change of facts or names.
"""
