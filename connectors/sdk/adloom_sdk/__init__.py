"""Everything that a connector to an advertising platform is made of. Start with `Connector`, `Manifest` and `hookimpl`."""

from adloom_sdk.connector import Connector, Context
from adloom_sdk.hooks import hookimpl
from adloom_sdk.http import Client
from adloom_sdk.limiter import Throttle
from adloom_sdk.manifest import (
    ApiKey,
    AppSetting,
    Capability,
    ConfigField,
    Manifest,
    OAuth1,
    OAuth2,
    RatePolicy,
)
from adloom_sdk.messages import (
    Action,
    ActionKind,
    ActionResult,
    Batch,
    Checkpoint,
    CheckResult,
    EntityRef,
    EntityState,
    Kind,
    Message,
    Progress,
    ReadRequest,
)
from adloom_sdk.records import (
    Account,
    AccountStatus,
    Ad,
    AdGroup,
    BudgetOwner,
    Campaign,
    Creative,
    DailyMetric,
    EntityStatus,
    Finality,
    Level,
    RevenueDay,
)
from adloom_sdk.replies import Reply

__all__ = [
    "Account", "AccountStatus", "Action", "ActionKind", "ActionResult", "Ad", "AdGroup", "ApiKey", "AppSetting", "Batch",
    "BudgetOwner", "Campaign", "Capability", "CheckResult", "Checkpoint", "Client", "ConfigField", "Connector", "Context",
    "Creative", "DailyMetric", "EntityRef", "EntityState", "EntityStatus", "Finality", "Kind", "Level", "Manifest", "Message",
    "OAuth1", "OAuth2", "Progress", "RatePolicy", "ReadRequest", "Reply", "RevenueDay", "Throttle", "hookimpl",
]  # fmt: skip
