"""Jobs as people see them: what runs, how far it is, what was given up and why, with cancel and retry.

Tables read: control.jobs (through kit.jobs). Web: /w/{workspace}/jobs…; API: /api/v1/jobs…. `live` streams one job's progress.
"""
