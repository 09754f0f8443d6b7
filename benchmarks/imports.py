"""A file of 500,000 rows from its upload to committed facts: received, recognised, confirmed, read, merged, rolled up.

Everything that a worker and a web process do happens in this process, against a server with its default durability.
"""

import random
import resource
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from uuid import UUID

from app.imports.models import Import
from app.imports.running import RunContext, run_import
from app.imports.service import confirm, receive
from benchmarks.installation import Installation, installation, make_workspace
from benchmarks.machine import describe, verdict
from billing.plans import PREMIUM
from kit.csvio import write_csv
from kit.ids import new_id
from kit.storage import Storage, open_storage
from tenants.isolation.planes import Tenant
from tenants.workspaces.principal import UserRef, WorkspaceRef

ROWS = 500_000
HEADER = ("date", "channel", "campaign", "spend", "revenue", "impressions", "clicks", "conversions")
CHANNELS = ("Google Ads", "FB Ads", "TikTok", "Email", "Bing", "Pinterest", "LinkedIn", "Direct")
FIRST_DAY = date(2023, 1, 1)
TODAY = date(2026, 1, 1)
BAR_S, BAR_MIB = 30.0, 300.0


def main() -> None:
    """Print how long the first import takes, and the same file once more, which changes nothing."""
    print(f"imports — {ROWS:,} rows — {describe()}")
    with installation() as place, tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "rows.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            write_csv(stream, HEADER, _rows())
        tenant, storage = make_workspace(place), open_storage(place.settings)
        print(f"  file of {path.stat().st_size / 2**20:.0f} MiB; {_peak_mib():.0f} MiB of memory before")
        _measure(place, tenant, storage, path, "first import")
        _measure(place, tenant, storage, path, "the same file again")
        print(f"  {verdict('peak memory of the process', _peak_mib(), BAR_MIB, 'MiB')}")


def _measure(place: Installation, tenant: Tenant, storage: Storage, path: Path, name: str) -> None:
    began = perf_counter()
    import_id = _received(place, tenant, storage, path)
    received_s = perf_counter() - began
    done = _run(place, tenant, storage, import_id)
    took_s = perf_counter() - began
    if done.state != "done":
        raise SystemExit(f"The import ended as {done.state}: {done.problem}")
    print(f"  {name}: {done.rows_accepted:,} rows, {done.rows_changed:,} facts changed; received in {received_s:.2f} s")
    print(f"  {verdict(name, took_s, BAR_S, 's')}")


def _received(place: Installation, tenant: Tenant, storage: Storage, path: Path) -> UUID:
    workspace, user = _workspace(tenant), UserRef(new_id(), "bench@example.org", "Bench", is_verified=True)
    with place.planes.begin_tenant(tenant) as session, path.open("rb") as stream:
        item = receive(session, storage, workspace=workspace, user=user, filename=path.name, stream=stream)
        confirm(session, workspace=workspace, user=user, import_id=item.id)
        return item.id


def _run(place: Installation, tenant: Tenant, storage: Storage, import_id: UUID) -> Import:
    context = RunContext(storage=storage, plan=PREMIUM, today=TODAY, progress=lambda _share, _sentence: None)
    with place.planes.begin_tenant(tenant) as session:
        return run_import(session, import_id=import_id, context=context)


def _workspace(tenant: Tenant) -> WorkspaceRef:
    return WorkspaceRef(
        id=tenant.workspace_id,
        name="Benchmark",
        organisation_id=tenant.workspace_id,
        schema_name=tenant.schema_name,
        currency="USD",
        timezone="UTC",
        role="owner",
        plan_code="premium",
    )


def _rows() -> Iterator[tuple[object, ...]]:
    random.seed(1)
    for number in range(ROWS):
        day = FIRST_DAY + timedelta(days=number // 700)
        channel, campaign = CHANNELS[number % 8], f"Campaign {number % 700 // 8}"
        spend, revenue = round(random.expovariate(0.01), 2), round(random.expovariate(0.003), 2)
        counts = (random.randrange(50_000), random.randrange(900), random.randrange(40))
        yield (day.isoformat(), channel, campaign, spend, revenue, *counts)


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
