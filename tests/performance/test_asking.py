"""One channel, and another comparison: the address says so, and every number, link and file keeps to it."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from app.performance.charts import course_chart, roas_chart, share_chart
from app.performance.export import csv_export, pdf_export, xlsx_export
from app.performance.schemas import dashboard_reply
from app.performance.service import Overview, PeriodRequest, overview
from app.performance.windows import Comparison, Step
from billing.plans import PREMIUM
from kit.db import ScopedSession
from kit.errors import InvalidInput
from tests.performance.shop import LAST_DAY, MICROS, TODAY, Fact
from tests.performance.test_page import present, render

Shop = Callable[..., list[Fact]]
GOOGLE = PeriodRequest("last_30_days", channel="google_ads")
LAST_YEAR = PeriodRequest("last_30_days", comparison=Comparison.LAST_YEAR)
NOTHING = PeriodRequest("last_30_days", comparison=Comparison.NONE)


def shown(session: ScopedSession, period: PeriodRequest, step: Step | None = Step.DAY) -> Overview:
    return overview(session, period=period, plan=PREMIUM, currency="EUR", today=TODAY, step=step)


def spend_of(facts: list[Fact], *, days_ago: int, channel: str = "") -> int:
    """Spend of thirty days that end so many days before the last one."""
    until = LAST_DAY - timedelta(days=days_ago)
    period = (until - timedelta(days=29), until)
    return sum(fact.spend for fact in facts if period[0] <= fact.day <= period[1] and channel in fact.channel) * MICROS


def test_one_channel_is_all_that_every_number_is_of(session: ScopedSession, shop: Shop) -> None:
    facts = shop()
    found = shown(session, GOOGLE)
    expected = spend_of(facts, days_ago=0, channel="Google")
    assert found.totals["spend"] == expected
    assert found.totals_before["spend"] == spend_of(facts, days_ago=30, channel="Google")
    assert found.headlines[0].year_ago == spend_of(facts, days_ago=364, channel="Google")
    assert sum(point.values["spend"] or 0 for point in found.course) == expected
    assert [row.key for row in found.channels] == ["google_ads"]
    assert found.channels[0].spend_share == pytest.approx(expected / spend_of(facts, days_ago=0))


def test_the_page_of_one_channel_says_so_and_leads_back(session: ScopedSession, shop: Shop) -> None:
    shop()
    page = render(present(session, GOOGLE, sort="roas"))
    assert "Channel: Google Ads" in page.text
    assert "Facebook Ads" not in page.text
    assert "All channels" not in page.text
    assert "Blended ROAS" not in page.text
    assert "/w/1/overview?period=last_30_days&sort=roas" in page.hrefs
    assert "/w/1/overview?period=all_time&sort=roas&channel=google_ads" in page.hrefs
    assert "/w/1/overview/export.xlsx?period=last_30_days&channel=google_ads" in page.hrefs


def test_every_channel_is_a_link_to_its_own_page(session: ScopedSession, shop: Shop) -> None:
    shop()
    page = present(session, LAST_YEAR)
    address = "/w/1/overview?period=last_30_days&compare=last_year&channel=facebook_ads"
    assert address in [row.href for row in page.table.rows]
    for chart in (page.roas, page.shares):
        assert chart is not None
        assert chart.links[chart.labels.index("Facebook Ads")] == address


def test_a_channel_that_is_not_there_is_said_by_name(session: ScopedSession, shop: Shop) -> None:
    shop()
    with pytest.raises(InvalidInput, match="There is no channel “pigeons”"):
        shown(session, PeriodRequest(channel="pigeons"))


def test_last_year_leads_in_tiles_table_and_chart_where_it_was_chosen(session: ScopedSession, shop: Shop) -> None:
    facts = shop()
    found = shown(session, LAST_YEAR)
    page = present(session, LAST_YEAR)
    assert found.compared_with == found.window.year_ago()
    assert found.totals_before["spend"] == spend_of(facts, days_ago=364)
    assert sum(point.values["spend"] or 0 for point in found.course_before) == spend_of(facts, days_ago=364)
    assert {(tile.first.against, tile.second.against) for tile in page.tiles if tile.key == "spend"} == {
        ("vs last year", "vs before")
    }
    assert [heading.label for heading in page.table.headings].count("vs last year") == 2
    assert [line.name for line in course_chart(found).lines][2:] == ["Revenue, last year", "Spend, last year"]
    assert "compared with the same weekdays last year and with the 30 days before" in page.subtitle
    assert [label for label, _, is_current in page.period.comparisons if is_current] == ["Same period last year"]


def test_without_a_comparison_nothing_is_compared(session: ScopedSession, shop: Shop) -> None:
    shop()
    found, page = shown(session, NOTHING), present(session, NOTHING)
    assert found.compared_with is None
    assert found.course_before == ()
    assert all(item.before is None and item.year_ago is None for item in found.headlines)
    assert all(tile.first.text == tile.second.text == "" for tile in page.tiles)
    assert not any(heading.label.startswith("vs") for heading in page.table.headings)
    assert len(course_chart(found).lines) == 2


def test_the_usual_comparison_needs_no_word_in_the_address(session: ScopedSession, shop: Shop) -> None:
    shop()
    page = present(session, PeriodRequest("last_30_days"))
    assert "compare" not in page.exports.csv
    assert {label: href for label, href, _ in page.period.comparisons} == {
        "Period before": "/w/1/overview?period=last_30_days",
        "Same period last year": "/w/1/overview?period=last_30_days&compare=last_year",
        "Nothing": "/w/1/overview?period=last_30_days&compare=none",
    }


def test_files_keep_to_the_channel_and_the_comparison(session: ScopedSession, shop: Shop) -> None:
    facts = shop()
    found = shown(session, PeriodRequest("last_30_days", comparison=Comparison.LAST_YEAR, channel="google_ads"))
    file = csv_export(found, workspace="Acme", table="channels")
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))
    assert file.name == "acme-channels-google-ads-2026-10-22-to-2026-11-20.csv"
    assert [row["Channel"] for row in rows] == ["Google Ads"]
    assert float(rows[0]["Spend last year (EUR)"]) * MICROS == spend_of(facts, days_ago=364, channel="Google")
    days = csv_export(found, workspace="Acme", table="days").content.decode("utf-8-sig").splitlines()
    assert days[1].split(",")[3] == "Google Ads"
    book = load_workbook(io.BytesIO(xlsx_export(found, workspace="Acme", timezone="UTC").content))
    about = {row[0].value: row[1].value for row in book["About"].iter_rows(min_row=2, max_row=8)}
    assert about["Channel"] == "Google Ads"
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(_pdf(found))).pages)
    assert "Google Ads" in text
    assert "Facebook Ads" not in text


@pytest.mark.parametrize("period", [LAST_YEAR, NOTHING, GOOGLE])
def test_the_report_is_two_pages_whatever_was_asked(session: ScopedSession, shop: Shop, period: PeriodRequest) -> None:
    shop()
    assert len(PdfReader(io.BytesIO(_pdf(shown(session, period, step=None)))).pages) == 2


def test_a_file_without_comparison_has_no_column_for_one(session: ScopedSession, shop: Shop) -> None:
    shop()
    found = shown(session, NOTHING)
    head = csv_export(found, workspace="Acme", table="channels").content.decode("utf-8-sig").splitlines()[0]
    book = load_workbook(io.BytesIO(xlsx_export(found, workspace="Acme", timezone="UTC").content))
    assert "before" not in head
    assert book["Overview"].max_row == 2


def test_the_api_says_what_it_compared_and_of_which_channel(session: ScopedSession, shop: Shop) -> None:
    shop()
    alone = dashboard_reply(shown(session, NOTHING), timezone="UTC")
    google = dashboard_reply(shown(session, GOOGLE), timezone="UTC")
    assert (alone.comparison, alone.compared_with, alone.channel) == ("none", None, None)
    assert google.channel == "google_ads"
    assert google.compared_with is not None


def test_charts_of_one_channel_lead_nowhere(session: ScopedSession, shop: Shop) -> None:
    shop()
    page = present(session, GOOGLE)
    assert page.roas is not None
    assert page.roas.links == []
    assert roas_chart(shown(session, GOOGLE)) is not None
    assert share_chart(shown(session, GOOGLE)) is not None


def _pdf(found: Overview) -> bytes:
    return pdf_export(found, workspace="Acme", timezone="UTC").content
