"""What the Microsoft connector reads is what the platform's ledger says: to the micro, at every level, and over breaks."""

import io
import json
import os
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from adloom_microsoft_ads.connector import MicrosoftAds
from adloom_microsoft_ads.timezones import NAMES, ZONES

from adloom_sdk import BudgetOwner, Campaign, Creative, EntityStatus, Kind, Level, errors
from adloom_sdk.records import AnyRecord, DailyMetric
from adloom_sdk.testing.bench import Bench, sums, truth
from adloom_sdk.testing.faults import Fault
from adloom_sdk.testing.kit.rig import Tap
from adloom_sdk.testing.world import Clock, Shape, World
from sandbox.platforms.microsoft_ads import MicrosoftAds as Fake

SHARED = Path(os.environ.get("ADLOOM_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
WINDOW = date(2026, 11, 1), date(2026, 11, 14)


def bench(now: datetime = datetime(2026, 11, 20, 12, tzinfo=UTC), **shape: Any) -> Bench:
    """The connector at its fake."""
    world = World("microsoft_ads", shape=Shape(**shape), clock=Clock(now, is_frozen=True))
    return Bench(MicrosoftAds, Fake(world))


def final(records: list[AnyRecord]) -> dict[tuple[str, str], AnyRecord]:
    """As a host keeps them: the last one of each entity and day wins."""
    return {
        (one.entity_id, str(one.day)) if isinstance(one, DailyMetric) else (str(getattr(one, "id", "")), ""): one
        for one in records
    }


@pytest.mark.parametrize("currency", ["USD", "EUR", "JPY", "KWD", "KRW"])
@pytest.mark.parametrize(
    ("since", "until", "now"),
    [
        (date(2026, 3, 6), date(2026, 3, 31), datetime(2026, 4, 1, 9, tzinfo=UTC)),
        (date(2026, 10, 24), date(2026, 11, 3), datetime(2026, 11, 3, 9, tzinfo=UTC)),
    ],
    ids=["spring", "autumn"],
)
def test_numbers_equal_the_ledger_to_the_micro(currency: str, since: date, until: date, now: datetime) -> None:
    at = bench(now)
    account = at.account(currency)
    assert sums(at.daily(account, since, until)) == truth(at.ledger(account, since, until, settled=False))
    at.mature(until)
    assert sums(at.daily(account, since, until)) == truth(at.ledger(account, since, until))


def test_every_level_sums_to_the_same() -> None:
    at = bench()
    account = at.account("EUR")
    by_level = [sums(at.daily(account, *WINDOW, level)) for level in Level]
    assert by_level[0] == by_level[1] == by_level[2] == truth(at.ledger(account, *WINDOW, settled=False))


def test_every_page_size_of_accounts_gives_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    at = bench()
    everyone = at.accounts()
    for size in (1, 2, 6):
        monkeypatch.setattr("adloom_microsoft_ads.connector._PAGE_SIZE", size)
        assert at.accounts() == everyone
    assert [one.problem for one in everyone if one.problem] == [
        "Microsoft has paused this account. Open Microsoft Advertising to see why."
    ]
    assert {one.timezone for one in everyone} >= {"America/New_York", "Europe/Berlin", "Asia/Tokyo", "Asia/Riyadh"}


def test_deleted_entities_are_told_with_the_others() -> None:
    at = bench()
    account = at.account("EUR")
    for kind, count in ((Kind.CAMPAIGNS, 6), (Kind.AD_GROUPS, 12), (Kind.ADS, 24)):
        records = [one for one in at.read(kind, account) if not isinstance(one, Creative)]
        assert len(final(list(records))) == count
        statuses = {one.status for one in records if not isinstance(one, DailyMetric) and hasattr(one, "status")}
        assert EntityStatus.REMOVED in statuses
    assert any(isinstance(one, Creative) and one.title for one in at.read(Kind.CREATIVES, account))


def test_budgets_are_exact_and_shared_ones_are_known() -> None:
    at = bench()
    for currency in ("JPY", "KWD"):
        account = at.account(currency)
        world_account = at.fake.world.account(account.id)
        assert world_account is not None
        told = {one.id: one for one in at.read(Kind.CAMPAIGNS, account) if isinstance(one, Campaign)}
        for entity in at.fake.world.campaigns(world_account):
            if entity.status is not EntityStatus.REMOVED:
                assert told[entity.id].daily_budget_micros == entity.daily_budget_micros
                owner = BudgetOwner.SHARED if entity.is_budget_shared else BudgetOwner.CAMPAIGN
                assert told[entity.id].budget_owner is owner


@pytest.mark.parametrize("kind", [Kind.DAILY, Kind.AD_GROUPS, Kind.ADS])
def test_a_read_goes_on_from_any_checkpoint(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adloom_microsoft_ads.reading.MAX_BATCH_RECORDS", 20)
    at = bench()
    account = at.account("EUR")
    window: tuple[date, ...] = WINDOW if kind is Kind.DAILY else ()
    options: dict[str, Any] = {"level": Level.AD_GROUP} if kind is Kind.DAILY else {}
    whole = final(at.read(kind, account, *window, **options))
    snapshots = list(at.checkpoints(at.messages(kind, account, *window, **options)))
    assert len({str(state) for _, state in snapshots}) > 4
    for records, state in snapshots:
        rest = at.read(kind, account, *window, checkpoint=state, **options)
        assert final([*records, *rest]) == whole


def test_a_read_goes_on_with_its_report_and_orders_anew_what_is_forgotten() -> None:
    at = bench()
    assert isinstance(at.fake, Fake)
    account = at.account("EUR")
    state = next(
        state for _, state in at.checkpoints(at.messages(Kind.DAILY, account, *WINDOW, level=Level.CAMPAIGN)) if state
    )
    whole = sums(at.daily(account, *WINDOW))
    orders = len(at.fake.jobs)
    assert sums(at.daily(account, *WINDOW, checkpoint=state)) == whole
    assert len(at.fake.jobs) == orders
    at.fake.jobs.clear()
    assert sums(at.daily(account, *WINDOW, checkpoint=state)) == whole


def test_a_report_that_failed_is_told_and_ordered_anew() -> None:
    at = bench()
    assert isinstance(at.fake, Fake)
    account, at.fake.fails_next_report = at.account("EUR"), True
    seen: list[dict[str, Any] | None] = []
    messages = at.messages(Kind.DAILY, account, *WINDOW, level=Level.CAMPAIGN)
    with pytest.raises(errors.Transient):
        seen.extend(state for _, state in at.checkpoints(messages))
    assert sums(at.daily(account, *WINDOW, checkpoint=seen[-1])) == truth(at.ledger(account, *WINDOW, settled=False))


def test_days_without_delivery_give_no_rows() -> None:
    at = bench()
    assert at.daily(at.account("EUR"), date(2019, 1, 1), date(2019, 1, 5)) == []


def test_what_is_not_told_is_not_zero() -> None:
    at = bench(spend_per_day=0.5)
    account = at.account("USD")
    rows = [one for one in at.daily(account, *WINDOW, Level.AD) if not one.conversions]
    assert rows
    assert {one.conversion_value_micros for one in rows} == {None}


def test_words_and_fields_that_nobody_knows_do_no_harm() -> None:
    at = bench()
    account = at.account("EUR")
    at.fake.faults.add(Fault(kind="extra_field"))
    assert len(final(at.read(Kind.ADS, account))) == 24
    at.fake.faults.clear()
    at.fake.faults.add(Fault(kind="unknown_status", path="Campaigns/QueryByAccountId"))
    told = [one for one in at.read(Kind.CAMPAIGNS, account) if isinstance(one, Campaign)]
    assert {(one.status, one.raw_status) for one in told if one.raw_status != "Deleted"} == {
        (EntityStatus.OTHER, "ZZ_BRAND_NEW")
    }


def test_every_time_zone_of_microsoft_is_one_that_can_be_asked_for() -> None:
    assert len(NAMES) == len(ZONES)
    assert NAMES["Europe/Berlin"] == "AmsterdamBerlinBernRomeStockholmVienna"


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the yardstick data (ADLOOM_SHARED_DATA) are not here")
def test_reports_look_as_they_were_recorded() -> None:
    recorded = {
        name: json.loads((SHARED / "connectors" / "microsoft" / f"{name}.json").read_text())
        for name in ("report_submit", "report_poll_success")
    }
    at = bench()
    account, ctx = at.account("EUR"), at.ctx()
    request = recorded["report_submit"]["request"]["body"]
    request["ReportRequest"]["Scope"]["AccountIds"] = [int(account.id)]
    request["ReportRequest"]["Time"]["ReportTimeZone"] = NAMES[account.timezone]
    headers = {"CustomerAccountId": account.id, "CustomerId": str(account.parent_id)}
    path = "/Reporting/v13/GenerateReport/"
    submitted = ctx.http.post(f"{path}Submit", host="reporting", json=request, headers=headers)
    assert submitted.keys() == recorded["report_submit"]["response"]["body"].keys()
    for _ in range(2):
        at.fake.world.clock.advance(1)
        polled = ctx.http.post(f"{path}Poll", host="reporting", json=submitted, headers=headers)
    status = recorded["report_poll_success"]["response"]["body"]["ReportRequestStatus"]
    assert polled["ReportRequestStatus"].keys() == status.keys()
    assert polled["ReportRequestStatus"]["Status"] == status["Status"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda content: content[: len(content) // 2], errors.Transient),
        (lambda content: b"<html>no</html>", errors.SchemaDrift),
        (lambda content: zipped(b"Something,Else\n1,2\n"), errors.SchemaDrift),
        (lambda content: zipped(b"CampaignId,TimePeriod,Clicks\n1,2026-11-01,many\n"), errors.SchemaDrift),
    ],
    ids=["cut", "page", "columns", "words"],
)
def test_a_report_that_is_not_what_it_should_be_is_told(
    change: Callable[[bytes], bytes], error: type[Exception]
) -> None:
    at = bench()

    def spoiled(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        is_file = request.url.path.startswith("/report-files/")
        return httpx.Response(200, content=change(response.read())) if is_file else response

    ctx = at.ctx(transport=Tap(at.fake, after=spoiled))
    with pytest.raises(error):
        at.daily(at.account("EUR"), *WINDOW, ctx=ctx)


def zipped(text: bytes) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        archive.writestr("report.csv", text)
    return into.getvalue()
