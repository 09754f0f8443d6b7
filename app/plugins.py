"""The loader of connectors: distributions with an entry point of group `adloom.connectors`, ours and others' alike.

Nothing that a plugin does stops the start: what it requires is checked before it is imported, the import is watched, and whatever
goes wrong becomes a status with a reason. The result is kept for the life of the process. What is demanded of the classes that a
plugin hands over lies in `plugin_checks`.
"""

import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import Distribution, EntryPoint, distributions, entry_points, version
from time import perf_counter
from typing import Any, NoReturn

import pluggy
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from adloom_sdk import hooks
from adloom_sdk.connector import Connector
from app.plugin_checks import Refused, State, checked, in_words, one_line, where
from kit.errors import NotFound

IMPORT_BUDGET_S = 5.0
_SDK = "adloom-sdk"


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
    """Everything that was found. `connectors` holds the classes of working plugins by key."""

    statuses: tuple[PluginStatus, ...] = ()
    connectors: Mapping[str, type[Connector]] = field(default_factory=dict)

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

    def provided(self, name: str, *, by: str) -> type[Connector]:
        """The connector of this entry point of this distribution. Raises NotFound with the reason where it does not work."""
        wanted = (name, canonicalize_name(by))
        status = next((one for one in self.statuses if (one.name, one.distribution) == wanted), None)
        if status is None:
            raise NotFound(f"{by} provides no connector {name}.")
        if status.state != "working":
            raise NotFound(f"The connector {name} is {status.state}: {status.reason}")
        return self.connectors[name]


@cache
def load_plugins() -> Plugins:
    """Find and load every plugin, once per process."""
    return find_plugins()


def find_plugins(*, import_budget_s: float = IMPORT_BUDGET_S) -> Plugins:
    """Find and load every plugin now."""
    statuses: list[PluginStatus] = []
    connectors: dict[str, type[Connector]] = {}
    with _kept_alive():
        for entry_point in _in_order(_entry_points(statuses)):
            status, found = _load(entry_point, connectors, import_budget_s)
            statuses.append(status)
            connectors.update(found)
    return Plugins(tuple(statuses), connectors)


@contextmanager
def _kept_alive() -> Iterator[None]:
    """While plugins are imported, what they print is no output of ours, and `os._exit` ends their import, not the process."""

    def refuse(code: int = 134) -> NoReturn:
        raise SystemExit(code)

    ways_out = {name: getattr(os, name) for name in ("_exit", "abort")}
    for name in ways_out:
        setattr(os, name, refuse)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        for name, way_out in ways_out.items():
            setattr(os, name, way_out)


def _entry_points(unreadable: list[PluginStatus]) -> list[EntryPoint]:
    """Of every distribution; one whose list cannot be read hides none of the others."""
    try:
        return list(entry_points(group=hooks.ENTRY_POINT_GROUP))
    except Exception:
        readable: dict[str, list[EntryPoint]] = {}
        for one in distributions():
            name = _name_of(one)
            if name in readable or hooks.ENTRY_POINT_GROUP not in (one.read_text("entry_points.txt") or ""):
                continue
            try:
                readable[name] = list(one.entry_points.select(group=hooks.ENTRY_POINT_GROUP))
            except Exception as problem:
                readable[name] = []
                reason = one_line(f"Its entry points cannot be read ({in_words(problem)}).")
                unreadable.append(PluginStatus(name, name, _version_of(one), "broken", reason))
        return [entry_point for found in readable.values() for entry_point in found]


def _in_order(found: Iterable[EntryPoint]) -> list[EntryPoint]:
    """By name; of two that want the same name, the distribution that is called like it comes first."""
    return sorted(
        found,
        key=lambda one: (one.name, _name_of(one.dist) != f"adloom-{one.name.replace('_', '-')}", _name_of(one.dist)),
    )


def _name_of(distribution: Distribution | None) -> str:
    """As installers spell it; empty where its metadata is damaged."""
    told: str | None = distribution.metadata["Name"] if distribution else None
    return canonicalize_name(told or "")


def _version_of(distribution: Distribution | None) -> str:
    told: str | None = distribution.metadata["Version"] if distribution else None
    return told or ""


def _load(
    entry_point: EntryPoint, taken: Mapping[str, type[Connector]], budget_s: float
) -> tuple[PluginStatus, dict[str, type[Connector]]]:
    began = perf_counter()
    state: State = "working"
    reason = ""
    found: dict[str, type[Connector]] = {}
    try:
        _require_compatible(entry_point)
        found = _within(budget_s, lambda: _connectors(entry_point), package=_root_of(entry_point))
        _require_free(found, taken)
    except Refused as refusal:
        state, reason, found = refusal.state, one_line(refusal.reason), {}
    import_ms = round((perf_counter() - began) * 1000)
    status = PluginStatus(
        name=entry_point.name,
        distribution=_name_of(entry_point.dist),
        version=_version_of(entry_point.dist),
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
        raise Refused("incompatible", f"It does not say which {_SDK} it needs.")
    installed = version(_SDK)
    if not wanted.specifier.contains(installed, prereleases=True):
        raise Refused("incompatible", f"It needs {_SDK} {wanted.specifier}, and {installed} is installed.")


def _requirement(line: str) -> Requirement:
    try:
        return Requirement(line)
    except InvalidRequirement as error:
        raise Refused("incompatible", f"Its requirement “{line}” cannot be read.") from error


def _within(
    budget_s: float, act: Callable[[], dict[str, type[Connector]]], *, package: str
) -> dict[str, type[Connector]]:
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
        raise Refused("slow", f"Its import takes longer than {budget_s:g} s.")
    if isinstance(problems[0], Refused):
        raise problems[0]
    raise Refused("broken", f"It fails with {in_words(problems[0])}{where(problems[0], package)}")


def _connectors(entry_point: EntryPoint) -> dict[str, type[Connector]]:
    """Import, and ask through the hook for the connectors."""
    if not entry_point.pattern.match(entry_point.value):
        raise Refused("broken", f"Its entry point leads to “{entry_point.value}”, which is no module.")
    known = set(sys.modules)
    try:
        plugin = entry_point.load()
        return _own(entry_point.name, checked(_listed(plugin)))
    except BaseException:
        _forget(entry_point, set(sys.modules) - known)
        raise


def _listed(plugin: Any) -> Any:
    """What the plugin's hook gives. A manager of its own, so that no plugin can be in another's way."""
    manager = pluggy.PluginManager("adloom")
    manager.add_hookspecs(hooks)
    manager.register(plugin)
    manager.check_pending()
    listed = manager.hook.adloom_connectors()
    if not listed:
        raise Refused("broken", "It has no function adloom_connectors, marked with @hookimpl, that gives anything.")
    return listed[0]


def _forget(entry_point: EntryPoint, added: set[str]) -> None:
    """Take the plugin's own modules out again, so that nobody finds them half made."""
    for name in added:
        if name.partition(".")[0] == _root_of(entry_point):
            sys.modules.pop(name, None)


def _root_of(entry_point: EntryPoint) -> str:
    """The package that it leads into."""
    return re.split(r"[.:\s]", entry_point.value, maxsplit=1)[0]


def _own(name: str, listed: dict[str, type[Connector]]) -> dict[str, type[Connector]]:
    """The connector of the entry point's name; so nobody can take another's key under a name of their own."""
    if name not in listed:
        raise Refused("broken", f"adloom_connectors() lists no connector with the key {name}.")
    return {name: listed[name]}


def _require_free(found: Mapping[str, type[Connector]], taken: Mapping[str, type[Connector]]) -> None:
    if twice := sorted(set(found) & set(taken)):
        raise Refused("broken", f"Another plugin provides {', '.join(twice)} already.")
