"""The example of a third party's connector, as its users get it: from a wheel, outside the workspace."""

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module, invalidate_caches
from pathlib import Path

import pytest
from click.testing import CliRunner

from adloom_sdk.testing.serving import served
from adloom_sdk.testing.world import World
from app.cli.connectors.command import connector
from app.plugins import load_plugins
from tests.connectors.distributions import on_path

EXAMPLE = Path(__file__).parents[2] / "examples" / "connector-breadcrumb"
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the example was installed into from its wheel."""
    source, built, target = (tmp_path_factory.mktemp(name) for name in ("source", "built", "site"))
    shutil.copytree(EXAMPLE, source, dirs_exist_ok=True)
    subprocess.run(
        [BIN / "hatchling", "build", "-t", "wheel", "-d", built], cwd=source, check=True, capture_output=True
    )
    (wheel,) = built.glob("*.whl")
    install = [BIN / "uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--python", sys.executable]
    subprocess.run([*install, "--target", target, wheel], check=True, capture_output=True)
    return target


@pytest.fixture
def installed(site: Path) -> Iterator[Path]:
    with on_path(site):
        invalidate_caches()
        load_plugins.cache_clear()
        yield site
    load_plugins.cache_clear()


def test_it_is_found_by_its_entry_point_and_passes_the_kit(installed: Path) -> None:
    done = CliRunner().invoke(connector, ["verify", "breadcrumb", "--json"])
    report = json.loads(done.stdout)
    assert done.exit_code == 0, [one["sentence"] for one in report["outcomes"] if one["state"] == "failed"]
    assert report["score"] == "20/20"
    assert str(installed) in str(sys.modules["adloom_breadcrumb"].__file__)


def test_it_reads_from_its_fake_over_a_socket(installed: Path) -> None:
    fake = import_module("adloom_breadcrumb.fake").FakeBreadcrumb(World("breadcrumb"))
    account = fake.world.accounts[0]
    token = fake.consent.issue(("read",))["access_token"]
    with served(fake) as address:
        words = [
            "read",
            "breadcrumb",
            "--account",
            account.id,
            "--since",
            "2026-01-01",
            "--until",
            "2026-01-20",
            "--kind",
            "daily",
        ]
        done = CliRunner().invoke(connector, [*words, "--base-url", address, "--token", token, "--json"])
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert {row["type"] for row in rows} == {"DailyMetric"}
    assert {row["day"][:7] for row in rows} == {"2026-01"}


def test_its_own_tests_pass(site: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(site)}
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        "--rootdir",
        str(EXAMPLE),
    ]
    done = subprocess.run(
        [*words, str(EXAMPLE / "tests")], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_its_logic_has_at_most_150_lines() -> None:
    sizes = [logic_lines(EXAMPLE / "adloom_breadcrumb" / name) for name in ("connector.py", "mapping.py")]
    assert sum(sizes) <= 150


def logic_lines(path: Path) -> int:
    """Lines of code: without blank lines, comments, docstrings and imports."""
    text = path.read_text()
    lines = {
        number for number, line in enumerate(text.splitlines(), 1) if line.strip() and not line.strip().startswith("#")
    }
    for node in ast.walk(ast.parse(text)):
        is_docstring = (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        )
        if is_docstring or isinstance(node, ast.Import | ast.ImportFrom):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)
