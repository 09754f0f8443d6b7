"""What happened: metrics over channels and days, on the overview page, in exports and through the API.

`catalogue` declares each metric once; `query` turns (metrics, dimensions, filters, window) into SQL over channel_days or
daily_facts; `service.overview` assembles the dashboard from one grouped query. `presenting` words it for the page (with
`charts`, `channel_table`, `wording`), `export` for files (with `export_tables`, `report`). Tables read: channel_days,
daily_facts, channels, data_versions. Web: /w/{workspace}/overview, …/overview/export.csv | .xlsx | .pdf; API:
/api/v1/analytics/dashboard, /api/v1/analytics/query.
Unusual days: `anomaly_finding.look_for_anomalies` (job performance.find_anomalies, each morning and after data came in) reads facts
(`anomaly_queries`), lays metrics out (`anomaly_metrics`), has ml.anomalies judge them, splits changes (`anomaly_causes`) and keeps
rows; `anomaly_list` filters them for API, page and overview. Tables: anomalies, anomaly_readings. Web: /w/{workspace}/anomalies; API:
/api/v1/analytics/anomalies. Benchmarks: `norm_comparing` sets own values beside ml.norms. Web: /w/{workspace}/benchmarks; API:
/api/v1/analytics/benchmarks. Jobs: performance.plan_anomalies, performance.find_anomalies. Events: none.
`campaigns` below it has the pages and the API of campaigns with their numbers.
"""
