"""Ten thousand campaigns and ninety days from a platform to the tables, end to end: HTTP, JSON, records, COPY, merge, roll-up.

The platform is the sandbox's Meta in a process of its own on the same cores. `python -m benchmarks.sync`
"""

import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from time import monotonic, perf_counter
from uuid import UUID

import httpx
import msgspec
import psutil
from adloom_meta_ads.connector import MetaAds as MetaConnector
from sqlalchemy import text
from sqlalchemy.orm import Session

from adloom_sdk.connector import Context
from adloom_sdk.credentials import StaticCredentials
from adloom_sdk.http import Client
from adloom_sdk.records import Level
from adloom_sdk.testing.serving import served
from adloom_sdk.testing.world import Clock, Shape, World
from app.campaigns.rates import keep_own_currency
from app.connections.models import AdAccount, Connection
from app.connections.opening import Opened, Watching
from app.sync.running import Around, Outcome, run_account
from benchmarks.installation import installation, make_workspace
from benchmarks.machine import describe, verdict
from kit.ids import new_id
from sandbox.platforms.meta_ads import MetaAds as MetaSandbox
from tenants.isolation.planes import Planes, Tenant

# A sixth of the sandbox's campaigns was removed twenty days ago and every fiftieth day has no delivery, so a few more make up for it.
CAMPAIGNS, DAYS, ROWS = 10_700, 90, 900_000
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BAR_S, BAR_MIB = 90.0, 300.0


class Meta(MetaConnector):
    """The real connector; its manifest tells less history, and campaigns only."""

    manifest = msgspec.structs.replace(
        MetaConnector.manifest, retention_days=DAYS - 1, levels=(Level.CAMPAIGN,), max_window_days=30
    )


def main() -> None:
    """Print the figures."""
    print(f"sync — {CAMPAIGNS:,} campaigns, {DAYS} days — {describe()}")
    with installation() as place, _platform() as (address, server), _watched() as peak:
        tenant = make_workspace(place)
        connector, token = Meta(), httpx.post(f"{address}/_sim/tokens", json={}).json()["result"]["access_token"]
        account_id = _connect(place.planes, tenant, connector, address, token)
        began, outcomes = perf_counter(), []
        for kind in ("first", "backfill"):
            outcomes.append(_sync(place.planes, tenant, account_id, kind, connector, address, token))
            print(f"\r  {kind}: {outcomes[-1].rows_read:,} rows after {perf_counter() - began:.1f} s")
        took_s = perf_counter() - began
        days = _count(place.planes, tenant)
        own_s = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        print(
            f"  {days:,} days of campaigns stored: {days / took_s:,.0f} rows/s; CPU here {own_s:.0f} s, sandbox {_cpu_s(server):.0f} s"
        )
        again_began = perf_counter()
        again = _sync(place.planes, tenant, account_id, "manual", connector, address, token)
        print(
            f"  re-run: {again.rows_read:,} rows in {perf_counter() - again_began:.1f} s, {again.rows_changed:,} rewritten"
        )
    print(verdict("end to end", took_s, BAR_S, "s"))
    print(verdict("peak memory", peak[0] - peak[1], BAR_MIB, "MiB"), f"beyond {peak[1]:.0f} MiB before")
    print(verdict("rows rewritten by a re-run", again.rows_changed, 0, "rows"))
    if days < ROWS:
        raise SystemExit(f"Wrong: only {days:,} days were stored.")


def serve() -> None:
    """The platform, until the input ends."""
    shape = Shape(
        currencies=(("EUR", "Europe/Berlin"),), has_disabled_account=False, campaigns=CAMPAIGNS, ad_groups=1, ads=1
    )
    fake = MetaSandbox(World("meta_ads", shape=shape, clock=Clock(NOW, is_frozen=True)), page_size=1000)
    fake.bucket.per_second = fake.bucket.burst = 1e9
    fake.job_polls, fake.sync_rows = 1, 10**9
    with served(fake) as address:
        print(address, flush=True)
        sys.stdin.read()


@contextmanager
def _platform() -> Iterator[tuple[str, psutil.Process]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.sync", "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    if process.stdin is None or process.stdout is None:
        raise SystemExit("The platform has no pipes.")
    try:
        yield process.stdout.readline().strip(), psutil.Process(process.pid)
    finally:
        process.stdin.close()
        process.wait(timeout=20)


@contextmanager
def _watched() -> Iterator[list[float]]:
    """The largest resident memory of this process while the block runs, and the one before it, in MiB."""
    me, stop = psutil.Process(), threading.Event()
    before = me.memory_info().rss / 2**20
    peak = [before, before]

    def look() -> None:
        while not stop.wait(0.2):
            peak[0] = max(peak[0], me.memory_info().rss / 2**20)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        stop.set()
        watcher.join()


@contextmanager
def _opened(connector: Meta, address: str, token: str, watching: Watching) -> Iterator[Opened]:
    client = Client(
        connector.manifest,
        StaticCredentials(token),
        base_url=address,
        error_of=connector.error_of,
        throttle_of=connector.throttle_of,
        is_cancelled=watching.is_cancelled,
        on_exchange=watching.on_exchange,
        limiter=_Unlimited(),
        sleep=lambda _seconds: None,
    )
    try:
        yield Opened(connector, Context(http=client, clock=lambda: NOW, is_cancelled=watching.is_cancelled))
    finally:
        client.close()


class _Unlimited:
    """What is measured is our own speed, not the patience that platforms ask for."""

    @contextmanager
    def slot(self, _scope: str) -> Iterator[None]:
        """At once."""
        yield

    def hold(self, scope: str, until: datetime) -> None:
        """Nothing asks for it here."""


def _connect(planes: Planes, tenant: Tenant, connector: Meta, address: str, token: str) -> UUID:
    with _opened(connector, address, token, Watching()) as opened:
        [account] = connector.accounts(opened.ctx)
    with planes.begin_tenant(tenant) as session:
        keep_own_currency(session, account.currency)
        connection = Connection(connector_key="meta_ads", label="Meta", state="active", connected_by=new_id())
        session.add(connection)
        session.flush()
        row = AdAccount(
            connection_id=connection.id,
            connector_key="meta_ads",
            platform_id=account.id,
            name=account.name,
            currency=account.currency,
            timezone=account.timezone,
            status=account.status.value,
            is_selected=True,
        )
        session.add(row)
        session.flush()
        return row.id


def _sync(
    planes: Planes, tenant: Tenant, account_id: UUID, kind: str, connector: Meta, address: str, token: str
) -> Outcome:
    told = [monotonic()]

    def tell(share: float, sentence: str) -> None:
        if monotonic() - told[0] > 1:
            told[0] = monotonic()
            print(f"\r  {kind}: {100 * share:3.0f} % {sentence}", end="" if sys.stdout.isatty() else "\n", flush=True)

    def opener(_session: Session, _connection: Connection, *, watching: Watching) -> AbstractContextManager[Opened]:
        return _opened(connector, address, token, watching)

    with planes.begin_tenant(tenant) as session:
        around = Around(opener=opener, tell=tell, clock=lambda: NOW)
        outcome = run_account(session, account_id=account_id, kind=kind, around=around)
    if outcome.state != "done":
        raise SystemExit(f"Wrong: the {kind} sync ended as {outcome.state}.")
    return outcome


def _count(planes: Planes, tenant: Tenant) -> int:
    with planes.tenant(tenant) as session:
        return int(session.execute(text("SELECT count(*) FROM campaign_days")).scalar_one())


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["serve"] else main()
