"""How campaigns read: states, budgets, platforms' names, values with the reason where one is missing."""

import re
from collections.abc import Mapping
from typing import Literal

from app.campaigns.platform_models import CampaignChange
from app.performance.campaigns.asking import STATUSES
from app.performance.catalogue import METRICS
from app.performance.service import Value
from app.performance.wording import full_text, missing_reason
from kit.format import MISSING, money

Badge = Literal["good", "bad", "warn", "info", "plain"]
TONES: dict[str, Badge] = {
    "active": "good",
    "paused": "warn",
    "ended": "plain",
    "removed": "plain",
    "planned": "info",
    "other": "plain",
}
CHANGE_STATES: dict[str, tuple[str, Badge]] = {
    "asked": ("Waiting", "info"),
    "running": ("Running", "info"),
    "done": ("Done", "good"),
    "refused": ("Refused", "bad"),
    "unknown": ("Outcome unknown", "warn"),
    "undone": ("Taken back", "plain"),
}
_BUDGET_OWNERS = {"shared": "Shared", "ad_groups": "In ad sets"}
_CONSTANT = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
HERE_ONLY = "Adloom only"


def status_label(status: str) -> str:
    """A state as a word."""
    return STATUSES.get(status, status.capitalize())


def platform_words(told: str) -> str:
    """What a platform calls something, without its capitals and underscores; words of people stay as they are."""
    return told.replace("_", " ").capitalize() if _CONSTANT.fullmatch(told) else told


def platform_title(key: str | None, titles: Mapping[str, str]) -> str:
    """A platform's name; a connector that is not installed any more keeps the words of its key."""
    if key is None:
        return HERE_ONLY
    return titles.get(key) or key.replace("_", " ").capitalize()


def budget_text(daily_micros: int | None, lifetime_micros: int | None, owner: str, currency: str) -> str:
    """The budget, or where it lies."""
    if daily_micros is not None:
        text = money(daily_micros, currency)
        return f"{text}, shared" if owner == "shared" else text
    if lifetime_micros is not None:
        return f"{money(lifetime_micros, currency)} in all"
    return _BUDGET_OWNERS.get(owner, MISSING)


def value_text(key: str, values: Mapping[str, Value], currency: str) -> str:
    """A metric in full."""
    return full_text(METRICS[key], values[key], currency)


def why_missing(key: str, values: Mapping[str, Value]) -> str:
    """Why a metric is unknown; nothing where it is known."""
    return missing_reason(METRICS[key], values)


def change_title(change: CampaignChange, currency: str) -> str:
    """What was asked for."""
    if change.kind == "set_daily_budget":
        return f"Daily budget {money(change.daily_budget_micros, currency)}"
    return {"pause": "Pause", "enable": "Enable"}.get(change.kind, change.kind)


def before_after(change: CampaignChange, currency: str) -> tuple[str, str]:
    """What was changed from and to, as read on the platform; the request where it has not come that far."""
    before, after = change.before or change.expected, change.after
    if change.kind == "set_daily_budget":
        wanted = after["daily_budget_micros"] if after else change.daily_budget_micros
        return money(before.get("daily_budget_micros"), currency), money(wanted, currency)
    goal = {"pause": "paused", "enable": "active"}.get(change.kind, "")
    return status_label(before.get("status", "")), status_label(after["status"] if after else goal)
