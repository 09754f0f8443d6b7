"""Points about the distribution: found by its entry point, standing on the SDK alone, with a manifest that holds together."""

import ast
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import Distribution, EntryPoint, entry_points
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from adloom_sdk.connector import Connector
from adloom_sdk.hooks import ENTRY_POINT_GROUP
from adloom_sdk.manifest import API_VERSION, AppSetting, Capability, ConfigField, Manifest, OAuth1, OAuth2
from adloom_sdk.messages import Kind
from adloom_sdk.testing.kit.points import point
from adloom_sdk.testing.kit.rig import WRITES, Failed, Rig

_MAY_REQUIRE = {"adloom-sdk", "msgspec", "httpx", "pluggy"}
_MAY_IMPORT = {"adloom_sdk", "msgspec", *sys.stdlib_module_names}
_SECRET = re.compile(r"secret|token|password|private|api_?key", re.IGNORECASE)
_NOTICE = timedelta(days=60)


def entry_point_of(connector_class: type[Connector]) -> EntryPoint | None:
    """The entry point whose package the connector lies in."""
    root = connector_class.__module__.partition(".")[0]
    found = entry_points(group=ENTRY_POINT_GROUP)
    return next((one for one in found if one.value.partition(":")[0].partition(".")[0] == root), None)


def package_of(connector_class: type[Connector]) -> Path:
    """The folder of the connector's package."""
    module = sys.modules[connector_class.__module__.partition(".")[0]]
    return Path(module.__file__ or "").parent


@point(1, "Installs and loads by its entry point, on the SDK alone")
def installs(rig: Rig) -> str | None:
    """The entry point leads to the class; requirements and imports name the SDK, msgspec and the standard library only."""
    found = entry_point_of(rig.connector_class)
    if found is None or found.dist is None:
        raise Failed(
            f'No installed entry point of group "{ENTRY_POINT_GROUP}" leads to {rig.connector_class.__name__}: '
            "declare it in pyproject.toml, and install the distribution."
        )
    listed = found.load().adloom_connectors()
    if rig.connector_class not in listed:
        raise Failed(
            f"adloom_connectors() of {found.value} does not list {rig.connector_class.__name__}: add it there."
        )
    _check_requirements(found.dist)
    own = rig.connector_class.__module__.partition(".")[0]
    for place, name in _imports(package_of(rig.connector_class)):
        if name not in _MAY_IMPORT | {own}:
            raise Failed(f"{place} imports {name}: use the SDK, msgspec and the standard library only.")
    return f"{found.dist.name} {found.dist.version}"


def _check_requirements(dist: Distribution) -> None:
    wanted = [
        re.split(r"[\s;<>=!~\[(]", line, maxsplit=1)[0].lower()
        for line in dist.requires or []
        if "extra ==" not in line
    ]
    if "adloom-sdk" not in wanted:
        raise Failed(f'{dist.name} does not say which SDK it needs: add "adloom-sdk>=1,<2" to its dependencies.')
    if too_much := set(wanted) - _MAY_REQUIRE:
        raise Failed(
            f"{dist.name} requires {', '.join(sorted(too_much))}: a connector stands on adloom-sdk and msgspec alone."
        )


def _imports(package: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((path.name, alias.name.partition(".")[0]) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                yield path.name, (node.module or "").partition(".")[0]


@point(2, "The manifest holds together")
def manifest_is_valid(rig: Rig) -> str | None:
    """Names, hosts, levels, windows and capabilities fit each other; the API version lives on for 60 days at least."""
    manifest = rig.manifest
    if msgspec.json.decode(msgspec.json.encode(manifest), type=Manifest) != manifest:
        raise Failed("The manifest does not survive JSON: use the types of adloom_sdk.manifest only.")
    for problem in (*_names(manifest), *_hosts(manifest), *_promises(rig)):
        raise Failed(problem)
    if manifest.sunset_on is None:
        return None
    left = manifest.sunset_on - datetime.now(UTC).date()
    if left < _NOTICE:
        return f"warning: API version {manifest.api_version_name} is switched off on {manifest.sunset_on}"
    return f"API version {manifest.api_version_name} lives until {manifest.sunset_on}"


def _names(manifest: Manifest) -> Iterator[str]:
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", manifest.key):
        yield f"The key “{manifest.key}” is none: use small letters, digits and underscores."
    if not manifest.title.strip() or not manifest.summary.strip():
        yield "Title or summary is empty: people choose connectors by them."
    if not re.fullmatch(r"\d+\.\d+(\.\d+)?\S*", manifest.version):
        yield f"The version “{manifest.version}” is none: write it like 1.0.0."
    if manifest.sdk_api.partition(".")[0] != API_VERSION.partition(".")[0]:
        yield f"sdk_api is {manifest.sdk_api}, this SDK speaks {API_VERSION}: leave it out."


def _hosts(manifest: Manifest) -> Iterator[str]:
    if "api" not in manifest.hosts:
        yield 'hosts has no "api": it is where calls go unless a host is named.'
    for name, origin in manifest.hosts.items():
        parts = urlsplit(origin)
        if parts.scheme != "https" or not parts.hostname or parts.query:
            yield f"The host “{name}” is {origin}: give an origin that begins with https."
    for suffix in manifest.download_hosts:
        if suffix.count(".") < 1 or "/" in suffix or "*" in suffix:
            yield f"The download host {suffix} is too wide: name the end of a host, such as .example.com."
    auth = manifest.auth
    tokens = (
        [auth.token_url] if isinstance(auth, OAuth2) else [auth.request_token_url] if isinstance(auth, OAuth1) else []
    )
    hosts = {urlsplit(origin).netloc for origin in manifest.hosts.values()}
    for address in tokens:
        if urlsplit(address).netloc not in hosts:
            yield f"The token address {address} lies on no host of the manifest: add its origin to hosts."


def _promises(rig: Rig) -> Iterator[str]:
    manifest = rig.manifest
    if manifest.can(Capability.DAILY) and not (manifest.levels and manifest.can(Capability.CAMPAIGNS)):
        yield "read.daily needs read.campaigns and at least one level."
    if not rig.reads():
        yield "The manifest declares nothing to read: name at least one read capability."
    if manifest.max_window_days < 1 or manifest.retention_days < manifest.restatement_days:
        yield "max_window_days is at least 1, and retention_days at least restatement_days."
    if any(manifest.can(one) for one in WRITES):
        for name in ("state", "write"):
            if getattr(rig.connector_class, name) is getattr(Connector, name):
                yield f"A write capability is declared without {name}(): write it, or take the capability out."
    if manifest.can(Capability.DRY_RUN) and not any(manifest.can(one) for one in WRITES):
        yield "write.dry_run is declared without anything to write."
    if {read.kind for read in rig.reads()} == {Kind.CREATIVES}:
        yield "Creatives alone are of no use: declare read.ads too."


@point(3, "Secrets are marked as such")
def secrets_are_marked(rig: Rig) -> None:
    """Whatever is called a secret, token, password or key is stored encrypted and never shown again."""
    asked: list[ConfigField | AppSetting] = [*rig.manifest.config, *rig.manifest.app_settings]
    for field in asked:
        if _SECRET.search(field.name) and not field.is_secret:
            raise Failed(f"The setting {field.name} looks like a secret: set is_secret=True.")
        if not field.label.strip():
            raise Failed(f"The setting {field.name} has no label: people are asked for it by that.")
    names = [field.name for field in asked]
    if len(names) != len(set(names)):
        raise Failed("Two settings have the same name: rename one.")
    for config in rig.manifest.config:
        try:
            re.compile(config.pattern)
        except re.error as error:
            raise Failed(f"The pattern of {config.name} is no regular expression ({error}): correct it.") from error
