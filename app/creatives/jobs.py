"""Jobs of this slice."""

from kit.jobs import Job, Queue, job


@job("creatives.plan", queue=Queue.IO, title="Planning to read the ads")
class PlanCreatives(Job, frozen=True, kw_only=True):
    """Have each workspace read its ads. Running twice asks none twice."""


@job("creatives.read", queue=Queue.MODEL, title="Looking for ads that wear out", max_attempts=2)
class ReadCreatives(Job, frozen=True, kw_only=True):
    """Judge every ad that runs. Nothing is done where no day has changed since; running twice finds the same."""
