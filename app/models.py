"""Every table of both planes, imported so that migrations can be compared with what the code declares."""

from app.audit.models import AuditEntry
from app.campaigns.models import Channel, ChannelDay, ChannelName, DailyFact, DataVersion, Event
from app.imports.models import Import, ImportMapping, StagedRow
from app.mix.models import ModelRun
from billing.models import Subscription, UsageCounter
from kit.db import ControlModel, TenantModel
from kit.jobs.models import JobLimit, JobRow, Schedule
from tenants.identity.models import EmailToken, RefreshToken, Throttle, User, WebSession
from tenants.workspaces.models import Invitation, Membership, Organisation, OrganisationMember, Schema, Workspace

CONTROL_TABLES = ControlModel.metadata.tables
TENANT_TABLES = TenantModel.metadata.tables

__all__ = [
    "CONTROL_TABLES",
    "TENANT_TABLES",
    "AuditEntry",
    "Channel",
    "ChannelDay",
    "ChannelName",
    "DailyFact",
    "DataVersion",
    "EmailToken",
    "Event",
    "Import",
    "ImportMapping",
    "Invitation",
    "JobLimit",
    "JobRow",
    "Membership",
    "ModelRun",
    "Organisation",
    "OrganisationMember",
    "RefreshToken",
    "Schedule",
    "Schema",
    "StagedRow",
    "Subscription",
    "Throttle",
    "UsageCounter",
    "User",
    "WebSession",
    "Workspace",
]
