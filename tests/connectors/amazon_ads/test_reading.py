"""What the Amazon connector reads is what the platform's ledger says: to the micro, over all products, and over breaks."""

import gzip
import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from adloom_amazon_ads import mapping, wire
from adloom_amazon_ads.connector import AmazonAds
from adloom_amazon_ads.products import SPONSORED_PRODUCTS

from adloom_sdk import Ad, AdGroup, Campaign, Creative, EntityStatus, Kind, Level, errors
from adloom_sdk.records import AnyRecord, DailyMetric
from adloom_sdk.testing.bench import Bench, sums, truth
from adloom_sdk.testing.faults import Fault
from adloom_sdk.testing.kit.rig import Tap
from adloom_sdk.testing.world import Clock, World
from sandbox.platforms.amazon_ads import AmazonAds as Fake

SHARED = Path(os.environ.get("ADLOOM_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
WINDOW = date(2026, 11, 1), date(2026, 11, 14)


def bench(now: datetime = datetime(2026, 11, 20, 12, tzinfo=UTC), *, base_url: str = "http://fake.test") -> Bench:
    """The connector at its fake."""
    return Bench(AmazonAds, Fake(World("amazon_ads", clock=Clock(now, is_frozen=True))), base_url=base_url)


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
        (date(2026, 10, 24), date(2026, 11, 3), datetime(2026, 11, 4, 9, tzinfo=UTC)),
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


def test_each_region_tells_its_own_profiles_and_one_that_refuses_hides_no_other() -> None:
    at = bench(base_url="http://{host}")
    everyone = at.accounts()
    assert [one.currency for one in everyone] == ["USD", "USD", "EUR", "KWD", "JPY", "KRW"]
    assert [mapping.region(one) for one in everyone if not one.problem] == ["api", "eu", "eu", "fe", "fe"]
    assert [one.name for one in everyone if one.problem] == ["Northwind old (US)"]
    at.fake.faults.add(Fault(kind="scope", path="/v2/profiles", times=1))
    assert [one.currency for one in at.accounts()] == ["EUR", "KWD", "JPY", "KRW"]
    at.fake.faults.add(Fault(kind="scope", path="/v2/profiles"))
    with pytest.raises(errors.ScopeMissing):
        at.accounts()


def test_numbers_are_asked_for_where_the_profile_lives() -> None:
    at = bench(base_url="http://{host}")
    for currency in ("USD", "EUR", "JPY"):
        account = at.account(currency)
        at.exchanges.clear()
        assert sums(at.daily(account, *WINDOW)) == truth(at.ledger(account, *WINDOW, settled=False))
        hosts = {one.host for one in at.exchanges if one.path.startswith("/reporting")}
        assert hosts == {f"advertising-api{ {'USD': '', 'EUR': '-eu', 'JPY': '-fe'}[currency] }.amazon.com"}


@pytest.mark.parametrize("page_size", [1, 2, 5, 100])
def test_every_page_size_gives_every_entity_archived_ones_too(page_size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adloom_amazon_ads.reading._PAGE_SIZE", page_size)
    at = bench()
    account = at.account("KWD")
    kinds: tuple[tuple[Kind, type[Campaign | AdGroup | Ad | Creative], int], ...] = (
        (Kind.CAMPAIGNS, Campaign, 6),
        (Kind.AD_GROUPS, AdGroup, 12),
        (Kind.ADS, Ad, 24),
        (Kind.CREATIVES, Creative, 24),
    )
    for kind, shape, count in kinds:
        records = at.read(kind, account)
        assert len(final(records)) == len(records) == count
        assert all(isinstance(one, shape) for one in records)
        if shape is not Creative:
            assert EntityStatus.REMOVED in {getattr(one, "status", None) for one in records}


def test_budgets_and_products_are_told_exactly() -> None:
    at = bench()
    account = at.account("KWD")
    world_account = at.fake.world.account(account.id)
    assert world_account is not None
    told = {one.id: one for one in at.read(Kind.CAMPAIGNS, account) if isinstance(one, Campaign)}
    for entity in at.fake.world.campaigns(world_account):
        assert told[entity.id].daily_budget_micros == entity.daily_budget_micros
        assert told[entity.id].starts_on == entity.begins_on
    assert {one.kind for one in told.values()} == {"SPONSORED_PRODUCTS", "SPONSORED_BRANDS", "SPONSORED_DISPLAY"}


@pytest.mark.parametrize("kind", [Kind.DAILY, Kind.CAMPAIGNS, Kind.ADS])
def test_a_read_goes_on_from_any_checkpoint(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adloom_amazon_ads.reading.MAX_BATCH_RECORDS", 20)
    monkeypatch.setattr("adloom_amazon_ads.reading._PAGE_SIZE", 2)
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


def test_a_report_that_is_running_already_is_taken_over() -> None:
    at = bench()
    assert isinstance(at.fake, Fake)
    account = at.account("EUR")
    given_up = at.messages(Kind.DAILY, account, *WINDOW, level=Level.CAMPAIGN)
    next(given_up)
    assert len(at.fake.jobs) == 3
    assert sums(at.daily(account, *WINDOW)) == truth(at.ledger(account, *WINDOW, settled=False))
    assert len(at.fake.jobs) == 3


def test_reports_that_failed_or_were_forgotten_are_ordered_anew() -> None:
    at = bench()
    assert isinstance(at.fake, Fake)
    account, at.fake.fails_next_report = at.account("EUR"), True
    seen: list[dict[str, Any] | None] = []
    messages = at.messages(Kind.DAILY, account, *WINDOW, level=Level.CAMPAIGN)
    with pytest.raises(errors.Transient):
        seen.extend(state for _, state in at.checkpoints(messages))
    expected = truth(at.ledger(account, *WINDOW, settled=False))
    assert sums(at.daily(account, *WINDOW, checkpoint=seen[-1])) == expected
    at.fake.jobs.clear()
    assert sums(at.daily(account, *WINDOW, checkpoint=seen[-1])) == expected


def test_a_window_that_amazon_no_longer_has_is_refused() -> None:
    at = bench()
    with pytest.raises(errors.BadRequest):
        at.daily(at.account("EUR"), date(2026, 1, 1), date(2026, 1, 5))


def test_words_and_fields_that_nobody_knows_do_no_harm() -> None:
    at = bench()
    account = at.account("EUR")
    at.fake.faults.add(Fault(kind="extra_field"))
    assert len(final(at.read(Kind.ADS, account))) == 24
    one = mapping.campaign(wire.Campaign(campaign_id="1", state="ZZ_BRAND_NEW"), account, SPONSORED_PRODUCTS)
    assert (one.status, one.raw_status, one.daily_budget_micros) == (EntityStatus.OTHER, "ZZ_BRAND_NEW", None)


def test_what_amazon_does_not_tell_is_not_zero() -> None:
    row = wire.Row(date="2026-11-01", campaign_id=1, cost=0.1)
    record = mapping.daily(row, Level.CAMPAIGN, bench().account("EUR"), SPONSORED_PRODUCTS)
    assert record.spend_micros == 100_000
    assert (record.impressions, record.clicks, record.conversions, record.conversion_value_micros) == (None,) * 4


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SHARED / "connectors" / "amazon" / f"{name}.json").read_text())
    return found


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the yardstick data (ADLOOM_SHARED_DATA) are not here")
def test_bodies_look_as_they_were_written_down() -> None:
    at = bench()
    account, ctx = at.account("EUR"), at.ctx()
    listed, ordered = recorded("sp_campaigns_list"), recorded("report_create")
    media = listed["request"]["headers"]["Content-Type"]
    headers = {"Amazon-Advertising-API-Scope": account.id, "Content-Type": media, "Accept": media}
    told = ctx.http.post("/sp/campaigns/list", json=listed["request"]["body"] | {"maxResults": 1}, headers=headers)
    due = listed["response"]["body"]
    assert told.keys() == due.keys()
    assert told["campaigns"][0].keys() == due["campaigns"][0].keys()
    first = msgspec.convert(due["campaigns"][0], wire.Campaign)
    assert mapping.campaign(first, account, SPONSORED_PRODUCTS).daily_budget_micros == 50_000_000

    media = ordered["request"]["headers"]["Content-Type"]
    headers |= {"Content-Type": media, "Accept": media}
    body = {"startDate": "2026-11-01", "endDate": "2026-11-10"}
    body |= {"configuration": ordered["response"]["body"]["configuration"]}
    report = ctx.http.post("/reporting/reports", json=body, headers=headers)
    assert report.keys() == ordered["response"]["body"].keys()
    assert report["configuration"] == ordered["response"]["body"]["configuration"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda content: content[: len(content) // 2], errors.Transient),
        (lambda content: b"<html>no</html>", errors.SchemaDrift),
        (lambda content: gzip.compress(b'[{"date": "soon", "campaignId": 1}]'), errors.SchemaDrift),
        (lambda content: gzip.compress(b'[{"date": "2026-11-01", "campaignId": 1}]'), errors.SchemaDrift),
    ],
    ids=["cut", "page", "words", "columns"],
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
        at.daily(at.account("EUR"), *WINDOW, Level.AD, ctx=ctx)
