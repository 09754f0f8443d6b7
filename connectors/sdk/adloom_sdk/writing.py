"""A change on a platform, done so that it is never applied twice: read, compare, dry run, write, read back."""

from adloom_sdk.connector import Connector, Context
from adloom_sdk.errors import Conflict, OutcomeUnknown, SharedBudget
from adloom_sdk.manifest import Capability
from adloom_sdk.messages import Action, ActionKind, ActionResult, EntityState
from adloom_sdk.records import EntityStatus


def carry_out(connector: Connector, ctx: Context, action: Action, *, dry_run: bool = False) -> ActionResult:
    """Carry out one change. Raises Conflict where the entity is not what `action.expected` says, SharedBudget where others
    would be hit, OutcomeUnknown where even reading back does not tell. Writes nothing where the platform is there already.
    """
    before = connector.state(ctx, action.ref)
    if is_reached(before, action):
        return ActionResult(before=before, after=before, was_needed=False, was_dry_run=dry_run)
    _check(before, action)
    can_try = connector.manifest.can(Capability.DRY_RUN)
    if can_try:
        connector.write(ctx, action, dry_run=True)
    if dry_run:
        return ActionResult(before=before, after=before, was_dry_run=True)
    try:
        request_id = connector.write(ctx, action)
    except OutcomeUnknown:
        after = connector.state(ctx, action.ref)
        if not is_reached(after, action):
            raise
        return ActionResult(before=before, after=after)
    after = connector.state(ctx, action.ref)
    if not is_reached(after, action):
        raise OutcomeUnknown("The platform accepted the change, but does not show it yet.", request_id=request_id)
    return ActionResult(before=before, after=after, request_id=request_id)


def is_reached(state: EntityState, action: Action) -> bool:
    """Whether the entity is what the action wants."""
    if action.kind is ActionKind.SET_DAILY_BUDGET:
        return state.daily_budget_micros == action.daily_budget_micros
    wanted = EntityStatus.PAUSED if action.kind is ActionKind.PAUSE else EntityStatus.ACTIVE
    return state.status is wanted


def inverse(action: Action, result: ActionResult) -> Action | None:
    """The change that undoes this one; None where nothing was changed, or the state before cannot be set."""
    if not result.was_needed or result.was_dry_run:
        return None
    if action.kind is ActionKind.SET_DAILY_BUDGET:
        if result.before.daily_budget_micros is None:
            return None
        kind, budget = ActionKind.SET_DAILY_BUDGET, result.before.daily_budget_micros
    elif result.before.status in {EntityStatus.ACTIVE, EntityStatus.PAUSED}:
        kind, budget = ActionKind.PAUSE if result.before.status is EntityStatus.PAUSED else ActionKind.ENABLE, None
    else:
        return None
    key = f"{action.idempotency_key}:undo" if action.idempotency_key else ""
    return Action(kind=kind, ref=action.ref, daily_budget_micros=budget, expected=result.after, idempotency_key=key)


def _check(now: EntityState, action: Action) -> None:
    if action.kind is ActionKind.SET_DAILY_BUDGET and now.is_budget_shared:
        raise SharedBudget("This campaign's budget also feeds other campaigns.")
    seen = action.expected
    if seen is None:
        return
    if action.kind is ActionKind.SET_DAILY_BUDGET and seen.daily_budget_micros != now.daily_budget_micros:
        raise Conflict("The budget was changed elsewhere since you looked.")
    if action.kind is not ActionKind.SET_DAILY_BUDGET and seen.status is not now.status:
        raise Conflict("The status was changed elsewhere since you looked.")
