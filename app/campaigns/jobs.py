"""Jobs of this slice."""

from uuid import UUID

from kit.jobs import Job, Queue, job

MAX_ATTEMPTS = 6


@job("campaigns.apply_change", queue=Queue.IO, title="Changing a campaign", max_attempts=MAX_ATTEMPTS)
class ApplyChange(Job, frozen=True, kw_only=True):
    """Carry one change out on its platform. Running twice reads first, and writes nothing that is reached already."""

    change_id: UUID
