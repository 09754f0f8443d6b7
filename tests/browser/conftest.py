"""Chromium on the running installation; whatever the content policy blocks, the console says or answers 404 fails the test."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from kit.settings import Settings
from kit.web.assets import current_assets
from tests.browser.watching import Watch
from tests.installation import Installation, installation_of_this_process

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Generous, because machines of all kinds run these; nobody waits for it unless something is wrong.
expect.set_options(timeout=60_000)


@pytest.fixture(scope="package")
def installation(
    settings: Settings, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Everything running for real: web, dispatcher, workers, mail; on a database of its own."""
    with installation_of_this_process(settings, worker_id, tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium per file of tests."""
    if CHROMIUM is None:
        pytest.skip("There is no Chromium on this machine: install the package chromium.")
    if not current_assets().is_built:
        pytest.skip("The front end is not built: run `python frontend/build.py`.")
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser, installation: Installation) -> Iterator[Callable[..., Page]]:
    """Opens a page in a context of its own, watched until the test ends."""
    watches: list[Watch] = []

    def open_watched(*, expected: set[int] | None = None, **options: object) -> Page:
        context = browser.new_context(base_url=installation.url, **options)  # type: ignore[arg-type]  # Playwright's own
        context.set_default_timeout(60_000)
        page = context.new_page()
        watches.append(Watch.of(page, expected or set()))
        return page

    yield open_watched
    for watch in watches:
        watch.page.context.close()
    assert [line for watch in watches for line in watch.complaints] == []


@pytest.fixture(scope="session")
def screenshots() -> Path | None:
    """Where pictures go for people to look at, when `ADLOOM_SCREENSHOTS` names a folder."""
    named = os.environ.get("ADLOOM_SCREENSHOTS")
    if not named:
        return None
    Path(named).mkdir(parents=True, exist_ok=True)
    return Path(named)
