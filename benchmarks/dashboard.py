"""The overview's cost: the service and the whole request against their bare SQL, on three years and on 3,000,000 facts."""

import statistics
from datetime import timedelta
from time import sleep

import httpx
from sqlalchemy import text

from app.performance.service import PeriodRequest, overview
from benchmarks.installation import Installation, fill_facts, installation, make_workspace
from benchmarks.machine import describe, percentile, summary, timed_ms, verdict
from benchmarks.serving import serving, signed_in_member
from billing.plans import PREMIUM
from kit.clock import utc_now
from tenants.isolation.planes import Tenant
from tenants.isolation.setup import owner_engine

REQUESTS = 60


def main() -> None:
    """Print the table for both sizes."""
    print(f"dashboard — {describe()}")
    with installation() as place:
        measure(place, "10 channels × 3 years", campaigns=1, days=1096)
        measure(place, "3,000,000 campaign-day facts", campaigns=274, days=1096)


def measure(place: Installation, title: str, *, campaigns: int, days: int) -> None:
    """Fill a workspace, then time its overview in three ways, cold and warm."""
    today = utc_now().date()
    tenant = make_workspace(place)
    facts = fill_facts(place, tenant, channels=10, days=days, campaigns=campaigns, until=today - timedelta(days=1))
    print(f" {title} ({facts:,} facts)")
    with serving(place) as base_url:
        cookies = signed_in_member(place, tenant)
        with httpx.Client(base_url=base_url, cookies=cookies, timeout=60) as client:
            for period in ("last_30_days", "last_12_months", "all_time"):
                _measure_period(place, tenant, client, period)


def _measure_period(place: Installation, tenant: Tenant, client: httpx.Client, period: str) -> None:
    address = f"/w/{tenant.workspace_id}/overview?period={period}"

    def service() -> None:
        with place.planes.tenant(tenant) as session:
            overview(session, period=PeriodRequest(period), plan=PREMIUM, currency="USD", today=utc_now().date())

    def request() -> None:
        client.get(address).raise_for_status()

    _forget(place)
    cold = timed_ms(request, times=1, warm_up=0)[0]
    statements = _statements_of(place, service)

    def bare_sql() -> None:
        with place.planes.tenant(tenant) as session:
            connection = session.connection()
            for statement, parameters in statements:
                connection.exec_driver_sql(statement, parameters).all()

    sql, in_service, whole = [], [], []
    for _ in range(3):
        sql += timed_ms(bare_sql, times=REQUESTS // 3)
        in_service += timed_ms(service, times=REQUESTS // 3)
        whole += timed_ms(request, times=REQUESTS // 3)
    print(f"  {period}")
    print(f"   bare SQL   {summary(sql)}")
    print(f"   service    {summary(in_service)}")
    print(f"   request    {summary(whole)}   cold {cold:.0f} ms")
    print("   " + verdict("warm p95 of the request", percentile(whole, 0.95), 100, "ms"))
    print("   " + verdict("cold request", cold, 400, "ms"))
    print("   " + verdict("request ÷ bare SQL (medians)", statistics.median(whole) / statistics.median(sql), 2, "×"))


def _statements_of(place: Installation, act: object) -> list[tuple[str, object]]:
    """The SELECTs that `act` sends, to be sent again without anything around them."""
    from sqlalchemy import event

    seen: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if "set_config" not in statement:
            seen.append((statement, parameters))

    event.listen(place.planes.database.engine, "before_cursor_execute", note)
    act()  # type: ignore[operator]  # the service above
    event.remove(place.planes.database.engine, "before_cursor_execute", note)
    return seen


def _forget(place: Installation) -> None:
    """Cold: no cached plans or catalogue entries in any connection, and nothing dirty. The files stay in the system's cache."""
    place.planes.database.engine.dispose()
    with owner_engine(place.settings).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'adloom-web'")
        )
    sleep(1.2)  # only connections that lay idle for a second are asked whether they still stand


if __name__ == "__main__":
    main()
