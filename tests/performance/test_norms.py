"""Own values beside published ones: only like with like, in one currency, with the source, or with the reason why not."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from app.campaigns.channels import StandardName, learn_names
from app.campaigns.facts import merge_staged
from app.imports.staging import StagedValues, stage
from app.performance.norm_comparing import Comparisons, compare_with_others
from billing.plans import PREMIUM
from kit.db import ScopedSession
from kit.ids import new_id
from kit.money import MICROS
from kit.settings import Settings
from ml.norms import ALL_INDUSTRIES, NORMS
from tenants.isolation.planes import Planes
from tests.campaigns.advertiser import Advertiser
from tests.people import Person, make_person
from tests.performance.anomaly_shop import days_ago, today

Client = TestClient[Litestar]
API = "/api/v1/analytics/benchmarks"


def search_days(
    session: ScopedSession, *, key: str = "google_search", name: str = "Google Search", days: int = 90
) -> None:
    """Days of 100 clicks from 2,000 impressions for 200, with 10 conversions: CTR 5 %, CPC 2.00, 10 %, 20.00 each."""
    learn_names(session, names={name: StandardName(key, name)}, plan=PREMIUM)
    import_id = new_id()
    rows = [
        StagedValues(n, days_ago(n), name, "", 200 * MICROS, 600 * MICROS, 2000, 100, 10, None, None)
        for n in range(1, days + 1)
    ]
    stage(session, import_id=import_id, rows=rows)
    merge_staged(session, import_id=import_id)


def compared(session: ScopedSession, currency: str = "USD", **asked: Any) -> Comparisons:
    return compare_with_others(session, currency=currency, today=today(), **asked)


def newest(found: Comparisons, metric: str, industry: str = ALL_INDUSTRIES) -> Any:
    return next(
        one for one in found.items if one.is_newest and (one.norm.metric, one.norm.industry) == (metric, industry)
    )


def test_like_is_compared_with_like(session: ScopedSession) -> None:
    search_days(session)
    found = compared(session, platform="search ads", industry=ALL_INDUSTRIES)
    assert (found.since, found.until) == (days_ago(90), days_ago(1))
    own = {metric: newest(found, metric).own.value for metric in ("ctr", "cpc", "cvr", "cost_per_lead")}
    assert own == pytest.approx({"ctr": 0.05, "cpc": 2.0, "cvr": 0.1, "cost_per_lead": 20.0})
    ctr = newest(found, "ctr")
    assert ctr.comparison.position == "below"
    assert ctr.norm.source.publisher in ctr.comparison.sentence


def test_channels_of_another_kind_are_not_compared(session: ScopedSession) -> None:
    search_days(session, key="facebook_ads", name="Facebook Ads")
    ctr = newest(compared(session, platform="search ads"), "ctr")
    assert (ctr.own.value, ctr.comparison) == (None, None)
    assert "no campaigns of type Search" in ctr.own.reason


def test_campaigns_of_the_type_count_wherever_their_channel_is(session: ScopedSession) -> None:
    advertiser = Advertiser(session, last_day=today() - timedelta(days=1))
    advertiser.rate("EUR", "2", days=500)
    advertiser.rate("USD", "1", days=500)
    account = advertiser.account(connector="google_ads", currency="EUR")
    advertiser.days(advertiser.campaign("Brand", account=account, kind="SEARCH"), 50, spend=10)
    advertiser.days(advertiser.campaign("Films", account=account, kind="VIDEO"), 50, spend=1000)
    search_days(session, key="facebook_ads", name="Facebook Ads")
    found = compared(session, platform="search ads")
    assert newest(found, "cpc").own.value == pytest.approx(10 * 2 / 20)
    assert newest(found, "cvr").own.value == pytest.approx(0.1)


def test_a_figure_in_dollars_needs_a_rate(session: ScopedSession) -> None:
    search_days(session)
    without = newest(compared(session, "EUR", platform="search ads"), "cpc")
    assert without.comparison is None
    assert "no rate from USD to EUR" in without.own.reason
    assert newest(compared(session, "EUR", platform="search ads"), "ctr").own.value == pytest.approx(0.05)
    Advertiser(session, last_day=today()).rate("USD", "0.8")
    with_rate = newest(compared(session, "EUR", platform="search ads"), "cpc")
    assert with_rate.own.value == pytest.approx(2 / 0.8)
    assert "converted at 0.8 EUR a dollar" in with_rate.own.note


def test_too_little_is_no_comparison(session: ScopedSession) -> None:
    search_days(session, days=1)
    found = compared(session, platform="search ads")
    assert "too few" in newest(found, "cost_per_lead").own.reason
    assert newest(found, "ctr").own.value == pytest.approx(0.05)


def test_what_nobody_tells_is_said(session: ScopedSession) -> None:
    search_days(session, key="email", name="Email")
    assert "opened or clicked" in newest(compared(session, platform="email"), "open_rate").own.reason


def test_without_data_the_figures_stand_alone(session: ScopedSession) -> None:
    found = compared(session)
    assert len(found.items) == len(NORMS)
    assert found.since is None
    assert all(one.comparison is None and one.own.reason for one in found.items)


def test_an_industry_comes_with_all_industries_beside_it(session: ScopedSession) -> None:
    found = compared(session, platform="search ads", industry="travel")
    assert {one.norm.industry for one in found.items} == {"travel", ALL_INDUSTRIES}
    assert found.items[0].norm.industry == "travel"
    assert newest(found, "ctr", "travel").is_old


@pytest.fixture(scope="module")
def seller(settings: Settings, planes: Planes) -> Person:
    person = make_person(settings, planes, name="Sam Seller", plan="premium")
    with planes.begin_tenant(person.tenant) as session:
        search_days(session)
    return person


def ask(client: Client, person: Person, query: str = "") -> httpx.Response:
    return person.request(client, "GET", API + query)


def test_every_figure_comes_with_source_days_region_and_sample(client: Client, seller: Person) -> None:
    reply = ask(client, seller, "?platform=search%20ads&industry=all%20industries").json()
    assert reply["currency"] == "USD"
    assert "travel" in reply["industries"]
    ctr = next(one for one in reply["items"] if one["metric"] == "ctr" and one["is_newest"])
    assert (ctr["own"], ctr["published"], ctr["position"]) == (pytest.approx(0.05), 0.0664, "below")
    for part in ("publisher", "region", "first_on", "last_on", "sample", "read_at"):
        assert ctr["source"][part]
    assert ctr["source"]["publisher"] in ctr["sentence"]
    assert reply["notices"]


@pytest.mark.parametrize("query", ["?platform=billboards", "?industry=alchemy"])
def test_what_nobody_published_is_refused_with_what_there_is(client: Client, seller: Person, query: str) -> None:
    for path in (API, seller.at("/benchmarks")):
        reply = seller.request(client, "GET", path + query)
        assert reply.status_code == 422
        assert "Nobody published figures" in reply.text


def test_the_page_shows_both_and_what_they_cannot_say(client: Client, seller: Person, owner: Person) -> None:
    page = seller.request(client, "GET", seller.at("/benchmarks?industry=travel")).text.replace("\u00a0", " ")
    for words in ("5.00 %", "6.64 %", "WordStream", "Old", "What these figures cannot say", "Data of 1 Apr 2025"):
        assert words in page
    empty = owner.request(client, "GET", owner.at("/benchmarks"))
    assert empty.status_code == 200
    assert "once you have data" in empty.text


def test_strangers_find_no_benchmarks(client: Client, seller: Person, stranger: Person) -> None:
    assert stranger.request(client, "GET", seller.at("/benchmarks")).status_code == 404
    assert all(one["own"] is None for one in ask(client, stranger).json()["items"])
