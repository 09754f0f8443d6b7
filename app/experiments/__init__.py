"""Experiments: reading a test of versions, planning and splitting one, what a pause of a channel or a change by region did; answered at once, nothing is kept.

Tables, jobs, events: none. Web: /w/{workspace}/experiments; API: /api/v1/experiments/read, /plan,
/split, /pause, /regions.
Path: pages (what was typed: `forms`)|api → service (numbers from ml/experiments, the history from app/mix) → views → templates.
"""
