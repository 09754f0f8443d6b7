"""The story of a newcomer, in a real browser: from signing up to a budget plan on paper, with nobody's help."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Download, Page, expect
from pypdf import PdfReader

from app.cli.plan import plan
from app.mix.sample import build_sample
from kit.storage import open_storage
from tests.installation import Installation

EXAMPLES = Path(__file__).parents[2] / "examples"
BAD_ROWS = EXAMPLES / "with-three-bad-rows.csv"
EMAIL, PASSWORD = "nina@newcomer.example", "quiet river paper lantern"
_LINK = re.compile(r"http://\S+/verify-email\S+")
pytestmark = pytest.mark.browser
_DROP = """
([zone, name, text]) => {
  const files = new DataTransfer();
  files.items.add(new File([text], name, {type: "text/csv"}));
  for (const type of ["dragenter", "dragover", "drop"])
    zone.dispatchEvent(new DragEvent(type, {dataTransfer: files, bubbles: true, cancelable: true}));
}
"""


@pytest.fixture
def sample(installation: Installation) -> None:
    """The results that a locked page shows, from fewer days than the demo's so that it takes a moment."""
    build_sample(open_storage(installation.settings), progress=lambda _share, _sentence: None, days=150)


def test_a_newcomer_gets_from_signing_up_to_a_budget_plan(
    installation: Installation, open_page: Callable[..., Page], sample: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(accept_downloads=True)
    _sign_up(page)
    _confirm_address(page, installation)
    _import_with_three_bad_rows(page)
    _drop_the_same_file(page)
    _look_at_the_overview(page)
    _meet_the_upgrade_wall(page)
    monkeypatch.setattr("app.cli.plan.load_settings", lambda: installation.settings)
    assert "Premium" in CliRunner().invoke(plan, ["set", EMAIL, "premium"]).output
    _run_attribution(page)
    _run_forecast(page)
    _run_optimiser(page)
    _export_the_plan(page)
    _see_the_checklist_done(page)


def _go(page: Page, label: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name=label).click()


def _sign_up(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Create a free account").click()
    page.get_by_label("Your name").fill("Nina Newcomer")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Name of your business").fill("Nina's notebooks")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome to Nina's notebooks")
    expect(page.get_by_text("0 of 5 done")).to_be_visible()


def _confirm_address(page: Page, installation: Installation) -> None:
    letter = installation.letter(to=EMAIL, subject="Confirm your e-mail address")
    link = _LINK.search(letter["text"])
    assert link, letter["text"]
    page.goto(link[0])
    page.get_by_role("button", name="Confirm address").click()
    expect(page.get_by_text("Your e-mail address is confirmed.")).to_be_visible()


def _import_with_three_bad_rows(page: Page) -> None:
    _go(page, "Imports")
    page.get_by_label("Choose a file, or drop it here").set_input_files(BAD_ROWS)
    expect(page.get_by_text("with-three-bad-rows.csv, 28.6 KB")).to_be_visible()
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name="Recognised in the file")).to_be_visible()
    expect(page.get_by_label("Column for Spend")).to_have_value("spend")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="Rejected rows")).to_be_visible()
    rejected = page.get_by_role("table", name="Rejected rows")
    for row in ("13", "58", "105"):
        expect(rejected.get_by_role("cell", name=row, exact=True)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download rejected rows").click()
    rows = list(csv.reader(io.StringIO(_content(download.value).decode("utf-8-sig"))))
    assert len(rows) == 4
    assert "2026-13-05" in str(rows[1])


def _drop_the_same_file(page: Page) -> None:
    _go(page, "Imports")
    expect(page.locator("[data-file-drop]")).to_have_attribute("data-ready", "")
    zone = page.locator("[data-drop-zone]").element_handle()
    page.evaluate(_DROP, [zone, "dropped.csv", BAD_ROWS.read_text(encoding="utf-8")])
    expect(page.get_by_text("dropped.csv, 28.6 KB")).to_be_visible()
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Nothing changed: everything in the file was stored already.")).to_be_visible()


def _look_at_the_overview(page: Page) -> None:
    page.get_by_role("link", name="Open the overview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    for tile in ("Spend", "Revenue", "Conversions"):
        expect(page.locator(".kpi", has_text=tile).first).to_contain_text(re.compile(r"\d"))
    expect(page.get_by_role("rowheader", name="Google Search").first).to_be_visible()


def _meet_the_upgrade_wall(page: Page) -> None:
    _go(page, "Attribution")
    expect(page.get_by_text("Attribution is part of Premium")).to_be_visible()
    expect(page.get_by_text("$79 a month")).to_be_visible()
    expect(page.get_by_text("These figures belong to a made-up shop, not to you.")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Upgrade").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Billing")


def _run_attribution(page: Page) -> None:
    _go(page, "Attribution")
    page.get_by_role("button", name="Work out what each channel brings").click()
    channels = page.get_by_role("table", name="What each channel brought")
    expect(channels.get_by_role("rowheader", name="Facebook Ads")).to_be_visible()
    expect(page.get_by_text("How sure this is")).to_be_visible()


def _run_forecast(page: Page) -> None:
    _go(page, "Forecast")
    page.get_by_role("button", name="30 days").click()
    expect(page.get_by_text("80 % range").first).to_be_visible()


def _run_optimiser(page: Page) -> None:
    _go(page, "Budget optimiser")
    page.get_by_role("button", name="Work out the plan").click()
    expect(page.get_by_role("table", name="Spend a day by channel")).to_be_visible()
    slider = page.locator("[data-optimiser] [data-value]").first
    expect(page.locator("[data-optimiser]")).to_have_attribute("data-ready", "")
    slider.focus()
    slider.press("ArrowRight")
    expect(page.locator("[data-optimiser-status]")).to_have_text("Up to date")
    expect(page.locator("#own-total")).not_to_have_text("–")


def _export_the_plan(page: Page) -> None:
    table = _downloaded(page, "CSV")
    assert {"Google Search", "Facebook Ads", "Email"} <= {
        cell for row in csv.reader(io.StringIO(table)) for cell in row
    }
    pdf = PdfReader(io.BytesIO(_bytes(page, "PDF")))
    words = " ".join(sheet.extract_text() for sheet in pdf.pages)
    assert 1 <= len(pdf.pages) <= 3
    assert "Nina's notebooks" in words.replace("’", "'")
    assert "Google Search" in words


def _see_the_checklist_done(page: Page) -> None:
    page.goto(page.url.split("/budget")[0] + "/start")
    expect(page.get_by_text("5 of 5 done")).to_be_visible()


def _downloaded(page: Page, kind: str) -> str:
    return _bytes(page, kind).decode("utf-8-sig")


def _bytes(page: Page, kind: str) -> bytes:
    menu = page.locator("#export-menu")
    if not menu.is_visible():
        page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        menu.get_by_role("link", name=kind).click()
    return _content(download.value)


def _content(download: Download) -> bytes:
    content = Path(download.path()).read_bytes()
    assert content
    return content
