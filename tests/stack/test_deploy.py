"""The files in `deploy/` agree with the product, as far as that shows without a container engine."""

import configparser
import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # its stubs are no dependency of ours

from app.cli import COMMANDS
from app.cli.parts import WORKERS
from kit.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8")))


def _ours(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: service for name, service in compose["services"].items() if service["image"] == "adloom"}


def test_each_container_runs_a_command_that_exists(compose: dict[str, Any]) -> None:
    assert {service["command"][0] for service in _ours(compose).values()} <= set(COMMANDS)


def test_the_containers_are_the_parts_of_the_supervised_stack(compose: dict[str, Any]) -> None:
    assert set(_ours(compose)) == {"upgrade", "web", *WORKERS, "dispatcher", "scheduler"}
    queues = {name: service["command"][-1] for name, service in _ours(compose).items() if name in WORKERS}
    assert queues == WORKERS


def test_containers_know_only_settings_that_exist(compose: dict[str, Any]) -> None:
    names = {name.upper() for name in Settings.model_fields}
    assert {name for service in _ours(compose).values() for name in service["environment"]} <= names
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert set(re.findall(r"\b(ADLOOM_[A-Z_]+)=", dockerfile)) <= names


def test_everything_waits_for_what_it_needs(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert all("healthcheck" in services[name] for name in ("postgres", "valkey", "web"))
    for name, service in _ours(compose).items():
        expected = {"postgres", "valkey"} if name == "upgrade" else {"upgrade"}
        assert set(service["depends_on"]) == expected


def test_containers_have_no_rights_beyond_their_own(compose: dict[str, Any]) -> None:
    for service in _ours(compose).values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
    users = re.findall(r"^USER (\S+)", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert users == ["adloom"]


def test_only_loopback_is_published(compose: dict[str, Any]) -> None:
    """A TLS proxy stands in front; the database and the queue are reached from inside alone."""
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8000:8000"]}


def test_what_the_image_is_built_from_exists() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    copied = [word for line in re.findall(r"^COPY (?!--)(.*) \S+$", dockerfile, re.MULTILINE) for word in line.split()]
    assert copied
    assert [word for word in copied if not (DEPLOY.parent / word).exists()] == []


def test_the_service_of_systemd_runs_a_command_that_exists() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # the parser's documented way to keep case
    unit.read(DEPLOY / "adloom.service", encoding="utf-8")
    assert unit["Service"]["ExecStart"].rsplit("/", 1)[1].split() == ["adloom", "up"]
    assert "up" in COMMANDS


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-uv.txt"])
def test_every_locked_package_has_a_version_and_a_hash(name: str) -> None:
    lines = (DEPLOY / name).read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert packages
    assert [line for line in packages if not re.match(r"^[a-z0-9._\[\]-]+==[^ ]+ .*\\$", line)] == []
    assert "--hash=sha256:" in "".join(lines)
