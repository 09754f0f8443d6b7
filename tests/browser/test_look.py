"""Every page in light and dark, wide and narrow: accessible, no sideways scrolling, no violation, alive, and light enough."""

import gzip
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response, expect

from kit.web.security import SESSION_COOKIE
from tests.browser.shop import EXAMPLES, Look, Shop, looks, open_connected_shop, open_shop
from tests.installation import Installation

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
WIDE, NARROW = {"width": 1440, "height": 1000}, {"width": 360, "height": 780}
KILOBYTE = 1000
_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# Themes differ in colours only, so the dark one is asked about nothing else.
_COLOUR_RULES = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
# Charts come alive when somebody comes near, so each look wakes those that sleep below the fold.
_ALIVE = """
() => {
  for (const box of document.querySelectorAll("[data-chart-box]:not([data-ready])"))
    box.closest("[data-chart]").dispatchEvent(new PointerEvent("pointerenter"));
  return document.documentElement.dataset.ready === "" && !document.querySelector(
    "[data-file-drop]:not([data-ready]), [data-period]:not([data-ready]), form[data-optimiser]:not([data-ready]), " +
    "[data-chart-box]:not([data-ready])") && document.fonts.status === "loaded";
}
"""
# A skeleton pulses for ever; everything else comes to rest.
_SETTLED = """
() => document.getAnimations().every(
  one => one.playState !== "running" || one.effect.getComputedTiming().endTime === Infinity)
"""
# A canvas follows its box's size and the theme within two frames.
_DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_LCP = """
() => new Promise(resolve => new PerformanceObserver(list => resolve(list.getEntries().at(-1).startTime))
  .observe({type: "largest-contentful-paint", buffered: true}))
"""
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(installation: Installation) -> Shop:
    """A shop; with two years of history where people will look at the pictures."""
    file = "two-years.csv" if os.environ.get("ADLOOM_SCREENSHOTS") else "first-import.csv"
    return open_shop(installation, EXAMPLES / file)


@pytest.fixture(scope="module")
def connected_shop(installation: Installation) -> Shop:
    """A shop that advertises on connected platforms."""
    return open_connected_shop(installation)


@pytest.fixture
def visit(
    open_page: Callable[..., Page], installation: Installation, request: pytest.FixtureRequest
) -> Callable[[Look], Page]:
    """Opens a page as whoever looks at it."""

    def open_look(look: Look) -> Page:
        page = open_page(
            expected={look.status} if look.status >= 400 else set(), viewport=WIDE, reduced_motion="reduce"
        )
        shop: Shop = request.getfixturevalue(look.shop)
        if person := shop.people.get(look.who):
            name = SESSION_COOKIE.spelled(installation.settings)
            page.context.add_cookies([{"name": name, "value": person.session_token, "url": installation.url}])
        response = page.goto(shop.address(look))
        assert response is not None
        assert response.status == look.status
        page.wait_for_function(_ALIVE)
        return page

    return open_look


@pytest.mark.parametrize("look", looks(), ids=lambda look: look.name)
def test_a_page_is_sound_in_light_and_dark_wide_and_narrow(
    visit: Callable[[Look], Page], screenshots: Path | None, look: Look
) -> None:
    page = visit(look)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    wrong: list[str] = []
    for theme, size in _settings():
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # light or dark
        page.set_viewport_size(size)  # type: ignore[arg-type]  # width and height
        page.evaluate(_DRAWN)
        page.wait_for_function(_SETTLED)
        view = f"{look.name} {theme} {size['width']}"
        wrong += [f"{view}: {line}" for line in _violations(page, _RULES if theme == "light" else _COLOUR_RULES)]
        if (overflow := page.evaluate(_OVERFLOW)) > 0:
            wrong.append(f"{view}: scrolls {overflow} px sideways")
        if screenshots:
            page.screenshot(path=screenshots / f"{look.name}-{theme}-{size['width']}.png", full_page=True)
    assert wrong == []


def test_the_list_of_campaigns_fits_a_desktop_and_its_dialogs_are_sound(
    visit: Callable[[Look], Page], screenshots: Path | None
) -> None:
    page = visit(Look("campaigns", "/w/{w}/campaigns", "owner", shop="connected_shop"))
    hidden_px = "box => box.scrollWidth - box.clientWidth"
    assert page.get_by_role("group", name="Campaigns in this period").evaluate(hidden_px) == 0
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for name in ("Columns", "Views"):
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert _violations(page, _RULES) == []
        if screenshots:
            page.screenshot(path=screenshots / f"campaigns-{name.lower()}-dialog.png")
        page.keyboard.press("Escape")


def _settings() -> Iterator[tuple[str, dict[str, int]]]:
    for size in (WIDE, NARROW):
        for theme in ("light", "dark"):
            yield theme, size


def _violations(page: Page, rules: dict[str, Any]) -> list[str]:
    found: list[dict[str, Any]] = page.evaluate(
        "rules => axe.run(document, rules).then(done => done.violations)", rules
    )
    return [f"{item['id']}: {node['html'][:200]} ({item['help']})" for item in found for node in item["nodes"]]


def test_the_first_visit_of_the_overview_is_light(
    visit: Callable[[Look], Page], capsys: pytest.CaptureFixture[str]
) -> None:
    page = visit(Look("overview", "/w/{w}/overview", "owner"))
    responses: list[Response] = []

    def keep(response: Response) -> None:
        responses.append(response)

    page.on("response", keep)
    page.reload()
    page.wait_for_function(_ALIVE)
    weights = _weigh(page, responses)
    lcp_ms = page.evaluate(_LCP)
    with capsys.disabled():
        print(f"\nOverview, first visit: {weights}, largest paint after {lcp_ms:.0f} ms")  # noqa: T201 a figure to read
    assert weights["js"] <= 25 * KILOBYTE
    assert weights["css"] <= 20 * KILOBYTE
    assert weights["woff2"] <= 60 * KILOBYTE
    assert weights["charts"] <= 230 * KILOBYTE


def test_a_click_on_a_bar_narrows_the_page_to_its_channel(visit: Callable[[Look], Page]) -> None:
    page = visit(Look("overview", "/w/{w}/overview?period=all_time", "owner"))
    chart = page.locator("#roas-by-channel")
    first = json.loads(chart.locator("[data-chart-spec]").inner_text())["labels"][0]
    canvas = chart.locator("canvas")
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": box["width"] / 2, "y": 27})
    chip = page.get_by_role("link", name=f"Channel: {first}")
    expect(chip).to_be_visible()
    expect(page.get_by_role("table", name="Channels in this period").get_by_role("rowheader")).to_have_count(1)
    assert "period=all_time" in page.url
    chip.click()
    expect(chip).to_be_hidden()
    assert "channel" not in page.url


def test_the_period_menu_chooses_the_comparison(visit: Callable[[Look], Page]) -> None:
    page = visit(Look("overview", "/w/{w}/overview", "owner"))
    page.get_by_role("button", name="Last 30 days").click()
    page.get_by_role("link", name="Nothing").click()
    expect(page.get_by_text("compared with nothing")).to_be_visible()
    expect(page.get_by_text("vs before")).to_have_count(0)


def _weigh(page: Page, responses: list[Response]) -> dict[str, int]:
    """Bytes by kind as a compressing server would send them; fonts are compressed already."""
    weights = {"js": 0, "css": 0, "woff2": 0, "charts": 0}
    for response in responses:
        name = urlsplit(response.url).path.rsplit("/", 1)[-1]
        kind = "charts" if name.startswith(("live", "hydrate", "period")) else name.rsplit(".", 1)[-1]
        if kind in weights:
            body = page.request.get(response.url).body()
            weights[kind] += len(body) if kind == "woff2" else len(gzip.compress(body, 9, mtime=0))
    return weights
