"""The build's manifest becomes tags; without a build pages still answer."""

import json
import logging
from pathlib import Path

import pytest

from kit.web.assets import Assets, load_assets

MANIFEST = {
    "src/main.ts": {
        "file": "assets/main-1.js",
        "isEntry": True,
        "imports": ["_shared.js"],
        "css": ["assets/main-2.css"],
    },
    "_shared.js": {"file": "assets/shared-3.js"},
    "node_modules/x/inter-latin-wght-normal.woff2": {"file": "assets/inter-4.woff2"},
}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / ".vite").mkdir()
    (tmp_path / ".vite" / "manifest.json").write_text(json.dumps(MANIFEST), encoding="utf-8")
    (tmp_path / "icons.svg").write_text('<svg class="icon-sprite"></svg>', encoding="utf-8")
    return tmp_path


def test_head_tags_carry_the_nonce_and_the_hashed_files(built: Path) -> None:
    tags = load_assets(built).head_tags("n0nce")
    assert '<script type="module" src="/static/assets/main-1.js" nonce="n0nce"></script>' in tags
    assert '<link rel="modulepreload" href="/static/assets/shared-3.js" nonce="n0nce">' in tags
    assert '<link rel="stylesheet" href="/static/assets/main-2.css">' in tags
    assert '<link rel="preload" href="/static/assets/inter-4.woff2" as="font" type="font/woff2" crossorigin>' in tags


def test_icons_come_inline(built: Path) -> None:
    assert load_assets(built).icons == '<svg class="icon-sprite"></svg>'


def test_without_a_build_there_are_no_tags_and_the_log_says_what_to_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assets = load_assets(tmp_path)
    assert (assets.is_built, assets.head_tags("n"), assets.icons) == (False, "", "")
    assert "run `python frontend/build.py`" in caplog.text


def test_a_manifest_without_our_entry_counts_as_not_built() -> None:
    assert not Assets({}).is_built
