"""What `adloom connector read` was asked for, refused in a sentence where it cannot be meant."""

import re
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from adloom_sdk.manifest import Capability, Manifest
from adloom_sdk.messages import Kind
from adloom_sdk.records import Level
from kit.errors import InvalidInput


@dataclass(frozen=True)
class Wish:
    """What to read. Without `kind`, everything that the connector reads: entities, then daily numbers at `level`."""

    account_id: str
    since: date
    until: date
    kind: Kind | None = None
    level: Level = Level.CAMPAIGN
    base_url: str = ""
    token: str = ""
    version: str = ""
    currency: str = "USD"
    timezone: str = "UTC"
    timeout_s: float = 300.0
    is_fake: bool = False
    config: dict[str, str] = field(default_factory=dict)
    app: dict[str, str] = field(default_factory=dict)

    def kinds(self, manifest: Manifest) -> list[Kind]:
        """What is to be read: the kind that was named, or everything that the connector declares, entities first."""
        return [self.kind] if self.kind else readable(manifest)


def readable(manifest: Manifest) -> list[Kind]:
    """Every kind that the connector declares, entities first."""
    return [kind for kind in Kind if manifest.can(Capability(f"read.{kind}"))]


def require_sensible(wish: Wish, manifest: Manifest) -> None:
    """Raise InvalidInput for what no platform has to be asked to know that it is wrong."""
    if not wish.account_id.strip():
        raise InvalidInput("The account's id is empty.", "Give it as the platform shows it, with --account.")
    if wish.until < wish.since:
        raise InvalidInput(f"--until {wish.until} lies before --since {wish.since}.", "Swap them.")
    _require_address(wish)
    _require_zone_and_currency(wish)
    _require_declared(wish, manifest)
    _require_known("--app", wish.app, [one.name for one in manifest.app_settings])
    _require_known("--config", wish.config, [one.name for one in manifest.config])


def _require_address(wish: Wish) -> None:
    if not wish.base_url:
        if not (wish.token or wish.is_fake):
            raise InvalidInput(
                "There is no token to sign in with.",
                "Give --token, or set ADLOOM_CONNECTOR_TOKEN. With --base-url or --fake none is needed.",
            )
        return
    try:
        parts = urlsplit(wish.base_url.replace("{host}", "host"))
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_address = False
    if not is_address:
        raise InvalidInput(
            f"--base-url “{wish.base_url}” is no web address.", "Write it like http://127.0.0.1:8080, with its scheme."
        )


def _require_zone_and_currency(wish: Wish) -> None:
    try:
        ZoneInfo(wish.timezone)
    except (LookupError, ValueError, OSError) as error:
        raise InvalidInput(
            f"--timezone “{wish.timezone}” is no time zone.", "Write it like Europe/Berlin, or UTC."
        ) from error
    if not re.fullmatch(r"[A-Z]{3}", wish.currency):
        raise InvalidInput(f"--currency “{wish.currency}” is no currency.", "Write its three letters, such as EUR.")


def _require_declared(wish: Wish, manifest: Manifest) -> None:
    kinds = readable(manifest)
    if wish.kind and wish.kind not in kinds:
        raise InvalidInput(f"{manifest.title} reads no {wish.kind}.", f"It reads {', '.join(kinds) or 'nothing'}.")
    if Kind.DAILY in wish.kinds(manifest) and wish.level not in manifest.levels:
        raise InvalidInput(
            f"{manifest.title} has no daily numbers of the level {wish.level}.",
            f"It has those of {', '.join(manifest.levels) or 'no level'}: say which with --level.",
        )


def _require_known(option: str, given: dict[str, str], known: list[str]) -> None:
    if strangers := sorted(set(given) - set(known)):
        raise InvalidInput(
            f"{option} {strangers[0]} is no setting of this connector.", f"Known are: {', '.join(known) or 'none'}."
        )
