"""Points about numbers: they equal the platform's own ledger, to the micro, on the account's days, and again after restatement."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from adloom_sdk.manifest import Capability
from adloom_sdk.messages import Kind
from adloom_sdk.records import Account, DailyMetric
from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.kit.points import point
from adloom_sdk.testing.kit.revenue import revenue_difference
from adloom_sdk.testing.kit.rig import NOW, SMALL, DoesNotApply, Failed, Found, Read, Rig, an_account, today_of
from adloom_sdk.testing.world import Numbers

CURRENCIES = ("USD", "EUR", "JPY", "KWD", "KRW")
# Both ends of the changes of daylight-saving time in New York and Berlin in the year of the rig's clock.
_CHANGES = {
    "USD": (date(2026, 3, 8), date(2026, 11, 1)),
    "EUR": (date(2026, 3, 29), date(2026, 10, 25)),
}
_FIELDS = ("spend_micros", "impressions", "clicks", "conversions", "conversion_value_micros")
_STRICT = ("spend_micros", "clicks")


@point(6, "Money and counts are exact in every currency")
def exact(rig: Rig) -> str:
    """Sums per account and day equal the ledger to the micro in USD, EUR, JPY, KWD and KRW, at every level."""
    since, until = rig.settled_days(days=7)
    for currency in CURRENCIES:
        bench = rig.bench(currency=currency)
        account = an_account(bench, currency)
        for read in _daily_reads(rig):
            _compare(rig, bench, account, read, since, until, settled=True)
    return _untold(rig, bench, account, since, until)


@point(7, "Days are the account's own, over changes of clock time")
def own_days(rig: Rig) -> None:
    """Around both changes of daylight-saving time, and for a today that is still yesterday elsewhere."""
    read = _daily_reads(rig)[0]
    for currency, changes in _CHANGES.items():
        bench = rig.bench(shape=replace(SMALL, maturity_days=14), currency=currency)
        account = an_account(bench, currency)
        for change in (one for one in changes if NOW.date() - one < timedelta(days=rig.manifest.retention_days - 5)):
            around = _fitting(rig, change - timedelta(days=1), change + timedelta(days=1))
            settled = read.kind is not Kind.REVENUE  # a shop's refunds may take longer than these days are old
            _compare(rig, bench, account, read, *around, settled=settled)
        today = today_of(bench, account)
        found = rig.collect(bench, account, read, *_fitting(rig, today - timedelta(days=2), today))
        if max((_day_of(key, read) for key in found), default=NOW.date()) < today - timedelta(days=1):
            raise Failed(f"The account of {currency} has no rows for {today}: ask in the account's zone, not in UTC.")


@point(11, "Restated days end at the truth")
def restated(rig: Rig) -> str:
    """Read fresh, the numbers are what the platform shows then; read after the restatement window, they are final."""
    days = rig.manifest.restatement_days
    if days == 0:
        raise DoesNotApply("The manifest says that the platform never restates.")
    bench = rig.bench(shape=replace(SMALL, maturity_days=min(21, days)), currency="EUR")
    account = an_account(bench, "EUR")
    until = today_of(bench, account) - timedelta(days=1)
    window = _fitting(rig, until - timedelta(days=4), until)
    for read in _daily_reads(rig):
        _compare(rig, bench, account, read, *window, settled=False)
    bench.fake.world.clock.advance((days + 2) * 86_400.0)
    for read in _daily_reads(rig):
        _compare(rig, bench, account, read, *window, settled=True)
    return f"after {days} days"


def _daily_reads(rig: Rig) -> list[Read]:
    reads = [read for read in rig.reads() if read.has_days]
    if not reads:
        raise DoesNotApply("The connector reads no daily numbers.")
    return reads


def _fitting(rig: Rig, since: date, until: date) -> tuple[date, date]:
    return max(since, until - timedelta(days=rig.manifest.max_window_days - 1)), until


def _day_of(key: tuple[object, ...], read: Read) -> date:
    day = key[2] if read.kind is Kind.DAILY else key[0]
    assert isinstance(day, date)  # noqa: S101 - keys are made by the rig
    return day


def _compare(rig: Rig, bench: Bench, account: Account, read: Read, since: date, until: date, *, settled: bool) -> None:
    found = rig.collect(bench, account, read, since, until)
    if read.kind is Kind.REVENUE:
        told = revenue_difference(bench, account, found, since, until, settled=settled)
    else:
        told = _metric_difference(found, bench.ledger(account, since, until, settled=settled))
    if told:
        raise Failed(f"{account.currency}, {read}: {told}. Check units and missing values in mapping.py.")


def _metric_difference(found: Found, ledger: dict[date, Numbers]) -> str:
    rows = [record for record in found.values() if isinstance(record, DailyMetric)]
    for field in _FIELDS:
        told = [row for row in rows if getattr(row, field) is not None]
        if rows and not told and field not in _STRICT:
            continue
        sums = _sums(told, field)
        for day, numbers in ledger.items():
            if sums.pop(day, 0) != getattr(numbers, field):
                got = _sums(told, field).get(day, 0)
                return f"{field} of {day} is {got}, and should be {getattr(numbers, field)}"
        if any(sums.values()):
            return f"{field} has rows for days without delivery: {sorted(map(str, sums))[0]}"
    return ""


def _sums(rows: Iterable[DailyMetric], field: str) -> dict[date, float]:
    sums: dict[date, float] = {}
    for row in rows:
        sums[row.day] = round(sums.get(row.day, 0) + getattr(row, field), 6)
    return sums


def _untold(rig: Rig, bench: Bench, account: Account, since: date, until: date) -> str:
    """A remark about numbers that the connector never tells."""
    if not rig.manifest.can(Capability.DAILY):
        return ""
    rows = rig.collect(bench, account, _daily_reads(rig)[0], since, until).values()
    missing = [field for field in _FIELDS if all(getattr(row, field, None) is None for row in rows)]
    return f"not told: {', '.join(missing)}" if missing else ""
