"""Jobs of this slice."""

from uuid import UUID

from kit.jobs import Job, Queue, job


@job("mix.run_model", queue=Queue.MODEL, title="Working out an answer", max_attempts=2)
class RunModel(Job, frozen=True, kw_only=True):
    """Compute one model run. Running twice writes the same result to the same row."""

    run_id: UUID
    currency: str
    timezone: str


@job("mix.build_sample", queue=Queue.MODEL, title="Preparing the sample of the decision pages", max_attempts=3)
class BuildSample(Job, frozen=True, kw_only=True):
    """Compute the sample that locked pages show. Running twice stores the same file."""
