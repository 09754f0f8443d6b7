"""Jobs of this slice. They carry the workspace's time zone, which a tenant's schema does not know."""

from kit.jobs import Job, Queue, job

FIND_KEY = "performance.find_anomalies"


@job("performance.plan_anomalies", queue=Queue.IO, title="Planning when your days are looked at")
class PlanAnomalies(Job, frozen=True, kw_only=True):
    """Put each workspace's daily look on its own clock, and look anew where data came in since. Running twice changes nothing."""


@job(FIND_KEY, queue=Queue.MODEL, title="Looking for days out of the ordinary", max_attempts=2)
class FindAnomalies(Job, frozen=True, kw_only=True):
    """Judge the last 90 days of every metric. Running twice on the same data finds the same."""

    timezone: str
