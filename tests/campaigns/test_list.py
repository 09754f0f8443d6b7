"""The list of campaigns: metrics from the catalogue, filters, order, totals over currencies, and ten thousand of them."""

import time
from typing import Any

import pytest
from sqlalchemy import text

from app.performance.campaigns.asking import Asked, asked_campaigns
from app.performance.campaigns.service import CampaignList, list_campaigns
from app.performance.service import PeriodRequest
from billing.plans import FREE, PREMIUM
from kit.errors import InvalidInput
from tests.campaigns.advertiser import LAST_DAY, MICROS, Advertiser

THIRTY = PeriodRequest("last_30_days")


def listed(at: Advertiser, asked: Asked | None = None, **more: Any) -> CampaignList:
    options: dict[str, Any] = {"period": THIRTY, "plan": PREMIUM, "currency": "USD", "today": LAST_DAY} | more
    return list_campaigns(at.session, asked=asked or Asked(), **options)


def names(found: CampaignList) -> list[str]:
    return [row.name for row in found.rows]


@pytest.fixture
def three(advertiser: Advertiser) -> Advertiser:
    """Brand: 100 spent and 300 back. Prospecting: 200 and 200. Quiet: never ran; and one that was removed."""
    account = advertiser.account("Main")
    brand, prospecting = (advertiser.campaign(name, account=account) for name in ("Brand", "Prospecting"))
    advertiser.campaign("Quiet", account=account, status="paused", daily_budget_micros=5 * MICROS)
    gone = advertiser.campaign("Gone", account=account, status="removed")
    advertiser.days(brand, spend=10, value=30)
    advertiser.days(prospecting, spend=20, value=20, clicks=50)
    advertiser.days(gone, spend=1, value=None)
    advertiser.rolled_up()
    return advertiser


def test_a_row_has_every_metric_of_the_catalogue_and_unknown_ones_are_none(three: Advertiser) -> None:
    found = listed(three, Asked(sort="name"))
    assert names(found) == ["Brand", "Prospecting", "Quiet"]
    brand, quiet = found.rows[0].values, found.rows[2].values
    assert (brand["spend"], brand["revenue"], brand["roas"]) == (100 * MICROS, 300 * MICROS, 3.0)
    assert (brand["conversions"], brand["cpa"], brand["ctr"]) == (20, 5 * MICROS, 0.02)
    assert set(quiet.values()) == {None}


def test_totals_are_of_everything_found_and_removed_campaigns_are_asked_for(three: Advertiser) -> None:
    found = listed(three, limit=1)
    assert (found.found, found.pages, len(found.rows)) == (3, 3, 1)
    assert found.totals["spend"] == 300 * MICROS
    assert found.totals["roas"] == pytest.approx(5 / 3)
    assert names(listed(three, Asked(status="removed"))) == ["Gone"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("-spend", ["Prospecting", "Brand", "Quiet"]),
        ("spend", ["Brand", "Prospecting", "Quiet"]),
        ("-roas", ["Brand", "Prospecting", "Quiet"]),
        ("cpa", ["Brand", "Prospecting", "Quiet"]),
        ("budget", ["Quiet", "Brand", "Prospecting"]),
        ("-name", ["Quiet", "Prospecting", "Brand"]),
        ("-status", ["Quiet", "Brand", "Prospecting"]),
    ],
)
def test_every_order_has_unknown_values_last(three: Advertiser, sort: str, order: list[str]) -> None:
    assert names(listed(three, Asked(sort=sort))) == order


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        (Asked(q="PECT"), ["Prospecting"]),
        (Asked(q="%"), []),
        (Asked(status="paused"), ["Quiet"]),
        (Asked(platform="meta_ads", min_spend=150), ["Prospecting"]),
        (Asked(max_spend=0), ["Quiet"]),
        (Asked(channel="tiktok_ads"), []),
        (Asked(platform="plans"), []),
    ],
)
def test_filters_narrow_the_list(three: Advertiser, asked: Asked, left: list[str]) -> None:
    assert names(listed(three, asked)) == left


def test_rows_are_in_the_accounts_currency_and_totals_in_the_workspaces(three: Advertiser) -> None:
    euro = three.account("Berlin", currency="EUR")
    three.rate("EUR", "1.5")
    three.days(three.campaign("Marke", account=euro), spend=100, value=100)
    found = listed(three)
    assert names(found)[0] == "Marke"
    assert (found.rows[0].currency, found.rows[0].values["spend"]) == ("EUR", 1000 * MICROS)
    assert found.totals["spend"] == 1800 * MICROS
    assert found.notices == ()


def test_money_without_a_rate_is_left_out_of_the_totals_and_said(three: Advertiser) -> None:
    yen = three.account("Tokyo", currency="JPY")
    three.days(three.campaign("Brand JP", account=yen), spend=1000)
    found = listed(three)
    assert found.totals["spend"] == 300 * MICROS
    assert [notice.text for notice in found.notices] == [
        "There is no exchange rate for JPY: what was spent there is not in the totals."
    ]


def test_the_free_plan_sees_its_days_of_history_only(three: Advertiser) -> None:
    found = listed(three, period=PeriodRequest("last_12_months"), plan=FREE)
    assert found.window.days == 90
    assert any(notice.is_limit for notice in found.notices)


def test_an_address_and_its_reading_are_inverse() -> None:
    asked = Asked(q="brand", status="paused", min_spend=2.5, sort="-roas", columns=("status", "spend"))
    said = asked.parameters()
    columns = [said.pop("columns")]
    assert asked_campaigns(**said, columns=columns) == asked  # type: ignore[arg-type]  # texts, as an address has them
    assert asked_campaigns(sort="nonsense") == Asked()
    with pytest.raises(InvalidInput):
        asked_campaigns(status="asleep")
    with pytest.raises(InvalidInput):
        asked_campaigns(min_spend="much")


def test_ten_thousand_campaigns_are_one_pass_over_the_windows_days(
    advertiser: Advertiser, capsys: pytest.CaptureFixture[str]
) -> None:
    advertiser.many(10_000, account=advertiser.account(), days=90)
    started = time.perf_counter()
    found = listed(advertiser, Asked(sort="-roas", page=3))
    took_ms = (time.perf_counter() - started) * 1000
    with capsys.disabled():
        print(f"\n10,000 campaigns x 90 days: the list took {took_ms:.0f} ms")  # noqa: T201 a figure to read
    assert (found.found, len(found.rows)) == (10_000, 50)
    plan = advertiser.session.execute(
        text("EXPLAIN SELECT sum(spend_micros) FROM campaign_days WHERE day BETWEEN '2026-11-01' AND '2026-11-20'")
    )
    assert "ix_campaign_days_day" in "".join(row[0] for row in plan)
