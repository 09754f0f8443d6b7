"""The job that brings a file about customers in."""

from uuid import UUID

from kit.jobs import Job, Queue, job


@job("imports.run_customers", queue=Queue.IO, title="Reading a file about customers", max_attempts=3, lease_s=120)
class RunCustomerUpload(Job, frozen=True, kw_only=True):
    """Bring one confirmed file to the customers. Running twice tells the same things, which changes nothing."""

    upload_id: UUID
    currency: str
    timezone: str
    plan_code: str
