"""What Analytics counted is read as it stands, page by page; what it refuses becomes the error that says who must act."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import msgspec
import pytest
from adloom_ga4 import mapping, wire
from adloom_ga4.connector import GoogleAnalytics
from adloom_ga4.manifest import MANIFEST, SCOPE

from adloom_sdk import AccountStatus, Checkpoint, Kind, OAuth2, Reply, RevenueDay, errors, oauth2
from adloom_sdk.testing.bench import APP, Bench
from adloom_sdk.testing.faults import Fault
from adloom_sdk.testing.world import Clock, World
from sandbox.platforms.ga4 import GoogleAnalytics as Fake

SHARED = Path(os.environ.get("ADLOOM_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
BACK = "http://localhost/connections/callback"
SPRING, AUTUMN = (date(2026, 3, 6), date(2026, 4, 1)), (date(2026, 10, 20), date(2026, 11, 4))
Figures = dict[tuple[date, str], tuple[int, float, int, int, int]]


def bench(now: datetime = datetime(2026, 11, 20, 12, tzinfo=UTC), *, page_size: int = 250_000) -> Bench:
    """The connector at its fake."""
    return Bench(GoogleAnalytics, Fake(World("ga4", clock=Clock(now, is_frozen=True)), page_size=page_size))


def revenue(at: Bench, window: tuple[date, date], currency: str = "EUR", **options: Any) -> list[RevenueDay]:
    found = at.read(Kind.REVENUE, at.account(currency), *window, **options)
    return [record for record in found if isinstance(record, RevenueDay)]


def told(records: list[RevenueDay]) -> Figures:
    """As a host keeps them: by day and source, the last one wins, those of nothing left out."""
    kept = {(one.day, one.source): one for one in records}
    figures = {
        key: (
            one.revenue_micros,
            one.orders or 0.0,
            one.new_customers or 0,
            one.returning_customers or 0,
            one.sessions or 0,
        )
        for key, one in kept.items()
    }
    return {key: value for key, value in figures.items() if any(value)}


def truth(at: Bench, window: tuple[date, date], currency: str = "EUR", *, settled: bool = False) -> Figures:
    assert isinstance(at.fake, Fake)
    account = next(one for one in at.fake.world.accounts if one.currency == currency)
    figures = {
        key: (
            one.revenue_micros,
            float(one.orders),
            one.new_customers,
            one.returning_customers,
            one.sessions,
        )
        for key, one in at.fake.book.by_source(account, *window, settled=settled).items()
    }
    return {key: value for key, value in figures.items() if any(value)}


@pytest.mark.parametrize("currency", ["USD", "EUR", "JPY", "KWD", "KRW"])
@pytest.mark.parametrize("window", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_revenue_equals_the_order_book_to_the_micro_over_changes_of_clocks(
    currency: str, window: tuple[date, date]
) -> None:
    at = bench(datetime(2026, 11, 5, 9, tzinfo=UTC))
    assert told(revenue(at, window, currency)) == truth(at, window, currency)
    at.fake.world.clock.advance(60 * 86_400)
    assert told(revenue(at, window, currency)) == truth(at, window, currency, settled=True)


@pytest.mark.parametrize("page_size", [1, 2, 7])
def test_every_page_size_gives_the_same_days_and_properties(page_size: int) -> None:
    at = bench(page_size=page_size)
    window = date(2026, 11, 15), date(2026, 11, 20)
    assert told(revenue(at, window)) == truth(at, window)
    assert len(at.accounts()) == 6


def test_what_moves_from_no_source_to_one_is_not_counted_twice() -> None:
    at = bench()
    window = date(2026, 11, 17), date(2026, 11, 19)
    kept = revenue(at, window)
    assert any(one.source == "" and one.revenue_micros for one in kept)
    at.fake.world.clock.advance(5 * 86_400)
    assert told(kept + revenue(at, window)) == truth(at, window)


def test_an_empty_report_is_days_of_zero() -> None:
    at = bench()
    records = revenue(at, (date(2019, 5, 1), date(2019, 5, 3)))
    assert [(one.day.day, one.source, one.revenue_micros, one.sessions) for one in records] == [
        (1, "", 0, 0),
        (2, "", 0, 0),
        (3, "", 0, 0),
    ]


def test_a_read_goes_on_from_any_checkpoint() -> None:
    at = bench(page_size=9)
    account, window = at.account("EUR"), (date(2026, 11, 1), date(2026, 11, 12))
    whole = told(revenue(at, window))
    messages = list(at.messages(Kind.REVENUE, account, *window))
    assert sum(isinstance(one, Checkpoint) for one in messages) > 5
    for so_far, state in at.checkpoints(iter(messages)):
        rest = revenue(at, window, checkpoint=state)
        assert told([one for one in so_far if isinstance(one, RevenueDay)] + rest) == whole


def test_a_property_in_the_trash_is_told_with_its_problem() -> None:
    gone = [one for one in bench().accounts() if one.problem]
    assert [(one.name, one.status) for one in gone] == [("Northwind old", AccountStatus.CLOSED)]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("no_token", errors.AuthExpired),
        ("revoked", errors.AuthExpired),
        ("scope", errors.ScopeMissing),
        ("app_not_approved", errors.AppNotApproved),
        ("account_disabled", errors.AccountDisabled),
        ("throttled", errors.RateLimited),
        ("not_found", errors.NotFound),
        ("bad_request", errors.BadRequest),
        ("server_error", errors.Transient),
        ("cut_body", errors.Transient),
        ("sunset", errors.VersionSunset),
        ("html", errors.SchemaDrift),
    ],
)
def test_each_refusal_has_its_class(kind: str, error: type[Exception]) -> None:
    at = bench()
    account = at.account("EUR")
    at.fake.faults.add(Fault(kind=kind, path="runReport"))
    with pytest.raises(error):
        at.read(Kind.REVENUE, account, *AUTUMN)


def test_an_empty_budget_of_tokens_is_waited_for_until_the_hour_ends() -> None:
    at = bench(datetime(2026, 11, 20, 12, 50, tzinfo=UTC), page_size=40)
    assert isinstance(at.fake, Fake)
    account, at.fake.tokens_left_in_hour = at.account("EUR"), 25
    found = [one for one in at.read(Kind.REVENUE, account, *AUTUMN) if isinstance(one, RevenueDay)]
    assert told(found) == truth(at, AUTUMN)
    assert at.fake.world.clock.now() >= datetime(2026, 11, 20, 13, tzinfo=UTC)
    assert all(entry.status == 200 for entry in at.fake.journal)


def test_a_budget_that_is_empty_for_the_day_is_left_alone_until_midnight_in_california() -> None:
    at = bench()
    refused = at.fake.refusal("throttled", detail="Exhausted property tokens per day. These will return in a day.")
    error = GoogleAnalytics.error_of(_reply(at, refused.status, refused.body))
    assert isinstance(error, errors.RateLimited)
    assert error.scope == "day"
    assert error.retry_at == datetime(2026, 11, 21, 8, tzinfo=UTC)


def _reply(at: Bench, status: int, body: Any) -> Reply:
    content = msgspec.json.encode(body)
    now = at.fake.world.clock.now()
    return Reply(method="POST", path="/", status=status, headers={}, content=content, received_at=now)


def test_a_token_that_ends_midway_is_renewed_once() -> None:
    at = bench(page_size=20)
    at.fake.faults.add(Fault(kind="expire_token", path="runReport", skip=2, times=1))
    assert told(revenue(at, AUTUMN)) == truth(at, AUTUMN)
    assert at.fake.consent.refreshes == 1


def test_what_google_adds_changes_nothing() -> None:
    at = bench()
    at.fake.faults.add(Fault(kind="extra_field"))
    assert told(revenue(at, AUTUMN)) == truth(at, AUTUMN)


def test_signing_in_gives_tokens_that_read_and_renew() -> None:
    at, auth = bench(), MANIFEST.auth
    assert isinstance(auth, OAuth2)
    address = oauth2.authorize_address(auth, APP, redirect_uri=BACK, state="s1")
    with httpx.Client(transport=at.fake.transport()) as browser:
        assert SCOPE in browser.get(address).text
        fields = dict(parse_qsl(urlsplit(address).query)) | {"decision": "allow", "grant": SCOPE}
        answer = browser.post(str(httpx.URL(address).join("/o/oauth2/v2/decide")), content=urlencode(fields))
    code = dict(parse_qsl(urlsplit(answer.headers["location"]).query))["code"]
    client = at.ctx().http
    with pytest.raises(errors.AppMisconfigured):
        oauth2.exchange_code(client, app=APP | {"client_secret": "wrong"}, code=code, redirect_uri=BACK)
    token = oauth2.exchange_code(client, app=APP, code=code, redirect_uri=BACK)
    fresh = oauth2.renew(client, app=APP, token=token)
    assert fresh.refresh_token == token.refresh_token != ""
    assert at.accounts(at.ctx(at.credentials(fresh)))


def test_names_for_no_source_are_told_as_none() -> None:
    assert {mapping.source(one) for one in ("(not set)", "(data not available)", "(other)", "")} == {""}
    assert mapping.source("google / cpc") == "google / cpc"


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SHARED / "connectors" / "ga4" / f"{name}.json").read_text())
    return found


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the yardstick data (ADLOOM_SHARED_DATA) are not here")
def test_bodies_look_as_they_were_recorded_and_are_mapped() -> None:
    at = bench()
    client, due = at.ctx().http, recorded("properties_1")
    ours = client.get("/v1beta/properties", host="admin", params=due["request"]["params"])["properties"]
    theirs = due["response"]["body"]["properties"]
    assert ours[0].keys() == theirs[0].keys()
    mapped = [mapping.account(one) for one in msgspec.convert(theirs, list[wire.Property])]
    assert [(one.id, one.currency, one.timezone) for one in mapped][:2] == [
        ("535258304", "USD", "Europe/Warsaw"),
        ("538885024", "USD", "America/Los_Angeles"),
    ]

    empty = recorded("run-report")["response"]["body"]
    day = date(2019, 5, 1)
    body: dict[str, Any] = {"dimensions": [{"name": "date"}], "metrics": [{"name": "sessions"}]}
    body |= {"dateRanges": [{"startDate": str(day), "endDate": str(day + timedelta(days=1))}]}
    told_empty = client.post(f"/v1beta/properties/{at.account().id}:runReport", json=body)
    assert told_empty.keys() == empty.keys()
    assert told_empty["metricHeaders"][0].keys() == empty["metricHeaders"][0].keys()
    assert not msgspec.convert(empty, wire.Report).rows
