"""Experiments: reading a test of versions, planning one, and what a pause of a channel cost; answered at once, nothing is kept.

Tables, jobs, events: none. Web: /w/{workspace}/experiments; API: /api/v1/experiments/read, /plan, /pause.
Path: pages (what was typed: `forms`)|api → service (numbers from ml/experiments, the history from app/mix) → views → templates.
"""
