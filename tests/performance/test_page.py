"""The overview page in each of its states, from the database through service, presenter and template."""

from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from markupsafe import Markup

from app.campaigns.channels import WHOLE_DAY
from app.performance.presenting import OverviewPage, Viewer, overview_page
from app.performance.service import PeriodRequest, overview
from billing.plans import FREE, PREMIUM, Plan
from kit.clock import utc_now
from kit.db import ScopedSession
from kit.web.assets import Assets
from kit.web.shell import Shell, ShellUser, ShellWorkspace
from kit.web.templates import template_environment
from tests.performance.shop import LAST_DAY, TODAY, Fact, store

Shop = Callable[..., list[Fact]]
OWNER = Viewer("/w/1", "Europe/Berlin", may_import=True, may_export=True, has_pdf=True)


class Page(HTMLParser):
    """What a reader meets: text, links by their words, and attributes that a strict content policy forbids."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html, self.text, self.hrefs, self.forbidden = html, "", [], []  # type: ignore[var-annotated]  # strings
        self.feed(html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.forbidden += [name for name, _ in attrs if name == "style" or name.startswith("on")]
        self.hrefs += [value for name, value in attrs if name == "href" and value]

    def handle_data(self, data: str) -> None:
        self.text += data + " "


def present(
    session: ScopedSession,
    period: PeriodRequest | None = None,
    *,
    plan: Plan = PREMIUM,
    viewer: Viewer = OWNER,
    sort: str = "-spend",
) -> OverviewPage:
    period = period or PeriodRequest()
    shown = overview(session, period=period, plan=plan, currency="EUR", today=TODAY)
    return overview_page(shown, viewer=viewer, period=period, sort=sort, now=utc_now())


def render(page: OverviewPage) -> Page:
    shell = Shell(
        nonce="n",
        csrf_token="t",
        workspace=ShellWorkspace("1", "Acme", "EUR", "Europe/Berlin", "Premium"),
        user=ShellUser("Ann Example", "ann@acme.example", "AE"),
        assets=Assets({}),
    )
    variables = {field.name: getattr(page, field.name) for field in fields(page)}
    environment = template_environment()
    numbers = Markup(environment.get_template("performance/numbers.html").render(variables))
    variables |= {"shell": shell, "nonce": "n", "numbers": numbers, "news": None}
    return Page(environment.get_template("performance/overview.html").render(variables))


def test_the_page_shows_tiles_charts_and_channels_with_currency_and_zone(session: ScopedSession, shop: Shop) -> None:
    shop()
    page = render(present(session))
    for words in (
        "Spend",
        "Revenue",
        "Blended ROAS",
        "Conversions",
        "CPA",
        "CAC",
        "ROAS by channel",
        "Share by channel",
    ):
        assert words in page.text
    for words in (
        "Google Ads",
        "Facebook Ads",
        "All channels",
        "Amounts in EUR",
        "Europe/Berlin",
        "Imported files, just now",
    ):
        assert words in page.text
    assert "compared with the 30 days before and with the same weekdays last year" in page.text
    assert page.forbidden == []


def test_every_period_and_order_is_an_address(session: ScopedSession, shop: Shop) -> None:
    shop()
    page = render(present(session, PeriodRequest("last_90_days"), sort="roas"))
    assert "/w/1/overview?period=all_time&sort=roas" in page.hrefs
    assert "/w/1/overview?period=last_90_days&sort=-roas" in page.hrefs
    assert "/w/1/overview/export.xlsx?period=last_90_days" in page.hrefs
    assert any(href.startswith("/w/1/overview?from=2026-05-25&to=2026-08-22") for href in page.hrefs)


def test_dates_stay_dates_in_every_link(session: ScopedSession, shop: Shop) -> None:
    shop()
    page = present(session, PeriodRequest(since=LAST_DAY - timedelta(days=9), until=LAST_DAY))
    assert page.exports.csv == "/w/1/overview/export.csv?from=2026-11-11&to=2026-11-20"
    assert page.period.later_href == ""


def test_an_empty_workspace_has_one_sentence_and_one_way_on(session: ScopedSession) -> None:
    page = render(present(session))
    assert "No data yet" in page.text
    assert "/w/1/imports" in page.hrefs
    assert not any("export" in href for href in page.hrefs)


def test_somebody_who_may_not_import_is_told_who_may(session: ScopedSession) -> None:
    viewer = Viewer("/w/1", "UTC", may_import=False, may_export=True, has_pdf=True)
    page = render(present(session, viewer=viewer))
    assert "/w/1/imports" not in page.hrefs
    assert "editor" in page.text


def test_a_period_without_data_says_where_data_are(session: ScopedSession, shop: Shop) -> None:
    shop()
    page = render(present(session, PeriodRequest(until=LAST_DAY - timedelta(days=2000))))
    assert "Nothing in this period" in page.text
    assert "/w/1/overview?period=all_time" in page.hrefs


def test_a_plans_limit_is_said_with_the_way_to_lift_it(session: ScopedSession, shop: Shop) -> None:
    shop()
    page = render(present(session, PeriodRequest("all_time"), plan=FREE))
    assert "The Free plan shows the last 90 days" in page.text
    assert "/w/1/billing" in page.hrefs


def test_files_are_offered_to_those_who_may_have_them(session: ScopedSession, shop: Shop) -> None:
    shop()
    nobody = Viewer("/w/1", "UTC", may_import=True, may_export=False, has_pdf=True)
    without_pdf = Viewer("/w/1", "UTC", may_import=True, may_export=True, has_pdf=False)
    assert not any("export" in href for href in render(present(session, viewer=nobody)).hrefs)
    assert not any("export.pdf" in href for href in render(present(session, viewer=without_pdf)).hrefs)


def test_what_is_missing_is_a_dash_with_its_reason(session: ScopedSession) -> None:
    store(session, [Fact(LAST_DAY, "Podcast", spend=50, revenue=None), Fact(LAST_DAY, "Google Ads", spend=10)])
    shown = present(session, PeriodRequest("last_7_days"))
    tiles = {tile.key: tile for tile in shown.tiles}
    assert tiles["revenue"].value == "–"
    assert tiles["revenue"].missing == "No revenue in your data for this period"
    assert tiles["cac"].missing == "No new customers in your data for this period"
    page = render(shown)
    assert "No ROAS by channel" in page.text
    assert 'title="No revenue in your data for this period"' in page.html


def test_a_change_is_coloured_by_what_it_means(session: ScopedSession) -> None:
    days = [LAST_DAY - timedelta(days=n) for n in range(60)]
    store(
        session,
        [
            Fact(day, "Google Ads", spend=200 if n < 30 else 100, revenue=600, conversions=10)
            for n, day in enumerate(days)
        ],
    )
    tones = {tile.key: (tile.first.text, tile.first.tone, tile.first.direction) for tile in present(session).tiles}
    assert tones["spend"] == ("+100.0\u00a0%", "plain", "up")
    assert tones["cpa"] == ("+100.0\u00a0%", "bad", "up")
    assert tones["roas"] == ("−50.0\u00a0%", "bad", "down")
    assert tones["revenue"] == ("±0.0\u00a0%", "plain", "flat")


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("-spend", "CBA"),
        ("spend", "ABC"),
        ("channel", "ABC"),
        ("-channel", "CBA"),
        ("roas", "CBA"),
        ("-roas", "BCA"),
        ("-revenue_change", "ABC"),
        ("nonsense", "CBA"),
        ("", "CBA"),
    ],
)
def test_the_table_sorts_by_any_column_with_unknown_values_last(session: ScopedSession, sort: str, names: str) -> None:
    store(
        session,
        [
            Fact(LAST_DAY, "A", spend=10, revenue=None),
            Fact(LAST_DAY, "B", spend=20, revenue=80),
            Fact(LAST_DAY, "C", spend=30, revenue=60),
        ],
    )
    table = present(session, sort=sort).table
    assert "".join(row.name for row in table.rows) == names
    assert sum(heading.sort.direction != "" for heading in table.headings) == 1


def test_names_from_files_are_text_and_never_markup(session: ScopedSession) -> None:
    store(session, [Fact(LAST_DAY, "<script>alert(1)</script>", spend=5, revenue=9)])
    assert "<script>alert" not in render(present(session)).html


def test_revenue_of_whole_days_has_a_row_without_costs(session: ScopedSession) -> None:
    store(session, [Fact(LAST_DAY, WHOLE_DAY, revenue=900, conversions=9), Fact(LAST_DAY, "Radio", spend=300)])
    page = present(session, PeriodRequest("last_7_days"))
    radio, whole_day = page.table.rows
    texts = dict(zip([heading.label for heading in page.table.headings[1:]], whole_day.cells, strict=False))
    assert [cell.text for cell in radio.cells[:3:2]] == ["€300", "–"]
    assert texts["Revenue"].text == "€900"
    assert texts["CPA"].text == "–"
    assert "whole days" in texts["CPA"].reason
    assert {tile.key: tile.value for tile in page.tiles}["roas"] == "3.00×"
