"""Which connectors this installation has: written by whoever may load plugins, read by pages as plain data."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from adloom_sdk.manifest import Manifest
from app.connections.control_models import InstalledConnector
from app.plugins import Plugins, PluginStatus
from kit.errors import NotFound


@dataclass(frozen=True)
class CatalogueEntry:
    """A connector as pages show it; `manifest` is None where it could not be loaded, `reason` says why."""

    name: str
    distribution: str
    version: str
    state: str
    reason: str
    manifest: Manifest | None


def publish(control: Session, plugins: Plugins) -> None:
    """Write down what was found; what is no longer installed goes. Running it twice writes the same."""
    shown = _by_name(plugins.statuses)
    control.execute(delete(InstalledConnector).where(InstalledConnector.name.not_in(list(shown))))
    for name, status in shown.items():
        found = plugins.connectors.get(status.name) if status.state == "working" else None
        values = {
            "name": name,
            "distribution": status.distribution,
            "version": status.version,
            "state": status.state,
            "reason": status.reason,
            "manifest": msgspec.to_builtins(found.manifest) if found else None,
        }
        kept = insert(InstalledConnector).values(values)
        control.execute(kept.on_conflict_do_update(index_elements=["name"], set_=values | {"seen_at": func.now()}))


def _by_name(statuses: Iterable[PluginStatus]) -> dict[str, PluginStatus]:
    """Two packages may want one name: that of the one that works is the name itself, the other's package is said with it."""
    shown: dict[str, PluginStatus] = {}
    for status in sorted(statuses, key=lambda one: one.state != "working"):
        shown[f"{status.name} ({status.distribution})" if status.name in shown else status.name] = status
    return shown


def catalogue(control: Session) -> list[CatalogueEntry]:
    """Every connector, those that work first, by title."""
    rows = control.scalars(select(InstalledConnector)).all()
    return sorted(
        map(_entry, rows), key=lambda one: (one.state != "working", one.manifest.title if one.manifest else one.name)
    )


def manifest_of(control: Session, key: str) -> Manifest:
    """The manifest of a connector that works. Raises NotFound."""
    for entry in catalogue(control):
        if entry.manifest is not None and entry.manifest.key == key and entry.state == "working":
            return entry.manifest
    raise NotFound(f"There is no connector “{key}” here.", "Choose one of those under Connections.")


def _entry(row: InstalledConnector) -> CatalogueEntry:
    state, reason, manifest = row.state, row.reason, None
    try:
        manifest = msgspec.convert(row.manifest, Manifest, strict=False) if row.manifest else None
    except msgspec.ValidationError:
        state = "broken"
        reason = "What is known of it was written by another release of Adloom: restart the workers."
    return CatalogueEntry(row.name, row.distribution, row.version, state, reason, manifest)
