"""Promises about the sources of the front end that no browser is needed for."""

import json
import re
from pathlib import Path

import pytest
from jinja2 import nodes

from kit.web.templates import TEMPLATES, template_environment

FRONTEND = TEMPLATES.parent / "frontend"
PAGES = sorted(TEMPLATES.rglob("*.html"))
SCREEN_PAGES = [page for page in PAGES if page.parent.name != "email"]
STYLES = sorted((FRONTEND / "src" / "styles").glob("*.css"))


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((FRONTEND / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]


def test_every_dependency_is_pinned() -> None:
    package = json.loads((FRONTEND / "package.json").read_text(encoding="utf-8"))
    versions = package["dependencies"] | package["devDependencies"]
    assert not {name for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TEMPLATES)))
def test_every_template_compiles(page: Path) -> None:
    assert template_environment().get_template(page.relative_to(TEMPLATES).as_posix())


@pytest.mark.parametrize("page", SCREEN_PAGES, ids=lambda page: str(page.relative_to(TEMPLATES)))
def test_no_page_has_what_the_content_policy_refuses(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|\shx-on\b|javascript:|<style\b", html)


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    known = set(json.loads((FRONTEND / "icons.json").read_text(encoding="utf-8")))
    environment = template_environment()
    used = {
        call.args[0].value
        for page in SCREEN_PAGES
        for call in environment.parse(page.read_text(encoding="utf-8")).find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in {"icon", "draw", "icon_button"}
        if call.args and isinstance(call.args[0], nodes.Const)
    }
    assert used
    assert used <= known


def test_every_token_that_a_style_uses_exists() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in STYLES)
    defined = set(re.findall(r"(--[\w-]+):", text))
    assert set(re.findall(r"var\((--[\w-]+)", text)) <= defined


def test_every_chart_gutter_and_height_has_its_class() -> None:
    css = (FRONTEND / "src" / "styles" / "charts.css").read_text(encoding="utf-8")
    assert all(f".chart-left-{gutter} " in css for gutter in range(16, 145, 16))
    assert all(f".chart-height-{height} " in css for height in range(80, 1001, 40))
