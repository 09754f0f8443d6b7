"""Every platform's own protocol through the whole engine, with what goes wrong in real life: the tables end at the settled truth."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

import pytest
from sqlalchemy.orm import Session

from adloom_sdk.connector import Connector
from adloom_sdk.manifest import Capability
from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.fakes import FakePlatform
from adloom_sdk.testing.faults import Fault
from adloom_sdk.testing.world import Clock, Shape, World
from app.connections.models import AdAccount, Connection
from app.connections.opening import Opened, Watching
from app.sync.running import Around, run_account
from kit.errors import AdloomError
from kit.ids import new_id
from kit.jobs import Transient
from tests.sync.conftest import Place

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
# The autumn's changes of clocks lie in the newest month: 25 October in Europe, 1 November in America.
SINCE, UNTIL = date(2026, 10, 22), date(2026, 11, 19)
PLATFORMS = sorted(
    one.name
    for one in entry_points(group="adloom.connectors")
    if one.value.startswith("adloom_") and one.name not in {"ga4", "shopify"}
)


def _bench(key: str) -> Bench:
    """The platform's connector at its sandbox, found as the product and the sandbox find them."""
    [entry] = [one for one in entry_points(group="adloom.connectors") if one.name == key]
    connector: type[Connector] = entry.load().adloom_connectors()[0]
    module = import_module(f"sandbox.platforms.{key}")
    fakes = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, FakePlatform)]
    fake = next(one for one in fakes if one.__module__ == module.__name__)
    shape = Shape(
        currencies=(("USD", "America/New_York"), ("JPY", "Europe/Berlin")),
        has_disabled_account=False,
        campaigns=3,
        ad_groups=1,
        ads=2,
        history_days=400,
    )
    world = World(key, shape=shape, clock=Clock(NOW, is_frozen=True))
    return Bench(connector, fake(world, page_size=20))


def _trouble(fake: FakePlatform) -> None:
    for kind, probability in (("throttled", 0.05), ("server_error", 0.02), ("cut_body", 0.01), ("expire_token", 0.02)):
        fake.faults.add(Fault(kind=kind, probability=probability, delay_s=5))


@contextmanager
def _opener(bench: Bench, watching: Watching) -> Iterator[Opened]:
    ctx = bench.ctx(is_cancelled=watching.is_cancelled, on_exchange=watching.on_exchange)
    try:
        yield Opened(bench.connector, ctx)
    finally:
        ctx.http.close()


def _sync(place: Place, bench: Bench, account_id: Any) -> None:
    """As often as a worker would try."""

    def opener(_session: Session, _connection: Connection, /, *, watching: Watching) -> Any:
        return _opener(bench, watching)

    for _ in range(8):
        try:
            with place.session() as session:
                around = Around(opener=opener, clock=bench.fake.world.clock.now)
                outcome = run_account(session, account_id=account_id, kind="manual", around=around)
        except Transient:
            continue
        if outcome.state == "done":
            return
        assert outcome.retry_at is not None, place.rows("SELECT problem_code, problem FROM sync_runs")
        bench.fake.world.clock.set(max(outcome.retry_at, bench.fake.world.clock.now()))
    raise AdloomError("The platform never let it end.")


def _connect(place: Place, bench: Bench) -> dict[str, Any]:
    with place.session() as session:
        connection = Connection(
            connector_key=bench.connector.manifest.key, label="x", state="active", connected_by=new_id()
        )
        session.add(connection)
        session.flush()
        rows = [
            AdAccount(
                connection_id=connection.id,
                connector_key=connection.connector_key,
                platform_id=one.id,
                name=one.name,
                currency=one.currency,
                timezone=one.timezone,
                status=one.status.value,
                parent_platform_id=one.parent_id,
                is_selected=True,
            )
            for one in bench.accounts()
            if not one.problem
        ]
        session.add_all(rows)
        session.flush()
        return {row.currency: row.id for row in rows}


@pytest.mark.parametrize("key", PLATFORMS)
def test_through_all_troubles_the_tables_end_at_the_settled_truth(
    place: Place, ledger: Callable[..., Any], key: str
) -> None:
    bench = _bench(key)
    assert bench.connector.manifest.can(Capability.DAILY)
    accounts = _connect(place, bench)
    _trouble(bench.fake)
    for days in (0, 24):
        bench.fake.world.clock.advance(timedelta(days=days).total_seconds())
        for account_id in accounts.values():
            _sync(place, bench, account_id)
    for currency, account_id in accounts.items():
        told = ledger(bench.fake.world, currency, SINCE, UNTIL, settled=True)
        for table in ("campaign", "ad"):
            stored = place.sums(account_id, table=table)
            assert {day: sums for day, sums in stored.items() if day <= UNTIL and day >= SINCE} == told, (
                currency,
                table,
            )
    assert place.rows("SELECT count(*) FROM campaigns WHERE status = 'other'") == [(0,)]
