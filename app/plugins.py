"""The loader of connectors: distributions with an entry point of group `adloom.connectors`, ours and others' alike.

Nothing that a plugin does stops the start: what it requires is checked before it is imported, the import is watched, and whatever
goes wrong becomes a status with a reason. The result is kept for the life of the process.
"""

import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points, version
from time import perf_counter
from typing import Any, Literal

import pluggy
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from adloom_sdk import hooks
from adloom_sdk.connector import Connector
from adloom_sdk.manifest import API_VERSION, Manifest
from kit.errors import NotFound

IMPORT_BUDGET_S = 5.0
_SDK = "adloom-sdk"
State = Literal["working", "broken", "slow", "incompatible"]


@dataclass(frozen=True)
class PluginStatus:
    """What became of one entry point; `reason` is a sentence where it does not work."""

    name: str
    distribution: str
    version: str
    state: State
    reason: str = ""
    import_ms: int = 0
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plugins:
    """Everything that was found. `connectors` holds the classes by key, `manager` the hooks, of working plugins only."""

    statuses: tuple[PluginStatus, ...] = ()
    connectors: Mapping[str, type[Connector]] = field(default_factory=dict)
    manager: pluggy.PluginManager = field(default_factory=lambda: pluggy.PluginManager("adloom"))

    def named(self, name: str) -> type[Connector]:
        """A connector by key, key without “_ads”, or title, whatever the case. Raises NotFound with the known ones."""
        wanted = name.strip().lower().replace("-", "_")
        for key, connector_class in self.connectors.items():
            if wanted in {key, key.removesuffix("_ads"), connector_class.manifest.title.lower().replace("-", "_")}:
                return connector_class
        broken = next((one for one in self.statuses if one.name.lower() == wanted and one.state != "working"), None)
        if broken:
            raise NotFound(f"The connector {broken.name} is {broken.state}: {broken.reason}")
        known = ", ".join(sorted(self.connectors)) or "none"
        raise NotFound(f"There is no connector “{name}”.", hint=f"Known are: {known}.")


@dataclass
class _Refused(Exception):
    state: State
    reason: str


@cache
def load_plugins() -> Plugins:
    """Find and load every plugin, once per process."""
    return find_plugins()


def find_plugins(*, import_budget_s: float = IMPORT_BUDGET_S) -> Plugins:
    """Find and load every plugin now."""
    manager = pluggy.PluginManager("adloom")
    manager.add_hookspecs(hooks)
    statuses: list[PluginStatus] = []
    connectors: dict[str, type[Connector]] = {}
    for entry_point in _in_order(entry_points(group=hooks.ENTRY_POINT_GROUP)):
        status, found = _load(entry_point, manager, connectors, import_budget_s)
        statuses.append(status)
        connectors.update(found)
    return Plugins(tuple(statuses), connectors, manager)


def _in_order(found: Iterable[EntryPoint]) -> list[EntryPoint]:
    """By name; of two that want the same name, the distribution that is called like it comes first."""
    return sorted(
        found,
        key=lambda one: (one.name, _distribution(one) != f"adloom-{one.name.replace('_', '-')}", _distribution(one)),
    )


def _distribution(entry_point: EntryPoint) -> str:
    return canonicalize_name(entry_point.dist.name) if entry_point.dist else ""


def _load(
    entry_point: EntryPoint, manager: pluggy.PluginManager, taken: Mapping[str, type[Connector]], budget_s: float
) -> tuple[PluginStatus, dict[str, type[Connector]]]:
    began = perf_counter()
    state: State = "working"
    reason, found = "", {}
    try:
        _require_compatible(entry_point)
        found = _within(budget_s, lambda: _connectors(entry_point, manager))
        _require_free(found, taken)
    except _Refused as refusal:
        state, reason, found = refusal.state, refusal.reason, {}
        if manager.has_plugin(_registered_name(entry_point)):
            manager.unregister(name=_registered_name(entry_point))
    import_ms = round((perf_counter() - began) * 1000)
    status = PluginStatus(
        name=entry_point.name,
        distribution=_distribution(entry_point),
        version=entry_point.dist.version if entry_point.dist else "",
        state=state,
        reason=reason,
        import_ms=import_ms,
        keys=tuple(found),
    )
    return status, found


def _require_compatible(entry_point: EntryPoint) -> None:
    """Compare what the distribution requires with the SDK that is installed, before a line of it runs."""
    requires = (entry_point.dist.requires or []) if entry_point.dist else []
    wanted = next((one for one in map(_requirement, requires) if canonicalize_name(one.name) == _SDK), None)
    if wanted is None:
        raise _Refused("incompatible", f"It does not say which {_SDK} it needs.")
    installed = version(_SDK)
    if not wanted.specifier.contains(installed, prereleases=True):
        raise _Refused("incompatible", f"It needs {_SDK} {wanted.specifier}, and {installed} is installed.")


def _requirement(line: str) -> Requirement:
    try:
        return Requirement(line)
    except InvalidRequirement as error:
        raise _Refused("incompatible", f"Its requirement “{line}” cannot be read.") from error


def _within(budget_s: float, act: Callable[[], dict[str, type[Connector]]]) -> dict[str, type[Connector]]:
    """Do it in a thread that may be left behind."""
    results: list[dict[str, type[Connector]]] = []
    problems: list[BaseException] = []

    def run() -> None:
        try:
            results.append(act())
        except BaseException as problem:  # also SystemExit: a plugin must not end the process
            problems.append(problem)

    thread = threading.Thread(target=run, daemon=True, name="plugin-import")
    thread.start()
    thread.join(budget_s)
    if results:
        return results[0]
    if not problems:
        raise _Refused("slow", f"Its import takes longer than {budget_s:g} s.")
    if isinstance(problems[0], _Refused):
        raise problems[0]
    words = str(problems[0]) or "no message"
    raise _Refused("broken", f"It fails with {type(problems[0]).__name__}: {words}")


def _connectors(entry_point: EntryPoint, manager: pluggy.PluginManager) -> dict[str, type[Connector]]:
    """Import, register, and ask for the connectors."""
    known = set(sys.modules)
    try:
        plugin = entry_point.load()
        if not manager.is_registered(plugin):
            manager.register(plugin, name=_registered_name(entry_point))
        hook = getattr(plugin, "adloom_connectors", None)
        if hook is None:
            raise _Refused("broken", "It has no function adloom_connectors.")
        return _own(entry_point.name, _checked(hook()))
    except BaseException:
        _forget(entry_point, set(sys.modules) - known)
        raise


def _forget(entry_point: EntryPoint, added: set[str]) -> None:
    """Take the plugin's own modules out again, so that nobody finds them half made."""
    root = entry_point.module.partition(".")[0]
    for name in added:
        if name.partition(".")[0] == root:
            sys.modules.pop(name, None)


def _checked(listed: Any) -> dict[str, type[Connector]]:
    if not isinstance(listed, list) or not listed:
        raise _Refused("broken", "adloom_connectors() gives no list of connectors.")
    found: dict[str, type[Connector]] = {}
    for one in listed:
        if not (isinstance(one, type) and issubclass(one, Connector)):
            raise _Refused("broken", f"adloom_connectors() lists {one!r}, which is no connector class.")
        manifest = getattr(one, "manifest", None)
        if not isinstance(manifest, Manifest):
            raise _Refused("broken", f"{one.__name__} has no manifest.")
        if manifest.sdk_api.partition(".")[0] != API_VERSION.partition(".")[0]:
            raise _Refused(
                "incompatible", f"It speaks version {manifest.sdk_api} of the SDK, and {API_VERSION} is spoken here."
            )
        found[manifest.key] = one
    return found


def _own(name: str, listed: dict[str, type[Connector]]) -> dict[str, type[Connector]]:
    """The connector of the entry point's name; so nobody can take another's key under a name of their own."""
    if name not in listed:
        raise _Refused("broken", f"adloom_connectors() lists no connector with the key {name}.")
    return {name: listed[name]}


def _require_free(found: Mapping[str, type[Connector]], taken: Mapping[str, type[Connector]]) -> None:
    if twice := sorted(set(found) & set(taken)):
        raise _Refused("broken", f"Another plugin provides {', '.join(twice)} already.")


def _registered_name(entry_point: EntryPoint) -> str:
    return f"{_distribution(entry_point)}:{entry_point.name}"
