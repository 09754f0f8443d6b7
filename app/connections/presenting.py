"""Connections as pages show them: cards of platforms, cards of connections, accounts with what is the matter with them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from adloom_sdk.manifest import ApiKey, Capability, ConfigField, Manifest
from app.connections.catalogue import CatalogueEntry
from app.connections.connecting import missing_app
from app.connections.health import Health, health_of
from app.connections.models import AdAccount, Connection
from app.operations.schemas import JobReply
from kit.format import day, plural
from kit.settings import Settings
from kit.web.forms import Form

SUNSET_WARNING_DAYS = 60
_READS = {
    Capability.CAMPAIGNS: "campaigns",
    Capability.AD_GROUPS: "ad sets",
    Capability.ADS: "ads",
    Capability.CREATIVES: "creatives",
    Capability.DAILY: "daily numbers",
    Capability.REVENUE: "revenue and orders",
}
_WRITES = {
    Capability.PAUSE: "pause campaigns",
    Capability.ENABLE: "start campaigns",
    Capability.DAILY_BUDGET: "change daily budgets",
}
_STATUSES = {
    "active": ("Active", "good"),
    "limited": ("Limited", "warn"),
    "disabled": ("Disabled", "bad"),
    "closed": ("Closed", "bad"),
}
_PLUGIN_STATES = {
    "working": ("Working", "good"),
    "broken": ("Broken", "bad"),
    "slow": ("Too slow", "bad"),
    "incompatible": ("Incompatible", "warn"),
}


@dataclass(frozen=True)
class ConnectorCard:
    """A platform that can be connected. `hindrance` says why it cannot be, where it cannot."""

    title: str
    summary: str
    href: str
    may_change: bool
    is_connected: bool
    hindrance: str


@dataclass(frozen=True)
class ConnectionCard:
    """A connection in the list."""

    href: str
    label: str
    title: str
    health: Health
    accounts: str


@dataclass(frozen=True)
class ConnectionsPage:
    """The list and the marketplace."""

    cards: list[ConnectionCard]
    connectors: list[ConnectorCard]
    query: str
    base: str
    room: str
    may_manage: bool
    has_connectors: bool


@dataclass(frozen=True)
class NewPage:
    """What connecting a platform asks for."""

    title: str
    summary: str
    reads: str
    writes: str
    fields: tuple[ConfigField, ...]
    wants_key: bool
    key_where: str
    may_write: bool
    write_note: str
    hindrance: str
    docs_url: str
    base: str
    href: str
    form: Form


@dataclass(frozen=True)
class AccountLine:
    """An account in the picker; `hindrance` says what is missing, and then it cannot be chosen."""

    id: UUID
    name: str
    about: str
    label: str
    tone: str
    is_selected: bool
    is_choosable: bool
    hindrance: str


@dataclass(frozen=True)
class ConnectionPage:
    """One connection."""

    label: str
    title: str
    health: Health
    about: list[tuple[str, str]]
    accounts: list[AccountLine]
    base: str
    href: str
    may_manage: bool
    is_paused: bool
    has_consent: bool
    has_key: bool
    job: JobReply | None
    job_href: str
    syncs_href: str
    removal: str
    form: Form = field(default_factory=Form)


@dataclass(frozen=True)
class LeavingPage:
    """The step on the way to the platform's consent page."""

    title: str
    address: str
    back: str


@dataclass(frozen=True)
class PluginLine:
    """One installed connector as its operator sees it."""

    name: str
    distribution: str
    version: str
    label: str
    tone: str
    reason: str
    sunset: str


@dataclass(frozen=True)
class PluginsPage:
    """Every entry point that was found."""

    plugins: list[PluginLine]
    base: str


def connector_cards(
    entries: Iterable[CatalogueEntry], *, connected: Collection[str], settings: Settings, base: str, query: str
) -> list[ConnectorCard]:
    """The platforms that match the search, those that can be connected first."""
    manifests = [entry.manifest for entry in entries if entry.manifest and _matches(entry.manifest, query)]
    cards = [
        ConnectorCard(
            title=manifest.title,
            summary=manifest.summary,
            href=f"{base}/new/{manifest.key}",
            may_change=bool(writes_of(manifest)),
            is_connected=manifest.key in connected,
            hindrance=hindrance_of(manifest, settings),
        )
        for manifest in manifests
    ]
    return sorted(cards, key=lambda card: (bool(card.hindrance), card.title))


def connection_card(
    connection: Connection, accounts: Sequence[AdAccount], manifest: Manifest | None, *, base: str
) -> ConnectionCard:
    """One connection in the list."""
    chosen = sum(account.is_selected for account in accounts)
    return ConnectionCard(
        href=f"{base}/{connection.id}",
        label=connection.label,
        title=manifest.title if manifest else connection.connector_key,
        health=health_of(connection, accounts, manifest),
        accounts=f"{chosen} of {plural(len(accounts), 'account')}" if accounts else "None yet",
    )


def troubled_first(cards: Iterable[ConnectionCard]) -> list[ConnectionCard]:
    """Those that need somebody before those that work."""
    order = {"bad": 0, "warn": 1, "info": 2, "plain": 3}
    return sorted(cards, key=lambda card: order.get(card.health.tone, 4))


def account_line(account: AdAccount) -> AccountLine:
    """An account, and what keeps it from being read."""
    label, tone = _STATUSES.get(account.status, (account.status.capitalize(), "plain"))
    is_closed = account.status in {"disabled", "closed"}
    told = account.problem or (f"The platform has {account.status} this account." if is_closed else "")
    helps = account.what_to_do or ("The platform’s own ads manager says why, and what it needs." if is_closed else "")
    hindrance = f"{told} {helps}".strip()
    return AccountLine(
        id=account.id,
        name=account.name,
        about=f"{account.platform_id} · {account.currency} · {account.timezone}",
        label=label,
        tone=tone,
        is_selected=account.is_selected,
        is_choosable=not account.problem or account.is_selected,
        hindrance=hindrance,
    )


def about_connection(
    connection: Connection, manifest: Manifest | None, secrets_set: Sequence[str]
) -> list[tuple[str, str]]:
    """What is known of it, label by label; of secret settings, that they are set."""
    rights = "Read and change" if connection.may_write else "Read only"
    known = [
        ("Signed in as", connection.signed_in_as),
        ("Rights", rights if connection.state != "connecting" else ""),
        ("Last worked", day(connection.last_ok_at.date()) if connection.last_ok_at else ""),
        ("Connected", day(connection.created_at.date())),
    ]
    labels = {one.name: one.label for one in manifest.config} if manifest else {}
    known += [(labels.get(name, name), str(value)) for name, value in connection.config.items()]
    known += [(labels.get(name, name), "Set") for name in secrets_set]
    return [(label, value) for label, value in known if value]


def plugin_line(entry: CatalogueEntry, *, today: date) -> PluginLine:
    """One entry point: its state, and how long its platform's version lives."""
    label, tone = _PLUGIN_STATES[entry.state]
    return PluginLine(
        name=entry.manifest.title if entry.manifest else entry.name,
        distribution=entry.distribution,
        version=entry.version,
        label=label,
        tone=tone,
        reason=entry.reason,
        sunset=sunset_warning(entry.manifest, today=today),
    )


def sunset_warning(manifest: Manifest | None, *, today: date) -> str:
    """A sentence where the platform switches the connector's version off within 60 days; empty otherwise."""
    if manifest is None or manifest.sunset_on is None:
        return ""
    left_days = (manifest.sunset_on - today).days
    if left_days > SUNSET_WARNING_DAYS:
        return ""
    version, on = manifest.api_version_name or "this version", day(manifest.sunset_on)
    if left_days < 0:
        return f"{manifest.title} was to switch {version} off on {on}. Update the connector."
    return (
        f"{manifest.title} switches {version} off on {on}, in {plural(left_days, 'day')}. Update the connector before."
    )


def hindrance_of(manifest: Manifest, settings: Settings) -> str:
    """Why nobody can connect this platform here; empty where one can."""
    if missing := missing_app(settings, manifest):
        return f"This installation has no app at {manifest.title} yet. Whoever runs it has to enter {_listed(missing)}."
    return ""


def reads_of(manifest: Manifest) -> str:
    """What it reads, in words."""
    return _listed([words for capability, words in _READS.items() if manifest.can(capability)])


def writes_of(manifest: Manifest) -> str:
    """What it can change, in words; empty where it only reads."""
    return _listed([words for capability, words in _WRITES.items() if manifest.can(capability)])


def has_key(manifest: Manifest | None) -> bool:
    """Whether a pasted key takes the place of a consent page."""
    return manifest is not None and isinstance(manifest.auth, ApiKey)


def typed_config(manifest: Manifest, form: Mapping[str, str]) -> dict[str, str]:
    """The connection's settings out of a form, whose fields are named `config_…`."""
    return {one.name: form.get(f"config_{one.name}", "") for one in manifest.config}


def _matches(manifest: Manifest, query: str) -> bool:
    words = f"{manifest.title} {manifest.key} {manifest.summary} {manifest.channel}".casefold()
    return all(word in words for word in query.casefold().split())


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else list(words))
