"""What a connector tells of itself as data, so that the host can show and plan without running it."""

from datetime import date
from enum import StrEnum
from typing import Literal

import msgspec

from adloom_sdk.records import Level, MetricDefinition

API_VERSION = "1.0"


class Declared(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what manifests are made of."""


class Capability(StrEnum):
    """What a connector can do. What is not declared is not called."""

    CAMPAIGNS = "read.campaigns"
    AD_GROUPS = "read.ad_groups"
    ADS = "read.ads"
    CREATIVES = "read.creatives"
    DAILY = "read.daily"
    REVENUE = "read.revenue"
    DELETED = "read.deleted"
    FINALITY = "read.finality"
    PAUSE = "write.pause"
    ENABLE = "write.enable"
    DAILY_BUDGET = "write.daily_budget"
    DRY_RUN = "write.dry_run"


class OAuth2(Declared, frozen=True, kw_only=True, tag="oauth2"):
    """The authorization-code flow with what platforms do differently.

    `token_header` is filled with the access token ("Bearer {token}" under Authorization unless said otherwise).
    `app_headers` maps header names to the operator's app settings ("developer-token" → "developer_token").
    `refresh`: "rotating" gives a new refresh token each time, "long" keeps it, "none" asks the person again.
    `lifetime_s` is the access token's life where the reply does not tell. `token_params` go with the code when it is exchanged.
    `callback_signature_name` names the field by which the platform signs where it sends the browser back (HMAC-SHA256, hex,
    over the other fields, with the client secret).
    """

    authorize_url: str
    token_url: str
    scopes_read: tuple[str, ...] = ()
    scopes_write: tuple[str, ...] = ()
    scope_separator: str = " "
    client_id_name: str = "client_id"
    client_secret_name: str = "client_secret"  # noqa: S105 - a parameter's name
    code_name: str = "code"
    returned_code_name: str = "code"
    authorize_params: dict[str, str] = {}
    token_params: dict[str, str] = {}
    callback_signature_name: str = ""
    sends_fields_as: Literal["form", "json", "query"] = "form"
    client_auth: Literal["body", "basic"] = "body"
    token_envelope: str = ""
    token_header: tuple[str, str] = ("Authorization", "Bearer {token}")
    app_headers: dict[str, str] = {}
    refresh: Literal["rotating", "long", "none"] = "long"
    refresh_url: str = ""
    exchange_url: str = ""
    lifetime_s: int | None = None
    uses_pkce: bool = False


class OAuth1(Declared, frozen=True, kw_only=True, tag="oauth1"):
    """Signed requests (HMAC-SHA1) with tokens that do not expire, from the three-legged flow."""

    request_token_url: str
    authorize_url: str
    access_token_url: str


class ApiKey(Declared, frozen=True, kw_only=True, tag="api_key"):
    """A key that the person pastes; `token_header` is filled with it. `where` tells in a sentence where to find it."""

    token_header: tuple[str, str] = ("Authorization", "Bearer {token}")
    where: str = ""


Auth = OAuth2 | OAuth1 | ApiKey


class ConfigField(Declared, frozen=True, kw_only=True):
    """Something to ask when connecting, such as a shop's address. Secrets are stored encrypted and never shown again."""

    name: str
    label: str
    help: str = ""
    pattern: str = ""
    is_secret: bool = False
    is_required: bool = True


class AppSetting(Declared, frozen=True, kw_only=True):
    """What the operator of an installation has to enter once (client id, secret, developer token)."""

    name: str
    label: str
    is_secret: bool = True


class RatePolicy(Declared, frozen=True, kw_only=True):
    """How fast may be asked, before the platform says so itself. `share` tells who shares the budget."""

    per_second: float = 5.0
    burst: int = 10
    concurrency: int = 4
    share: Literal["account", "app"] = "account"


class Manifest(Declared, frozen=True, kw_only=True):
    """Everything that the host must know before it runs the connector.

    `hosts` maps a short name to the platform's origin; "api" is the default of `Client`. A call to any other host is refused,
    but for `download_hosts` (suffixes of hosts that reports are fetched from, without credentials). "{shop}" in an origin is filled
    with what the person entered in the config field of that name. `restatement_days` is how long
    the platform keeps correcting a day, `max_window_days` the longest window of one read, `retention_days` how far back it tells.
    `api_version_name` is the version in the platform's addresses, filled in for `{version}`; `sunset_on` is when the platform
    switches it off. `min_daily_budget_micros` is the platform's floor, by currency.
    """

    key: str
    title: str
    channel: str
    summary: str
    version: str
    sdk_api: str = API_VERSION
    auth: Auth
    hosts: dict[str, str]
    download_hosts: tuple[str, ...] = ()
    capabilities: tuple[Capability, ...]
    levels: tuple[Level, ...] = (Level.CAMPAIGN,)
    metrics: tuple[MetricDefinition, ...] = ()
    config: tuple[ConfigField, ...] = ()
    app_settings: tuple[AppSetting, ...] = ()
    api_version_name: str = ""
    sunset_on: date | None = None
    restatement_days: int = 28
    max_window_days: int = 30
    retention_days: int = 1095
    rate: RatePolicy = RatePolicy()
    min_daily_budget_micros: dict[str, int] = {}
    docs_url: str = ""

    def can(self, capability: Capability) -> bool:
        """Whether the connector declares it."""
        return capability in self.capabilities
