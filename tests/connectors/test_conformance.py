"""Every installed connector passes the kit, whoever wrote it."""

import subprocess
import sys

import pytest

from adloom_sdk.testing.kit import find_fake, run_kit
from app.plugins import load_plugins


def test_every_installed_connector_works() -> None:
    assert [f"{one.name}: {one.reason}" for one in load_plugins().statuses if one.state != "working"] == []


@pytest.mark.parametrize("key", sorted(load_plugins().connectors))
def test_a_connector_passes_the_kit(key: str) -> None:
    report = run_kit(load_plugins().connectors[key], find_fake(key))
    assert [f"{one.code} {one.title}: {one.sentence}" for one in report.failed] == []


def test_connectors_bring_nothing_but_the_sdk() -> None:
    packages = sorted({one.__module__.partition(".")[0] for one in load_plugins().connectors.values()})
    code = f"import importlib, sys; [importlib.import_module(one) for one in {packages}]; print(*sorted({{one.partition('.')[0] for one in sys.modules}}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert (
        set(loaded)
        & {"app", "kit", "tenants", "billing", "ml", "sandbox", "litestar", "sqlalchemy", "pandas", "requests"}
        == set()
    )
