"""The demo's world: a small outdoor shop with two years of history on six channels, imported and fitted like anybody's.

Everything goes through the same services and jobs as a person's clicks; only the hurry is spared. Running it again changes nothing
but the days that have passed since.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.campaigns.models import ChannelDay, Event
from app.imports.models import Import
from app.imports.service import confirm, receive
from app.mix.models import ModelRun
from app.mix.schemas import AttributionRequest, BudgetRequest, ForecastRequest, Kind, RunRequest
from app.mix.service import start_run
from app.site.demo_customers import tell_of_customers
from billing.plans import PREMIUM
from billing.service import set_plan
from kit.clock import today_in, utc_now
from kit.errors import Unavailable
from kit.ids import new_id
from kit.storage import Storage
from ml.synth import Simulated, demo_shop, import_rows, write_import_csv
from tenants.identity.queries import principal_of_user, user_by_email
from tenants.identity.service import register
from tenants.isolation.planes import Planes
from tenants.workspaces.principal import Principal

SEED = 7
_WAIT_S = 300
_LOOK_EVERY_S = 0.5
_FILENAME = "fjord-and-fell-two-years.csv"
_QUESTIONS: tuple[tuple[Kind, RunRequest], ...] = (
    (Kind.ATTRIBUTION, AttributionRequest()),
    (Kind.BUDGET, BudgetRequest(max_change=0.3)),
    (Kind.FORECAST, ForecastRequest(horizon_days=90)),
)


@dataclass(frozen=True)
class Made:
    """Whom the demo belongs to, and where the two years are."""

    person_id: UUID
    workspace_id: UUID


def build_demo(planes: Planes, storage: Storage, *, email: str, password: str, tell: Callable[[str], None]) -> Made:
    """The demo's account with its workspace, filled."""
    caller = _account(planes, email=email, password=password)
    workspace = caller.in_workspace()
    shop = demo_shop(SEED, today_in(workspace.timezone) - timedelta(days=1))
    if _last_day(planes, caller) != shop.dates[-1].astype(object):
        tell("Importing two years of a small outdoor shop.")
        import_id = _import(planes, storage, caller, shop)
        _wait(lambda: _import_state(planes, caller, import_id), over={"done", "failed", "cancelled"}, what="the import")
    tell("Making up the shop's customers.")
    with planes.begin_tenant(workspace.tenant, user=str(caller.signed_in().id)) as session:
        tell_of_customers(session, workspace=workspace, seed=SEED, end_on=shop.dates[-1].astype(object))
    for kind, request in _QUESTIONS:
        tell(f"Working out: {kind.value}.")
        run_id = _ask(planes, caller, kind, request)
        _wait(
            lambda run_id=run_id: _run_state(planes, caller, run_id),  # type: ignore[misc]  # bound now, called soon
            over={"done", "refused", "failed", "cancelled"},
            what=kind.value,
        )
    return Made(caller.signed_in().id, workspace.id)


def _account(planes: Planes, *, email: str, password: str) -> Principal:
    """The demo's person on the Premium plan, made where they do not exist yet."""
    with planes.begin_control() as control:
        user = user_by_email(control, email)
        if user is None:
            made = register(
                control,
                name="Dana Demo",
                email=email,
                password=password,
                workspace_name="Fjord & Fell",
                currency="USD",
                timezone="UTC",
            )
            made.user.email_verified_at = utc_now()
            set_plan(control, workspace_id=made.workspace.id, plan_code=PREMIUM.code)
            user = made.user
        control.flush()
        return principal_of_user(control, user_id=user.id)


def _last_day(planes: Planes, caller: Principal) -> date | None:
    with planes.tenant(caller.in_workspace().tenant) as session:
        return session.scalar(select(func.max(ChannelDay.day)))


def _import(planes: Planes, storage: Storage, caller: Principal, shop: Simulated) -> UUID:
    workspace, user = caller.in_workspace(), caller.signed_in()
    with TemporaryDirectory(prefix="adloom-demo-") as directory:
        path = Path(directory) / _FILENAME
        write_import_csv(path, import_rows(shop, seed=SEED))
        with planes.begin_tenant(workspace.tenant, user=str(user.id)) as session, path.open("rb") as stream:
            events = [{"id": new_id(), "day": event.on, "name": event.name} for event in shop.events]
            session.execute(insert(Event).values(events).on_conflict_do_nothing())
            item = receive(session, storage, workspace=workspace, user=user, filename=_FILENAME, stream=stream)
            confirm(session, workspace=workspace, user=user, import_id=item.id)
            return item.id


def _ask(planes: Planes, caller: Principal, kind: Kind, request: RunRequest) -> UUID:
    workspace = caller.in_workspace()
    with planes.begin_tenant(workspace.tenant) as session:
        run = start_run(session, kind=kind, request=request, workspace=workspace, actor_id=caller.signed_in().id)
        return run.id


def _import_state(planes: Planes, caller: Principal, import_id: UUID) -> str:
    with planes.tenant(caller.in_workspace().tenant) as session:
        return session.scalars(select(Import.state).where(Import.id == import_id)).one()


def _run_state(planes: Planes, caller: Principal, run_id: UUID) -> str:
    with planes.tenant(caller.in_workspace().tenant) as session:
        return session.scalars(select(ModelRun.state).where(ModelRun.id == run_id)).one()


def _wait(look: Callable[[], str], *, over: set[str], what: str) -> None:
    """Until a job is over; the demo's workers run beside this."""
    for _ in range(int(_WAIT_S / _LOOK_EVERY_S)):
        state = look()
        if state in over:
            return
        time.sleep(_LOOK_EVERY_S)
    raise Unavailable(f"The demo waited {_WAIT_S} s for {what}.", "Is a worker running? See `adloom status`.")
