"""How fast daily records become rows: fresh, and again when nothing has changed, beside bare COPY and merge SQL of the same rows.

Records are read from memory, so that the loader alone is measured: typed records → lines → COPY → set-based merge → commit with the
cursor. Servers have their default durability. `python -m benchmarks.loader`
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from time import perf_counter, process_time

import psutil
from sqlalchemy import text

from adloom_sdk.messages import Kind
from adloom_sdk.records import Campaign, DailyMetric, EntityStatus, Level
from app.campaigns.days import DayTable, merge_days
from app.campaigns.entities import Numbers, Owner, put_campaigns
from app.sync.lines import DayLines
from app.sync.loading import Loader, Part
from app.sync.planning import Window
from benchmarks.installation import Installation, installation, make_workspace
from benchmarks.machine import describe
from kit.ids import new_id
from tenants.isolation.planes import Tenant
from tenants.isolation.setup import owner_engine

CAMPAIGNS, DAYS, PART, ROUNDS = 10_000, 30, 20_000, 2
FIRST_DAY, TODAY = date(2026, 9, 1), date(2026, 10, 10)
FRESH_BAR, UNCHANGED_BAR, SHARE_BAR = 60_000, 50_000, 0.6
WINDOW = Window(Kind.DAILY, FIRST_DAY, FIRST_DAY + timedelta(days=DAYS - 1), Level.CAMPAIGN)


def main() -> None:
    """Print the figures."""
    rows = CAMPAIGNS * DAYS
    print(f"loader — {rows:,} rows — {describe()}")
    with installation() as place:
        tenant = make_workspace(place)
        owner, numbers = _account(place, tenant)
        parts = list(_parts())
        postgres = _Postgres(place)
        lines = [_lines(part, numbers) for part in parts]
        fresh = unchanged = bare = again = 0.0
        # Others use the machine as well, so each figure is the best of a few, taken in turns.
        for _ in range(ROUNDS):
            _empty(place, tenant)
            rate, changed = _run("fresh", rows, postgres, lambda: _load(place, tenant, owner, numbers, parts))
            _require(changed == rows, f"{changed:,} of {rows:,} rows were stored")
            fresh = max(fresh, rate)
            rate, changed = _run("unchanged", rows, postgres, lambda: _load(place, tenant, owner, numbers, parts))
            _require(changed == 0, f"a second run rewrote {changed:,} rows")
            unchanged = max(unchanged, rate)
            _empty(place, tenant)
            bare = max(bare, _run("bare SQL", rows, postgres, lambda: _bare(place, tenant, lines))[0])
            again = max(again, _run("bare, same", rows, postgres, lambda: _bare(place, tenant, lines))[0])
    _verdict("fresh", fresh, FRESH_BAR, "rows/s")
    _verdict("unchanged", unchanged, UNCHANGED_BAR, "rows/s")
    _verdict("fresh beside bare SQL", 100 * fresh / bare, 100 * SHARE_BAR, "%")
    print(f"          unchanged beside bare SQL: {100 * unchanged / again:.0f} %")


class _Postgres:
    """The server's processor time, all its processes together."""

    def __init__(self, place: Installation) -> None:
        with owner_engine(place.settings).connect() as connection:
            self._server = psutil.Process(connection.execute(text("SELECT pg_backend_pid()")).scalar_one()).parent()

    def cpu_s(self) -> float:
        """So far."""
        family = [self._server, *self._server.children()] if self._server else []
        return sum(sum(one.cpu_times()[:2]) for one in family if one.is_running())


def _run(name: str, rows: int, postgres: _Postgres, act: Callable[[], int]) -> tuple[float, int]:
    began, own_s, server_s = perf_counter(), process_time(), postgres.cpu_s()
    changed = act()
    took_s = perf_counter() - began
    spent = f"CPU: {(process_time() - own_s) * 1e6 / rows:.1f} µs/row here, {(postgres.cpu_s() - server_s) * 1e6 / rows:.1f} in PostgreSQL"
    print(f"\r  {name:10} {rows / took_s:9,.0f} rows/s in {took_s:5.2f} s, {changed:7,} rows written   {spent}")
    return rows / took_s, changed


def _account(place: Installation, tenant: Tenant) -> tuple[Owner, Numbers]:
    """An account with its campaigns."""
    owner = Owner(new_id(), "benchmark", new_id(), "EUR")
    connection_id = new_id()
    with place.planes.begin_tenant(tenant) as session:
        session.execute(
            text("INSERT INTO channels (id, key, name, slot) VALUES (:id, 'facebook_ads', 'Facebook Ads', 0)"),
            {"id": owner.channel_id},
        )
        session.execute(
            text(
                "INSERT INTO connections (id, connector_key, label, state, connected_by)"
                " VALUES (:id, 'benchmark', 'Benchmark', 'active', :id)"
            ),
            {"id": connection_id},
        )
        session.execute(
            text(
                "INSERT INTO ad_accounts (id, connection_id, connector_key, platform_id, name, currency, timezone, status)"
                " VALUES (:id, :connection_id, 'benchmark', '1', 'One', 'EUR', 'Europe/Berlin', 'active')"
            ),
            {"id": owner.account_id, "connection_id": connection_id},
        )
        numbers = Numbers()
        for start in range(0, CAMPAIGNS, 1000):
            put_campaigns(session, owner, numbers, [_campaign(index) for index in range(start, start + 1000)])
    return owner, numbers


def _campaign(index: int) -> Campaign:
    return Campaign(id=_id(index), account_id="1", name=f"Campaign {index}", status=EntityStatus.ACTIVE)


def _id(index: int) -> str:
    return f"120210{index:09d}"


def _parts() -> Iterator[Part]:
    """The window as a connector hands it over: campaign by campaign, collected to parts."""
    records = [_metric(index, FIRST_DAY + timedelta(days=day)) for index in range(CAMPAIGNS) for day in range(DAYS)]
    for start in range(0, len(records), PART):
        is_last = start + PART >= len(records)
        yield Part(WINDOW, records[start : start + PART], {"after": start}, is_last)


def _metric(index: int, day: date) -> DailyMetric:
    clicks = (index * 31 + day.toordinal() * 17) % 900
    return DailyMetric(
        account_id="1",
        level=Level.CAMPAIGN,
        entity_id=_id(index),
        campaign_id=_id(index),
        day=day,
        currency="EUR",
        spend_micros=clicks * 470_000,
        impressions=clicks * 41,
        clicks=clicks,
        conversions=clicks * 0.025,
        conversion_value_micros=clicks * 1_210_000,
        video_views=clicks * 3,
    )


def _load(place: Installation, tenant: Tenant, owner: Owner, numbers: Numbers, parts: Sequence[Part]) -> int:
    loader = Loader(owner, numbers, TODAY, 28)
    loader.begin(WINDOW)
    for done, part in enumerate(parts):
        with place.planes.begin_tenant(tenant) as session:
            loader.load(session, part)
        _progress(done + 1, len(parts))
    return loader.changed.rows


def _lines(part: Part, numbers: Numbers) -> list[str]:
    made = DayLines(WINDOW, today=TODAY, restatement_days=28)
    return list(made.lines([one for one in part.records if isinstance(one, DailyMetric)], numbers.campaigns))


def _bare(place: Installation, tenant: Tenant, lines: Iterable[list[str]]) -> int:
    """Lines that are ready: only COPY, merge and commit."""
    changed = 0
    for batch in lines:
        with place.planes.begin_tenant(tenant) as session:
            changed += merge_days(session, DayTable.CAMPAIGN, run_id=new_id(), lines=batch).rows
    return changed


def _empty(place: Installation, tenant: Tenant) -> None:
    with owner_engine(place.settings).begin() as connection:
        connection.exec_driver_sql(
            f'TRUNCATE "{tenant.schema_name}".campaign_days, "{tenant.schema_name}".sync_staging'
        )


def _progress(done: int, parts: int) -> None:
    if sys.stdout.isatty():
        print(f"\r  part {done} of {parts}", end="", flush=True)


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(f"Wrong: {otherwise}.")


def _verdict(name: str, figure: float, bar: float, unit: str) -> None:
    print(f"{'met   ' if figure >= bar else 'MISSED'}  {name}: {figure:,.0f} {unit} (bar at least {bar:,.0f} {unit})")


if __name__ == "__main__":
    print(datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"))
    main()
