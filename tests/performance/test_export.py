"""Files to take away: complete, with units, period and source, safe to open, and named so that they can be told apart."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from app.performance.export import csv_export, pdf_export, xlsx_export
from app.performance.service import Overview, PeriodRequest, overview
from app.performance.windows import Step
from billing.plans import PREMIUM
from kit.db import ScopedSession
from tests.performance.shop import LAST_DAY, TODAY, Fact, store

Shop = Callable[..., list[Fact]]


def shown(session: ScopedSession, preset: str = "last_30_days", step: Step | None = Step.DAY) -> Overview:
    return overview(session, period=PeriodRequest(preset), plan=PREMIUM, currency="EUR", today=TODAY, step=step)


def records(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_channels_file_adds_up_and_carries_units_period_and_source(session: ScopedSession, shop: Shop) -> None:
    facts = [fact for fact in shop() if fact.day > LAST_DAY - timedelta(days=30)]
    file = csv_export(shown(session), workspace="Café Zürich", table="channels")
    *channels, total = records(file.content)
    assert file.name == "cafe-zurich-channels-2026-10-22-to-2026-11-20.csv"
    assert total["Channel"] == "All channels"
    assert float(total["Spend (EUR)"]) == sum(fact.spend for fact in facts)
    assert sum(float(row["Spend (EUR)"]) for row in channels) == float(total["Spend (EUR)"])
    assert sum(float(row["Share of spend (%)"]) for row in channels) == pytest.approx(100, abs=0.02)
    assert {(row["From"], row["To"]) for row in channels} == {("2026-10-22", "2026-11-20")}
    assert all(row["Source"].startswith("Imported files, as of ") for row in channels)


def test_the_days_file_has_every_day_of_the_period(session: ScopedSession, shop: Shop) -> None:
    shop()
    days = [row["Day"] for row in records(csv_export(shown(session), workspace="A", table="days").content)]
    assert days == [(LAST_DAY - timedelta(days=n)).isoformat() for n in reversed(range(30))]


def test_unknown_values_are_empty_and_zeros_are_zeros(session: ScopedSession) -> None:
    store(session, [Fact(LAST_DAY, "Radio", spend=5, revenue=None), Fact(LAST_DAY, "Search", spend=0, revenue=0)])
    by_channel = {
        row["Channel"]: row for row in records(csv_export(shown(session), workspace="A", table="channels").content)
    }
    assert by_channel["Radio"]["Revenue (EUR)"] == ""
    assert by_channel["Radio"]["ROAS (×)"] == ""
    assert float(by_channel["Search"]["Revenue (EUR)"]) == 0


@pytest.mark.parametrize("name", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_no_name_becomes_a_formula_in_a_spreadsheet(session: ScopedSession, name: str) -> None:
    store(session, [Fact(LAST_DAY, name, spend=5, revenue=9)])
    found = shown(session)
    rows = records(csv_export(found, workspace=name, table="channels").content)
    assert rows[0]["Channel"] == "'" + name
    book = load_workbook(io.BytesIO(xlsx_export(found, workspace=name, timezone="UTC").content))
    for cell in (book["Channels"]["A2"], book["About"]["B2"]):
        assert (cell.value, cell.data_type) == (name, "s")


def test_the_workbook_opens_with_typed_values(session: ScopedSession, shop: Shop) -> None:
    facts = [fact for fact in shop() if fact.day > LAST_DAY - timedelta(days=30)]
    file = xlsx_export(shown(session), workspace="Acme", timezone="Europe/Berlin")
    book = load_workbook(io.BytesIO(file.content))
    assert book.sheetnames == ["Overview", "Channels", "Days", "About"]
    headline = dict(zip(*(tuple(row) for row in book["Overview"].iter_rows(max_row=2, values_only=True)), strict=True))
    assert str(headline["From"]) == "2026-10-22 00:00:00"
    assert headline["Spend (EUR)"] == sum(fact.spend for fact in facts)
    assert book["Days"].max_row == 31
    about = {row[0].value: row[1].value for row in book["About"].iter_rows(min_row=2, max_row=7)}
    assert about["Workspace"] == "Acme"
    assert about["Currency"] == "EUR"
    assert about["Time zone of the days"] == "Europe/Berlin"


@pytest.mark.parametrize("preset", ["last_30_days", "all_time"])
def test_the_report_is_a_tagged_pdf_of_two_pages(session: ScopedSession, shop: Shop, preset: str) -> None:
    shop()
    file = pdf_export(shown(session, preset, step=None), workspace="Acme Outdoor", timezone="Europe/Berlin")
    reader = PdfReader(io.BytesIO(file.content))
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert len(reader.pages) == 2
    assert file.name.startswith("acme-outdoor-overview-")
    for words in ("Acme Outdoor", "Revenue and spend", "Google Ads", "All channels", "Amounts in EUR"):
        assert words in text
    assert "/StructTreeRoot" in reader.root_object


def test_even_many_channels_and_odd_names_make_two_pages(session: ScopedSession) -> None:
    names = [f'Channel {n} #"\\$ {"very long name " * (n % 3)}' for n in range(60)]
    store(session, [Fact(LAST_DAY, name, spend=n, revenue=2 * n) for n, name in enumerate(names, 1)])
    file = pdf_export(shown(session, step=None), workspace="#let x = 1", timezone="UTC")
    assert len(PdfReader(io.BytesIO(file.content)).pages) == 2


def test_a_workspace_without_data_exports_empty_files_rather_than_failing(session: ScopedSession) -> None:
    found = shown(session)
    assert [row["Channel"] for row in records(csv_export(found, workspace="写真", table="channels").content)] == [
        "All channels"
    ]
    assert csv_export(found, workspace="写真", table="days").name.startswith("workspace-days-")
    assert load_workbook(io.BytesIO(xlsx_export(found, workspace="A", timezone="UTC").content)).sheetnames
    assert pdf_export(found, workspace="A", timezone="UTC").content.startswith(b"%PDF")


def test_the_first_day_of_a_file_is_a_date_and_not_a_text(session: ScopedSession, shop: Shop) -> None:
    shop()
    book = load_workbook(io.BytesIO(xlsx_export(shown(session), workspace="A", timezone="UTC").content))
    first = book["Days"]["A2"].value
    assert isinstance(first, datetime)
    assert first.date() == date(2026, 10, 22)
