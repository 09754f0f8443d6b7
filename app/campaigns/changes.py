"""Changes written back to platforms: asked for with what the person saw, guarded, carried out once by a worker, and undone.

A change is an absolute state (paused, a budget of so much), so carrying it out twice ends in the same place; the platform is read
before and after every write, and a write without an answer is resolved by reading (`adloom_sdk.writing`).
"""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from adloom_sdk.errors import Conflict as ChangedElsewhere
from adloom_sdk.errors import NotFound as GonePlatformEntity
from adloom_sdk.errors import OutcomeUnknown, Pauses, PlatformError
from adloom_sdk.manifest import Manifest
from adloom_sdk.messages import Action, ActionKind, ActionResult, EntityRef, EntityState
from adloom_sdk.records import EntityStatus, Level
from adloom_sdk.writing import carry_out, inverse
from app.audit.service import record
from app.campaigns.guardrails import Wanted, check_change, place_of
from app.campaigns.jobs import ApplyChange
from app.campaigns.platform_models import Campaign, CampaignChange
from app.connections.models import AdAccount
from app.connections.opening import Opened, account_of
from app.connections.problems import note_problem
from billing.entitlements import require
from billing.plans import Entitlement, Plan
from kit.clock import utc_now
from kit.errors import Conflict, NotFound
from kit.ids import new_id
from kit.jobs import Transient, enqueue
from tenants.workspaces.principal import UserRef

UNDER_WAY = ("asked", "running")


def ask_for_change(
    session: Session, *, campaign: Campaign, wanted: Wanted, manifest: Manifest, plan: Plan, actor: UserRef
) -> CampaignChange:
    """Check and note the change, and have a worker carry it out. Raises what the person can mend; nothing is written then."""
    require(plan, Entitlement.WRITE_BACK)
    check_change(session, campaign=campaign, wanted=wanted, manifest=manifest)
    expected = EntityState(status=_status(campaign), daily_budget_micros=campaign.daily_budget_micros)
    change = _noted(session, campaign, wanted.kind, wanted.daily_budget_micros, expected, actor)
    change.reason = wanted.reason
    return change


def ask_for_undo(session: Session, *, change: CampaignChange, plan: Plan, actor: UserRef) -> CampaignChange:
    """The change that takes `change` back. Raises Conflict where there is nothing to take back, or it was taken back already."""
    require(plan, Entitlement.WRITE_BACK)
    campaign = session.get_one(Campaign, change.campaign_number)
    account, _ = place_of(session, campaign)
    back = _inverse(change, campaign, account) if change.state == "done" else None
    if back is None:
        raise Conflict(
            "This change cannot be taken back.", "Look at the campaign's state now, and change it from there."
        )
    if _undo_under_way(session, change):
        raise Conflict("This change is being taken back already.", "Look at the campaign's history.")
    assert back.expected is not None  # noqa: S101 - inverse() expects what was read back
    undo = _noted(session, campaign, back.kind, back.daily_budget_micros, back.expected, actor)
    undo.undo_of, undo.reason = change.id, "Taken back"
    return undo


def change_by_id(session: Session, change_id: UUID, *, for_update: bool = False) -> CampaignChange:
    """The change. Raises NotFound."""
    asked = select(CampaignChange).where(CampaignChange.id == change_id)
    found = session.scalar(asked.with_for_update() if for_update else asked)
    if found is None:
        raise NotFound("This change does not exist.", "Look at the campaign's history.")
    return found


def apply_change(
    session: Session, change: CampaignChange, opened: Opened, *, attempt: int = 1, is_last: bool = False
) -> CampaignChange:
    """Carry the change out. Safe to run twice: the platform is read first, and what is reached is not written again.

    A refusal is an outcome, and so is an answer that never came to the last try. Raises Transient where another try can tell more.
    """
    campaign = session.get_one(Campaign, change.campaign_number)
    account, connection = place_of(session, campaign)
    action = _action(change, campaign, account)
    try:
        result = carry_out(opened.connector, opened.ctx, action)
    except PlatformError as error:
        if error.may_retry or isinstance(error, OutcomeUnknown):
            if not is_last:
                raise Transient(error.message, error.what_to_do, retry_after_s=5) from error
            return _closed(session, change, campaign, error, state="unknown")
        # That one campaign is gone, or one value is refused, says nothing about its account.
        if error.pauses is not Pauses.NOTHING and not isinstance(error, GonePlatformEntity):
            note_problem(error, connection=connection, account=account)
        if isinstance(error, ChangedElsewhere):
            _take_over(campaign, opened.connector.state(opened.ctx, action.ref))
        return _closed(session, change, campaign, error, state="refused")
    # An earlier try of this job may have written it: what was there before is then what the person saw.
    if attempt > 1 and not result.was_needed and action.expected is not None:
        result = msgspec.structs.replace(result, before=action.expected)
    return _done(session, change, campaign, result)


def _done(session: Session, change: CampaignChange, campaign: Campaign, result: ActionResult) -> CampaignChange:
    change.before, change.after = _plain(result.before), _plain(result.after)
    change.state, change.request_id, change.finished_at = "done", result.request_id, utc_now()
    change.problem, change.what_to_do = "", ""
    _take_over(campaign, result.after)
    if change.undo_of:
        change_by_id(session, change.undo_of).state = "undone"
    _audit(session, change, campaign)
    return change


def _take_over(campaign: Campaign, state: EntityState) -> None:
    """The platform is right."""
    campaign.status, campaign.raw_status = state.status.value, state.raw_status
    if state.daily_budget_micros is not None:
        campaign.daily_budget_micros = state.daily_budget_micros
    campaign.changed_at = utc_now()


def _closed(
    session: Session, change: CampaignChange, campaign: Campaign, error: PlatformError, *, state: str
) -> CampaignChange:
    change.state, change.finished_at = state, utc_now()
    change.problem, change.what_to_do, change.request_id = error.message, error.what_to_do, error.request_id
    _audit(session, change, campaign)
    return change


def _noted(
    session: Session,
    campaign: Campaign,
    kind: ActionKind,
    daily_budget_micros: int | None,
    expected: EntityState,
    actor: UserRef,
) -> CampaignChange:
    change_id = new_id()
    change = CampaignChange(
        id=change_id,
        campaign_number=campaign.number,
        kind=kind.value,
        daily_budget_micros=daily_budget_micros,
        expected=_plain(expected),
        state="asked",
        idempotency_key=str(change_id),
        asked_by=actor.id,
        asked_by_name=actor.name,
    )
    session.add(change)
    session.flush()
    change.job_id = enqueue(session, ApplyChange(change_id=change_id), priority=10)
    return change


def _status(campaign: Campaign) -> EntityStatus:
    """What the platform is expected to tell."""
    return EntityStatus(campaign.status)


def _inverse(change: CampaignChange, campaign: Campaign, account: AdAccount) -> Action | None:
    if change.before is None or change.after is None:
        return None
    before, after = (msgspec.convert(state, EntityState) for state in (change.before, change.after))
    was_needed = (before.status, before.daily_budget_micros) != (after.status, after.daily_budget_micros)
    result = ActionResult(before=before, after=after, was_needed=was_needed)
    return inverse(_action(change, campaign, account), result)


def _undo_under_way(session: Session, change: CampaignChange) -> bool:
    asked = select(CampaignChange.id).where(CampaignChange.undo_of == change.id, CampaignChange.state.in_(UNDER_WAY))
    return session.scalar(asked.limit(1)) is not None


def _action(change: CampaignChange, campaign: Campaign, account: AdAccount) -> Action:
    return Action(
        kind=ActionKind(change.kind),
        ref=EntityRef(account=account_of(account), level=Level.CAMPAIGN, id=campaign.platform_id or ""),
        daily_budget_micros=change.daily_budget_micros,
        expected=msgspec.convert(change.expected, EntityState),
        idempotency_key=change.idempotency_key,
    )


def _audit(session: Session, change: CampaignChange, campaign: Campaign) -> None:
    details = {
        "kind": change.kind,
        "before": change.before,
        "after": change.after,
        "problem": change.problem,
        "request_id": change.request_id,
        "undo_of": str(change.undo_of) if change.undo_of else None,
    }
    record(
        session,
        actor_id=change.asked_by,
        actor_name=change.asked_by_name,
        action=f"campaign.{change.state}",
        subject=campaign.name,
        details=details,
    )


def _plain(state: EntityState) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(state)
    return plain
