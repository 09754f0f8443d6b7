"""What happened: metrics over channels and days, on the overview page, in exports and through the API.

`catalogue` declares each metric once; `query` turns (metrics, dimensions, filters, window) into SQL over channel_days or
daily_facts; `service.overview` assembles the dashboard from one grouped query. Tables read: channel_days, daily_facts,
channels. Web: /w/{workspace}/overview; API: /api/v1/analytics/dashboard, /api/v1/analytics/query. Events: none.
"""
