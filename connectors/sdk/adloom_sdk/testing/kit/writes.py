"""The point about writing: every change is applied exactly once or not at all, read back, and can be undone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec

from adloom_sdk.connector import Connector, Context
from adloom_sdk.errors import Conflict, OutcomeUnknown, PlatformError, ScopeMissing, SharedBudget
from adloom_sdk.manifest import Capability
from adloom_sdk.messages import Action, ActionKind, EntityRef, EntityState, Kind
from adloom_sdk.money import minor_digits
from adloom_sdk.records import Account, BudgetOwner, Campaign, EntityStatus, Level
from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.kit.points import point
from adloom_sdk.testing.kit.rig import WRITES, DoesNotApply, Failed, Read, Rig, Tap, an_account
from adloom_sdk.testing.kit.truths import CURRENCIES
from adloom_sdk.writing import carry_out, inverse

_KINDS = {
    Capability.PAUSE: ActionKind.PAUSE,
    Capability.ENABLE: ActionKind.ENABLE,
    Capability.DAILY_BUDGET: ActionKind.SET_DAILY_BUDGET,
}
_LOST = 20


@point(19, "Writes are applied once, read back and undone")
def writes(rig: Rig) -> str:
    """Pause, enable, budgets in five currencies, conflict, shared budget, missing scope, lost replies and server errors."""
    if not any(rig.manifest.can(one) for one in WRITES):
        raise DoesNotApply("The manifest declares nothing to write.")
    desk = _Desk(rig, "USD")
    for capability, kind in _KINDS.items():
        if rig.manifest.can(capability):
            _there_and_back(desk, kind)
            _conflict(desk, kind)
            _lost_replies(desk, kind)
            _server_error(desk, kind)
    _without_scope(desk)
    if rig.manifest.can(Capability.DAILY_BUDGET):
        _shared_budget(desk)
        for currency in CURRENCIES[1:]:
            _there_and_back(_Desk(rig, currency), ActionKind.SET_DAILY_BUDGET)
    return f"{_LOST} lost replies per kind of change, none applied twice"


class _Desk:
    """A bench whose fake counts what is changed in it, and whose wire breaks on demand."""

    def __init__(self, rig: Rig, currency: str) -> None:
        self.rig = rig
        self.changes = 0
        self.sent = 0
        self.fails_first = False
        self.loses_reply = False
        self._is_writing = False
        self.bench: Bench = rig.bench(currency=currency, connector=self._watched(rig.connector_class))
        self._count_changes()
        self.account: Account = an_account(self.bench, currency)
        self.ctx: Context = self.bench.ctx(transport=Tap(self.bench.fake, before=self._before, after=self._after))

        found = rig.collect(self.bench, self.account, Read(Kind.CAMPAIGNS)).values()
        campaigns = [one for one in found if isinstance(one, Campaign) and one.status is EntityStatus.ACTIVE]
        own = [one for one in campaigns if one.budget_owner is not BudgetOwner.SHARED]
        if not own:
            raise Failed(
                "No campaign came as ACTIVE with a budget of its own, though the fake has some: check mapping.py."
            )
        self.campaign = own[0]
        self.shared = next((one for one in campaigns if one.budget_owner is BudgetOwner.SHARED), None)

    def state(self, ref: EntityRef) -> EntityState:
        """What the platform tells."""
        return self.bench.connector.state(self.ctx, ref)

    def carry_out(self, action: Action) -> Any:
        """One change, counted from zero."""
        self.changes = self.sent = 0
        return carry_out(self.bench.connector, self.ctx, action)

    def action(self, kind: ActionKind, campaign: Campaign, **changed: Any) -> Action:
        """A change that is not reached yet."""
        ref = EntityRef(account=self.account, level=Level.CAMPAIGN, id=campaign.id)
        if kind is ActionKind.ENABLE and self.state(ref).status is EntityStatus.ACTIVE:
            self._set(campaign, EntityStatus.PAUSED)
        if kind is ActionKind.PAUSE and self.state(ref).status is EntityStatus.PAUSED:
            self._set(campaign, EntityStatus.ACTIVE)
        budget = None
        if kind is ActionKind.SET_DAILY_BUDGET:
            # Some platforms take hundredths at most, of a currency with thousandths too.
            unit = 10 ** (6 - min(2, minor_digits(self.account.currency)))
            budget = (self.state(ref).daily_budget_micros or 0) * 11 // 10 // unit * unit + unit
        action = Action(kind=kind, ref=ref, daily_budget_micros=budget, expected=self.state(ref))
        return msgspec.structs.replace(action, **changed)

    def _set(self, campaign: Campaign, status: EntityStatus) -> None:
        self.bench.fake.world.change(self.bench.fake.undressed(campaign.id), status=status)

    def _watched(self, connector_class: type[Connector]) -> type[Connector]:
        desk = self

        class Watched(connector_class):  # type: ignore[valid-type,misc]  # a class that is given at run time
            def write(self, ctx: Context, action: Action, *, dry_run: bool = False) -> str:
                desk._is_writing = not dry_run
                try:
                    return str(super().write(ctx, action, dry_run=dry_run))
                finally:
                    desk._is_writing = False

        return Watched

    def _count_changes(self) -> None:
        world = self.bench.fake.world
        real = world.change

        def change(*args: Any, **kwargs: Any) -> Any:
            self.changes += 1
            return real(*args, **kwargs)

        world.change = change  # type: ignore[method-assign]  # counted for this point only

    def _before(self, request: httpx.Request) -> httpx.Response | None:
        self._changes_before = self.changes
        if not self._is_writing or not request.extensions.get("is_write"):
            return None
        self.sent += 1
        if not self.fails_first:
            return None
        content, headers = self.bench.fake.refusal("server_error").wire()
        status = self.bench.fake.refusal("server_error").status
        return httpx.Response(status, headers=headers, content=content)

    def _after(self, request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if self.changes > self._changes_before and not request.extensions.get("is_write"):
            raise Failed("A change was sent as if it were a reading call: send writes with ctx.http.write().")
        if self.loses_reply and self.changes > self._changes_before:
            raise httpx.ReadTimeout("the reply was lost", request=request)
        return response


@contextmanager
def _switched(desk: _Desk, name: str) -> Iterator[None]:
    setattr(desk, name, True)
    try:
        yield
    finally:
        setattr(desk, name, False)


def _there_and_back(desk: _Desk, kind: ActionKind) -> None:
    action = desk.action(kind, desk.campaign)
    before = desk.state(action.ref)
    result = desk.carry_out(action)
    _expect_changes(desk, 1, f"{kind}")
    again = desk.carry_out(replace_expected(action, result.after))
    if again.was_needed or desk.changes:
        raise Failed(f"{kind} was sent although it was reached: state() must show what write() has set.")
    back = inverse(action, result)
    if back is None:
        raise Failed(f"{kind} cannot be undone: state() must tell status and budget as they were.")
    desk.carry_out(back)
    after = desk.state(action.ref)
    if (after.status, after.daily_budget_micros) != (before.status, before.daily_budget_micros):
        raise Failed(
            f"Undoing {kind} left {after.status}, {after.daily_budget_micros} instead of {before.status}, {before.daily_budget_micros}."
        )


def replace_expected(action: Action, expected: EntityState) -> Action:
    """The action of a person who has seen this state."""
    return msgspec.structs.replace(action, expected=expected)


def _conflict(desk: _Desk, kind: ActionKind) -> None:
    action = desk.action(kind, desk.campaign)
    now = desk.state(action.ref)
    other = EntityStatus.ENDED
    seen = msgspec.structs.replace(now, status=other, daily_budget_micros=(now.daily_budget_micros or 0) + 7_000_000)
    try:
        desk.carry_out(replace_expected(action, seen))
    except Conflict:
        _expect_changes(desk, 0, "a conflict")
    else:
        raise Failed(
            f"{kind} was written although the entity had changed: state() must be read from the platform each time."
        )


def _lost_replies(desk: _Desk, kind: ActionKind) -> None:
    for _ in range(_LOST):
        action = desk.action(kind, desk.campaign)
        with _switched(desk, "loses_reply"):
            result = desk.carry_out(action)
        _expect_changes(desk, 1, f"{kind} whose reply was lost")
        back = inverse(action, result)
        if back is not None:
            desk.carry_out(back)


def _server_error(desk: _Desk, kind: ActionKind) -> None:
    action = desk.action(kind, desk.campaign)
    with _switched(desk, "fails_first"):
        try:
            desk.carry_out(action)
        except OutcomeUnknown:
            _expect_changes(desk, 0, "a refused write")
        except PlatformError as error:
            raise Failed(
                f"A server error at {kind} became {type(error).__name__}: send writes with ctx.http.write()."
            ) from error
        else:
            raise Failed(f"A server error at {kind} was taken for success: let write() raise what the client raises.")
    if desk.sent != 1:
        raise Failed(
            f"{kind} was sent {desk.sent} times after a server error: send writes with ctx.http.write(), once."
        )


def _without_scope(desk: _Desk) -> None:
    fake = desk.bench.fake
    if not fake.write_scope or fake.write_scope == fake.read_scope:
        return
    kind = next(kind for capability, kind in _KINDS.items() if desk.rig.manifest.can(capability))
    action = desk.action(kind, desk.campaign)
    ctx = desk.bench.ctx(desk.bench.credentials(desk.bench.token(fake.read_scope)))
    try:
        carry_out(desk.bench.connector, ctx, action)
    except ScopeMissing:
        return
    except PlatformError as error:
        raise Failed(
            f"Writing without the scope became {type(error).__name__} ({error}), and should be ScopeMissing."
        ) from error
    raise Failed("Writing without the scope was possible: mark the fake's write route with is_write=True.")


def _shared_budget(desk: _Desk) -> None:
    if desk.shared is None:
        return  # the platform has no shared budgets
    action = desk.action(ActionKind.SET_DAILY_BUDGET, desk.shared)
    try:
        desk.carry_out(action)
    except SharedBudget:
        _expect_changes(desk, 0, "a shared budget")
    else:
        raise Failed("A shared budget was changed: let state() tell is_budget_shared.")


def _expect_changes(desk: _Desk, wanted: int, what: str) -> None:
    if desk.changes != wanted:
        raise Failed(
            f"{what} changed the platform {desk.changes} times instead of {wanted}: write() sends one call, once."
        )
