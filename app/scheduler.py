"""What every installation does by the clock, in UTC."""

from app.connections.jobs import PurgeAttempts
from app.creatives.jobs import PlanCreatives
from app.imports.jobs import PurgeUploads
from app.performance.jobs import PlanAnomalies
from app.predictions.jobs import PlanPredictions
from app.sync.jobs import FetchAllRates, StartDueSyncs
from kit.jobs.maintenance import PurgeFinishedJobs
from kit.jobs.schedules import SystemSchedule
from tenants.identity.jobs import PurgeExpired
from tenants.workspaces.jobs import PurgeInvitations, RefillSpares

SYSTEM_SCHEDULES = [
    SystemSchedule("purge-finished-jobs", "15 3 * * *", PurgeFinishedJobs()),
    SystemSchedule("purge-expired-sign-ins", "30 3 * * *", PurgeExpired()),
    SystemSchedule("purge-invitations", "45 3 * * *", PurgeInvitations()),
    SystemSchedule("purge-unfinished-uploads", "0 4 * * *", PurgeUploads()),
    SystemSchedule("purge-unfinished-sign-ins", "10 * * * *", PurgeAttempts()),
    SystemSchedule("start-due-syncs", "*/15 * * * *", StartDueSyncs()),
    SystemSchedule("fetch-exchange-rates", "30 16 * * *", FetchAllRates()),
    SystemSchedule("plan-anomalies", "50 * * * *", PlanAnomalies()),
    SystemSchedule("plan-predictions", "20 * * * *", PlanPredictions()),
    SystemSchedule("plan-creatives", "40 * * * *", PlanCreatives()),
    SystemSchedule("refill-spare-schemas", "*/5 * * * *", RefillSpares()),
]
