"""What the pages that change campaigns share: which change a form asks for, whose connector knows it, and asking for it."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from adloom_sdk.manifest import Manifest
from adloom_sdk.messages import ActionKind
from app.campaigns.changes import ask_for_change
from app.campaigns.guardrails import Wanted
from app.campaigns.platform_models import Campaign
from app.connections.catalogue import catalogue
from app.performance.campaigns.change_page import read_seen
from billing.plans import Plan
from kit.errors import FieldError, InvalidInput, NotFound
from tenants.workspaces.principal import UserRef


def ask(
    session: Session,
    campaign: Campaign,
    wanted: Wanted,
    manifests: Mapping[str, Manifest],
    plan: Plan,
    user: UserRef,
) -> None:
    """Ask for one change."""
    manifest = manifests.get(campaign.connector_key or "")
    if manifest is None:
        raise NotFound("This campaign cannot be changed from here.", "Change it where it lives.")
    ask_for_change(session, campaign=campaign, wanted=wanted, manifest=manifest, plan=plan, actor=user)


def manifests_of(control: Session) -> dict[str, Manifest]:
    """The manifests of the connectors that work, by key."""
    return {
        entry.manifest.key: entry.manifest
        for entry in catalogue(control)
        if entry.manifest is not None and entry.state == "working"
    }


def action_kind(name: str) -> ActionKind:
    """What is to be done. Raises InvalidInput."""
    if name not in set(ActionKind):
        message = f"Choose one of: {', '.join(ActionKind)}."
        raise InvalidInput("There is no such change.", message, [FieldError(message, "kind", value=name)])
    return ActionKind(name)


def wanted_of(kind: ActionKind, seen: str, new_micros: str, *, is_confirmed: bool) -> Wanted:
    """What a form says."""
    status, budget = read_seen(seen)
    new = int(new_micros) if new_micros.isdigit() and kind is ActionKind.SET_DAILY_BUDGET else None
    return Wanted(kind, status, budget, new, is_confirmed=is_confirmed)
