"""Every table of both planes, imported so that migrations can be compared with what the code declares."""

from app.audit.models import AuditEntry
from app.campaigns.models import Channel, ChannelDay, ChannelName, DailyFact, DataVersion, Event
from app.campaigns.platform_models import (
    Ad,
    AdDay,
    AdGroup,
    Campaign,
    CampaignChange,
    CampaignDay,
    Creative,
    ExchangeRate,
    RevenueDay,
    SavedView,
)
from app.connections.control_models import InstalledConnector
from app.connections.models import AdAccount, Connection, ConnectionSecret, SignInAttempt
from app.creatives.models import CreativeReading
from app.customers.models import Customer, CustomerEvent, CustomerUpload
from app.imports.models import Import, ImportMapping, StagedRow
from app.mix.models import ModelRun
from app.offers.models import Offer
from app.performance.models import AnomalyReading, AnomalyRow
from app.predictions.customer_models import CustomerPrediction
from app.predictions.models import ModelVersion, Prediction, PredictionScore
from app.sync.models import Reconciliation, SyncCursor, SyncRun, SyncStagedDay, SyncState
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
    "Ad",
    "AdAccount",
    "AdDay",
    "AdGroup",
    "AnomalyReading",
    "AnomalyRow",
    "AuditEntry",
    "Campaign",
    "CampaignChange",
    "CampaignDay",
    "Channel",
    "ChannelDay",
    "ChannelName",
    "Connection",
    "ConnectionSecret",
    "Creative",
    "CreativeReading",
    "Customer",
    "CustomerEvent",
    "CustomerPrediction",
    "CustomerUpload",
    "DailyFact",
    "DataVersion",
    "EmailToken",
    "Event",
    "ExchangeRate",
    "Import",
    "ImportMapping",
    "InstalledConnector",
    "Invitation",
    "JobLimit",
    "JobRow",
    "Membership",
    "ModelRun",
    "ModelVersion",
    "Offer",
    "Organisation",
    "OrganisationMember",
    "Prediction",
    "PredictionScore",
    "Reconciliation",
    "RefreshToken",
    "RevenueDay",
    "SavedView",
    "Schedule",
    "Schema",
    "SignInAttempt",
    "StagedRow",
    "Subscription",
    "SyncCursor",
    "SyncRun",
    "SyncStagedDay",
    "SyncState",
    "Throttle",
    "UsageCounter",
    "User",
    "WebSession",
    "Workspace",
]
