"""What every installation does by the clock, in UTC."""

from app.imports.jobs import PurgeUploads
from kit.jobs.maintenance import PurgeFinishedJobs
from kit.jobs.schedules import SystemSchedule
from tenants.identity.jobs import PurgeExpired
from tenants.workspaces.jobs import PurgeInvitations, RefillSpares

SYSTEM_SCHEDULES = [
    SystemSchedule("purge-finished-jobs", "15 3 * * *", PurgeFinishedJobs()),
    SystemSchedule("purge-expired-sign-ins", "30 3 * * *", PurgeExpired()),
    SystemSchedule("purge-invitations", "45 3 * * *", PurgeInvitations()),
    SystemSchedule("purge-unfinished-uploads", "0 4 * * *", PurgeUploads()),
    SystemSchedule("refill-spare-schemas", "*/5 * * * *", RefillSpares()),
]
