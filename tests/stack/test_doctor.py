"""`adloom doctor` tells what is configured, reachable and out of date, what to do, and no secret."""

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.engine import make_url

from app.cli.doctor.command import doctor, examine
from app.cli.doctor.database import look_at_database
from app.cli.doctor.findings import Finding
from app.cli.doctor.keys import look_at_keys
from app.cli.doctor.machine import look_at_disk
from app.cli.doctor.mail import look_at_mail
from app.cli.doctor.queue_store import look_at_queue_store
from app.cli.doctor.storage import look_at_storage
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.object_store import object_client, object_server

_STRONG = "rP3-kd84Jx_mQz71LwTnb0Vs9YcHe2Ug"


def _levels(findings: list[Finding]) -> set[str]:
    return {finding.level for finding in findings}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def changed(settings: Settings) -> Callable[..., Settings]:
    """The test installation's settings with some changed."""

    def change(**changes: object) -> Settings:
        return settings.model_copy(update=changes)

    return change


@pytest.mark.usefixtures("planes")
def test_a_migrated_database_is_in_order(settings: Settings) -> None:
    findings = look_at_database(settings)
    assert _levels(findings) == {"ok"}
    assert any("pgvector" in finding.message for finding in findings)


def test_an_empty_database_needs_an_upgrade(changed: Callable[..., Settings], settings: Settings) -> None:
    server = make_url(settings.database_url.get_secret_value()).set(drivername="postgresql")
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute("CREATE DATABASE doctor_empty")
    empty = server.set(database="doctor_empty").render_as_string(hide_password=False)
    problems = [each for each in look_at_database(changed(database_url=SecretStr(empty))) if each.level == "problem"]
    assert [problem.what_to_do for problem in problems] == ["Run `adloom db upgrade`."]


def test_a_workspace_that_is_behind_is_counted(
    settings: Settings, planes: Planes, make_spare: Callable[[], str]
) -> None:
    schema = make_spare()
    with planes.begin_control() as session:
        session.execute(
            text("UPDATE control.schemas SET revision = 'old' WHERE schema_name = :schema"), {"schema": schema}
        )
    try:
        problems = [finding for finding in look_at_database(settings) if finding.level == "problem"]
        assert "behind this version" in problems[0].message
    finally:
        with planes.begin_control() as session:
            session.connection().exec_driver_sql(
                "UPDATE control.schemas SET revision = "
                "(SELECT max(revision) FROM control.schemas WHERE revision <> 'old') WHERE revision = 'old'"
            )


def test_servers_that_cannot_be_reached_are_problems_and_their_passwords_stay_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    port = _free_port()
    monkeypatch.setenv("ADLOOM_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", f"postgresql://adloom:pw-of-postgres@127.0.0.1:{port}/adloom")
    monkeypatch.setenv("REDIS_URL", f"redis://:pw-of-redis@127.0.0.1:{port}/0")
    monkeypatch.setenv("SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("SMTP_PORT", str(port))
    monkeypatch.setenv("SMTP_PASSWORD", "pw-of-mail")
    outcome = CliRunner().invoke(doctor, ["--json"])
    assert outcome.exit_code == 1
    bad = {finding["subject"] for finding in json.loads(outcome.output) if finding["level"] == "problem"}
    assert {"Database", "Redis", "Mail"} <= bad
    assert "pw-of-" not in outcome.output + CliRunner().invoke(doctor).output


def test_every_problem_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ADLOOM_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", f"postgresql://adloom@127.0.0.1:{_free_port()}/adloom")
    monkeypatch.setenv("ADLOOM_SECRET_KEY", "weak")
    problems = [finding for finding in examine() if finding.level == "problem"]
    assert {"Database", "Secret key"} <= {problem.subject for problem in problems}
    assert [problem for problem in problems if not problem.what_to_do] == []


def test_the_queue_store_in_use_is_in_order(settings: Settings) -> None:
    findings = look_at_queue_store(settings)
    assert _levels(findings) == {"ok"}
    assert "Valkey" in findings[0].message


@pytest.mark.parametrize(("key", "level"), [("short", "problem"), ("a" * 40, "problem"), (_STRONG, "ok"), ("", "ok")])
def test_the_secret_key_is_judged_by_length_and_variety(changed: Callable[..., Settings], key: str, level: str) -> None:
    assert look_at_keys(changed(adloom_secret_key=SecretStr(key)))[0].level == level


def test_production_needs_a_secret_key_of_its_own(changed: Callable[..., Settings]) -> None:
    assert look_at_keys(changed(adloom_secret_key=SecretStr(""), adloom_env="production"))[0].level == "problem"


def test_stripe_without_its_webhook_secret_is_a_problem(changed: Callable[..., Settings]) -> None:
    assert "problem" in _levels(look_at_keys(changed(stripe_secret_key=SecretStr("sk_test_1"))))


@pytest.fixture(scope="module")
def object_store() -> Iterator[str]:
    """A server that speaks S3."""
    with object_server("adloom-doctor") as url:
        yield url


def test_a_bucket_is_tried_and_left_as_it_was(changed: Callable[..., Settings], object_store: str) -> None:
    assert _levels(look_at_storage(_with_bucket(changed, object_store, "adloom-doctor"))) == {"ok"}
    with object_client(object_store) as client:
        assert "Contents" not in client.list_objects_v2(Bucket="adloom-doctor")


def test_a_missing_bucket_is_a_problem(changed: Callable[..., Settings], object_store: str) -> None:
    findings = look_at_storage(_with_bucket(changed, object_store, "nowhere"))
    assert _levels(findings) == {"problem"}


def _with_bucket(changed: Callable[..., Settings], url: str, bucket: str) -> Settings:
    return changed(
        s3_bucket=bucket, s3_endpoint_url=url, s3_access_key_id="test", s3_secret_access_key=SecretStr("test")
    )


def test_a_local_folder_is_tried_and_left_as_it_was(changed: Callable[..., Settings], tmp_path: Path) -> None:
    assert _levels(look_at_storage(changed(adloom_data_dir=tmp_path))) == {"ok"}
    assert list(tmp_path.iterdir()) == []


def test_production_without_a_mail_server_is_a_problem(changed: Callable[..., Settings]) -> None:
    assert _levels(look_at_mail(changed(adloom_env="production"))) == {"problem"}
    assert _levels(look_at_mail(changed())) == {"ok"}


def test_the_disk_is_looked_at_even_before_the_folder_exists(changed: Callable[..., Settings], tmp_path: Path) -> None:
    assert "free at" in look_at_disk(changed(adloom_data_dir=tmp_path / "not" / "yet"))[0].message
