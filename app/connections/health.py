"""How a connection fares, in one sentence and with one thing to do: the same words on pages and in the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from adloom_sdk.manifest import ApiKey, Manifest
from app.connections.models import AdAccount, Connection
from kit.format import ago, day, plural

Tone = Literal["good", "bad", "warn", "info", "plain"]
Act = Literal["", "sign_in", "enter_key", "check", "resume", "choose"]

ACT_LABELS: dict[Act, str] = {
    "": "",
    "sign_in": "Sign in again",
    "enter_key": "Enter the key again",
    "check": "Check again",
    "resume": "Resume",
    "choose": "Choose accounts",
}
# What became of a sign-in, by the kind of problem. {title} is the platform, {on} the day since when.
_SIGN_IN = {
    "AuthExpired": "The {title} sign-in expired on {on}: sign in again.",
    "AuthRevoked": "Access to {title} was withdrawn on {on}: sign in again.",
    "ScopeMissing": "The {title} sign-in has lacked a permission since {on}: sign in again and grant it.",
}
_REMOVING = "Being removed: the sign-in is forgotten, and what was read through it leaves every figure within minutes."
_OPERATOR = {
    "AppNotApproved": "{title} has not approved this installation’s app: whoever runs Adloom here must have it approved.",
    "AppMisconfigured": "{title} does not accept this installation’s app: whoever runs Adloom here must correct its id and secret.",
    "VersionSunset": "{title} has switched off the version that this connector speaks: whoever runs Adloom here must update it.",
}


@dataclass(frozen=True)
class Health:
    """A word for the badge, a sentence, and the one act that helps."""

    tone: Tone
    label: str
    sentence: str
    act: Act = ""
    act_label: str = ""


def health_of(connection: Connection, accounts: Sequence[AdAccount], manifest: Manifest | None) -> Health:
    """How it fares. Without a manifest the connector is not installed any more, or does not load."""
    if connection.state == "removing":
        return Health("plain", "Being removed", _REMOVING)
    if manifest is None:
        missing = (
            f"The connector {connection.connector_key} does not work here: whoever runs Adloom here must install it."
        )
        return Health("bad", "Connector missing", missing)
    teller = {
        "connecting": _connecting,
        "needs_sign_in": _needs_sign_in,
        "needs_operator": _needs_operator,
        "paused": _paused,
    }.get(connection.state)
    return teller(connection, manifest) if teller else _active(connection, accounts, manifest)


def _connecting(connection: Connection, manifest: Manifest) -> Health:
    has_key = isinstance(manifest.auth, ApiKey)
    act: Act = "enter_key" if has_key else "sign_in"
    if connection.problem:
        told = f"Signing in at {manifest.title} did not work. {connection.problem}"
        return Health("bad", "Not connected", told, act, "Enter the key again" if has_key else "Try again")
    if has_key:
        return Health("info", "Not checked yet", "The key has not been checked yet.", "check", "Check now")
    told = f"Nobody has signed in at {manifest.title} yet."
    return Health("info", "Not signed in", told, act, f"Sign in at {manifest.title}")


def _needs_sign_in(connection: Connection, manifest: Manifest) -> Health:
    words = _SIGN_IN.get(connection.problem_code, "{problem} Sign in again.")
    if isinstance(manifest.auth, ApiKey):
        words = "{title} has refused the key since {on}: enter it again."
        return Health("bad", "Key refused", _filled(words, connection, manifest), "enter_key", ACT_LABELS["enter_key"])
    told = _filled(words, connection, manifest)
    return Health("bad", "Sign-in needed", told, "sign_in", ACT_LABELS["sign_in"])


def _needs_operator(connection: Connection, manifest: Manifest) -> Health:
    words = _OPERATOR.get(connection.problem_code, "{problem} Whoever runs Adloom here must act.")
    return Health("bad", "Stopped", _filled(words, connection, manifest), "check", ACT_LABELS["check"])


def _paused(_connection: Connection, manifest: Manifest) -> Health:
    told = f"Paused: nothing is read from {manifest.title} until you resume it."
    return Health("plain", "Paused", told, "resume", ACT_LABELS["resume"])


def _active(connection: Connection, accounts: Sequence[AdAccount], manifest: Manifest) -> Health:
    chosen = [account for account in accounts if account.is_selected]
    troubled = [account for account in chosen if account.problem]
    if connection.problem:
        told = f"{connection.problem} {connection.what_to_do}".strip()
        return Health("warn", "Needs attention", told, "check", ACT_LABELS["check"])
    if not accounts:
        return Health(
            "warn", "No accounts", f"The sign-in reaches no account at {manifest.title}.", "check", "Check again"
        )
    if not chosen:
        return Health("info", "Signed in", "Choose which accounts to read.", "choose", ACT_LABELS["choose"])
    if len(troubled) == 1:
        told = f"{troubled[0].name}: {troubled[0].problem} {troubled[0].what_to_do}".strip()
        return Health("warn", "Needs attention", told, "choose", "See accounts")
    if troubled:
        told = f"{len(troubled)} of {plural(len(chosen), 'account')} need attention."
        return Health("warn", "Needs attention", told, "choose", "See accounts")
    return Health(
        "good",
        "Working",
        f"Everything works, as of {ago(connection.last_ok_at)}." if connection.last_ok_at else "Everything works.",
    )


def _filled(words: str, connection: Connection, manifest: Manifest) -> str:
    on = day(connection.problem_at.date()) if connection.problem_at else "an unknown day"
    return words.format(title=manifest.title, on=on, problem=connection.problem)
