"""What happened: metrics over channels and days, on the overview page, in exports and through the API.

`catalogue` declares each metric once; `query` turns (metrics, dimensions, filters, window) into SQL over channel_days or
daily_facts; `service.overview` assembles the dashboard from one grouped query. `presenting` words it for the page (with
`charts`, `channel_table`, `wording`), `export` for files (with `export_tables`, `report`). Tables read: channel_days,
daily_facts, channels, data_versions. Web: /w/{workspace}/overview, …/overview/export.csv | .xlsx | .pdf; API:
/api/v1/analytics/dashboard, /api/v1/analytics/query. Jobs and events: none.
`campaigns` below it has the pages and the API of campaigns with their numbers.
"""
