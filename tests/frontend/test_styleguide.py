"""The style guide in Chromium: no accessibility violation, nothing that the content policy refuses, every island ready."""

import mimetypes
import threading
from collections.abc import Iterator
from dataclasses import fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from kit.web.assets import STATIC, load_assets
from kit.web.security import security_headers
from kit.web.shell import Flash, NavItem, NavSection, Shell, ShellUser, ShellWorkspace, WorkspaceLink
from kit.web.styleguide import styleguide_context
from kit.web.templates import TEMPLATES, template_environment

CHROMIUM = Path("/usr/bin/chromium")
AXE = TEMPLATES.parent / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
NONCE = "n0nce"
expect.set_options(timeout=30_000)
# A skeleton pulses for ever; everything else comes to rest, and only then are colours what they will be.
SETTLED = """() => document.getAnimations().every(
  (one) => one.playState !== "running" || one.effect.getComputedTiming().endTime === Infinity)"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed (apt-get install chromium)"),
    pytest.mark.skipif(not load_assets().is_built, reason="the front end is not built (python frontend/build.py)"),
]


def styleguide_html() -> bytes:
    nav = (NavSection("", (NavItem("Overview", "/", "layout-dashboard", is_current=True, key="o"),)),)
    shell = Shell(
        nonce=NONCE,
        csrf_token="token",
        workspace=ShellWorkspace("1", "Acme Outdoor", "USD", "Europe/Berlin", "Free", "/plans"),
        workspaces=(WorkspaceLink("1", "Acme Outdoor", "/w/1"),),
        user=ShellUser("Maria Lind", "maria@acme.example", "ML", "/account"),
        nav=nav,
        flash=(Flash("good", "1,204 rows imported", "/undo"),),
        freshness="Data to 20 Nov 2026",
    )
    context = styleguide_context()
    variables = {item.name: getattr(context, item.name) for item in fields(context)} | {"shell": shell}
    return template_environment().get_template("styleguide.html").render(variables).encode()


class Server(BaseHTTPRequestHandler):
    """The style guide at every address, and the built files."""

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        file = STATIC / path.removeprefix("/static/")
        body = file.read_bytes() if path.startswith("/static/") else styleguide_html()
        kind = mimetypes.guess_type(file.name)[0] if path.startswith("/static/") else "text/html; charset=utf-8"
        self.send_response(200)
        for name, value in security_headers(NONCE, is_secure=False).items():
            self.send_header(name, value)
        self.send_header("content-type", kind or "application/octet-stream")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()


def opened(
    browser: Browser, address: str, *, theme: str = "light", width: int = 1440, bypass_csp: bool = False
) -> Page:
    scheme: Any = theme
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=bypass_csp)
    page = context.new_page()
    page.add_init_script(
        "window.refused = []; addEventListener('securitypolicyviolation', (e) => refused.push(e.violatedDirective + ' ' + e.blockedURI))"
    )
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    return page


def violations(page: Page) -> list[tuple[str, list[str]]]:
    page.wait_for_function(SETTLED)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("(rules) => axe.run(document, {runOnly: rules})", RULES)
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]]


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed (python frontend/build.py test installs it)")
@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_style_guide_has_no_accessibility_violation(browser: Browser, address: str, theme: str, width: int) -> None:
    page = opened(browser, address, theme=theme, width=width, bypass_csp=True)
    assert violations(page) == []
    page.context.close()


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed (python frontend/build.py test installs it)")
@pytest.mark.parametrize(
    "opener",
    [
        "[data-open-dialog=sample-dialog]",
        "[data-open-dialog=sample-confirm]",
        "[popovertarget=period-menu]",
        "[popovertarget=user-menu]",
    ],
)
def test_open_dialogs_and_menus_have_no_accessibility_violation(browser: Browser, address: str, opener: str) -> None:
    page = opened(browser, address, bypass_csp=True)
    page.click(opener)
    if "period" in opener:
        page.wait_for_selector("calendar-range[data-ready]")
    assert violations(page) == []
    page.context.close()


def test_a_period_menu_opened_before_its_script_has_come_still_gets_its_calendar(
    browser: Browser, address: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    held: list[Any] = []
    page.route("**/period-*.js", lambda call: held.append(call))  # noqa: PLW0108 - Playwright cannot inspect a builtin
    page.goto(address)
    page.click("[popovertarget=period-menu]")
    page.wait_for_function("document.querySelector('#period-menu').matches(':popover-open')")
    assert page.locator("calendar-month").count() == 0
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    page.wait_for_selector("calendar-range[data-ready]")
    context.close()


def test_what_was_chosen_before_the_script_came_is_taken_up(browser: Browser, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    held: list[Any] = []
    page.route("**/upload-*.js", lambda call: held.append(call))  # noqa: PLW0108 - Playwright cannot inspect a builtin
    page.route("**/optimiser-*.js", lambda call: held.append(call))  # noqa: PLW0108 - as above
    page.goto(address)
    page.set_input_files(
        "[data-file-drop] input[type=file]", {"name": "march.csv", "mimeType": "text/csv", "buffer": b"day"}
    )
    page.fill("[data-mirror=slider-tiktok]", "250")
    assert page.get_attribute("html", "data-ready") is None
    while len(held) < 2:
        page.wait_for_timeout(20)
    for call in held:
        call.continue_()
    expect(page.locator("[data-file-name]").first).to_have_text("march.csv, 3 bytes")
    expect(page.locator("#slider-tiktok")).to_have_value("250")
    expect(page.locator("html")).to_have_attribute("data-ready", "")
    context.close()


def test_a_part_that_does_not_load_leaves_the_page_ready(browser: Browser, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.route("**/upload-*.js", lambda call: call.abort())
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    context.close()


def test_charts_come_alive_and_nothing_is_refused(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    for figure in page.query_selector_all("[data-chart]"):
        figure.scroll_into_view_if_needed()
        figure.hover(force=True)
    expect(page.locator("[data-chart-box]:not([data-ready])")).to_have_count(0)
    for figure in page.query_selector_all("[data-chart-box]"):
        figure.scroll_into_view_if_needed()
        figure.hover(force=True)
    page.wait_for_selector(".chart-tip", state="attached")
    assert page.evaluate("window.refused") == []
    page.context.close()


def test_a_phone_shows_the_whole_page_without_sideways_scrolling(browser: Browser, address: str) -> None:
    page = opened(browser, address, width=360)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


def test_a_phone_has_a_real_menu(browser: Browser, address: str) -> None:
    page = opened(browser, address, width=360)
    assert not page.is_visible("#sidebar")
    page.click("[aria-label='Open menu']")
    expect(page.locator("#sidebar >> text=Overview")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#sidebar")).to_be_hidden()
    page.context.close()


def test_selecting_rows_opens_the_bulk_bar(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.check("[data-row-all]")
    page.wait_for_selector("[data-bulk-bar].is-open")
    expect(page.locator("[data-bulk-count]")).to_have_text("6 channels selected")
    page.click("[data-row-none]")
    page.wait_for_selector("[data-bulk-bar]:not(.is-open)", state="attached")
    page.context.close()


def test_the_theme_is_kept_in_a_cookie(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.click("[popovertarget=user-menu]")
    page.click("[data-theme-choice=dark]")
    assert page.get_attribute("html", "data-theme") == "dark"
    assert "adloom_theme=dark" in page.evaluate("document.cookie")
    page.context.close()


def test_a_question_mark_lists_the_keys_and_typing_one_does_not(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.fill("#field-email", "")
    page.press("#field-email", "?")
    assert not page.is_visible("#shortcuts")  # keys are handled before `press` returns
    page.focus("#main")
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    page.context.close()


def test_a_typed_confirmation_arms_its_button_only_when_right(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.click("[data-open-dialog=sample-confirm]")
    submit = page.locator("#sample-confirm button[type=submit]")
    expect(submit).to_be_disabled()
    page.fill("#sample-confirm-typed", "delete")
    expect(submit).to_be_enabled()
    page.context.close()


def test_the_calendar_fills_the_two_dates(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.click("[popovertarget=period-menu]")
    page.wait_for_selector("calendar-range[data-ready]")
    page.evaluate(
        "() => { const c = document.querySelector('calendar-range'); c.value = '2026-11-02/2026-11-08'; c.dispatchEvent(new Event('change')); }"
    )
    assert [page.input_value("#period-from"), page.input_value("#period-to")] == ["2026-11-02", "2026-11-08"]
    page.context.close()


def test_a_slider_and_its_number_show_the_same(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.wait_for_selector("[data-optimiser][data-ready]")
    page.fill("[data-mirror=slider-tiktok]", "250")
    assert page.input_value("#slider-tiktok") == "250"
    page.context.close()


def test_the_page_works_without_a_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 900})
    page = context.new_page()
    page.goto(address)
    assert page.is_visible("#chart-lines svg")
    assert page.is_visible("#field-file")
    page.click("[aria-label='Open menu']")
    expect(page.locator("#sidebar >> text=Overview")).to_be_visible()
    context.close()
