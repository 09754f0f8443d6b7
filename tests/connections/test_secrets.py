"""Credentials at rest and on their way: sealed, renewed by one process at a time, and never anywhere that a person or a log can see."""

import base64
import json
import logging
import os
import threading
from dataclasses import replace
from uuid import UUID

import msgspec
import pytest
from click.testing import CliRunner
from pydantic import SecretStr
from sqlalchemy import select, text, update

from adloom_sdk.credentials import Token
from adloom_sdk.testing.consent import CLIENT_SECRET
from app.audit.service import latest
from app.cli import vault as vault_command
from app.connections.models import ConnectionSecret
from app.connections.secrets import load_token, renew_token, rewrap, store_token
from app.connections.sign_in import purge_attempts
from kit.errors import NotFound
from kit.vault import DoesNotOpen, UnknownKey, Vault, open_vault
from tests.connections.desk import Desk

OLD, NEW = os.urandom(32), os.urandom(32)


def test_no_secret_leaves_its_place(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    # The browser and the person at the consent page are httpx too, and they know the code.
    caplog.set_level(logging.WARNING, "httpx")
    caplog.set_level(logging.WARNING, "httpcore")
    back = desk.consent(desk.start("reddit_ads"))
    caplog.clear()
    code = back.partition("code=")[2].partition("&")[0]
    landed = desk.come_back(back)
    assert desk.work() == "done"
    connection_id = UUID(landed.headers["location"].rpartition("/")[2].partition("?")[0])
    desk.arm("revoked", times=50, key="reddit_ads")
    desk.post(f"/connections/{connection_id}/check")
    assert desk.work() == "done"
    token = desk.token(connection_id)
    secrets = [token.access_token, token.refresh_token, code, CLIENT_SECRET]
    assert all(len(secret) > 8 for secret in secrets)
    with desk.planes.tenant(desk.person.tenant) as session:
        audit = [(entry.action, entry.subject, entry.details) for entry in latest(session)]
        dumped = str(session.execute(text("SELECT row_to_json(c) FROM connections c")).all())
        stored = b"".join(session.scalars(select(ConnectionSecret.sealed)))
    jobs = [(row.arguments, row.result, row.problem, row.message) for row in desk.jobs()]
    headers = {"accept": "application/json", "x-workspace": str(desk.person.workspace_id)}
    api = desk.person.request(desk.web, "GET", "/api/v1/connections", headers=headers)
    assert api.status_code == 200
    seen = {
        "log": caplog.text,
        "jobs": str(jobs),
        "audit": str(audit),
        "row": dumped,
        "sealed": repr(stored),
        "page": desk.get(f"/connections/{connection_id}").text + desk.get("/connections").text,
        "api": api.text,
        "token": repr(token),
    }
    assert len(jobs) == 2
    assert audit
    assert [(place, secret) for place, words in seen.items() for secret in secrets if secret in words] == []


def test_two_workers_renew_a_rotating_sign_in_once(desk: Desk) -> None:
    connection_id = desk.connect("reddit_ads")
    refused, vault = desk.token(connection_id), open_vault(desk.settings)
    asked: list[str] = []
    both = threading.Barrier(2)
    got: list[str] = []

    def renew(old: Token) -> Token:
        asked.append(old.refresh_token)
        return Token(access_token=f"fresh-{len(asked)}", refresh_token=f"next-{len(asked)}")

    def work() -> None:
        both.wait()
        with desk.planes.begin_tenant(desk.person.tenant) as session:
            got.append(
                renew_token(session, vault, connection_id=connection_id, refused=refused, renew=renew).access_token
            )

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked == [refused.refresh_token]
    assert got == ["fresh-1", "fresh-1"]
    assert desk.token(connection_id).refresh_token == "next-1"


def test_an_expired_token_is_renewed_on_the_way_and_the_new_one_kept(desk: Desk) -> None:
    connection_id = desk.connect("pinterest_ads")
    before = desk.token(connection_id)
    desk.arm("expire_token", times=1, key="pinterest_ads")
    desk.post(f"/connections/{connection_id}/check")
    assert desk.work() == "done"
    after = desk.token(connection_id)
    assert after.access_token != before.access_token
    assert desk.connection(connection_id).state == "active"


def test_a_record_opens_in_its_own_place_only(desk: Desk) -> None:
    first, second = desk.connect(), desk.connect("reddit_ads")
    with desk.planes.begin_tenant(desk.person.tenant) as session:
        row = session.get_one(ConnectionSecret, first)
        session.execute(
            update(ConnectionSecret).where(ConnectionSecret.connection_id == second).values(sealed=row.sealed)
        )
    with pytest.raises(DoesNotOpen):
        desk.token(second)


def test_rotation_wraps_every_record_anew_and_the_old_key_can_go(desk: Desk) -> None:
    connection_id = desk.connect()
    token = desk.token(connection_id)
    old, both, new = Vault({"old": OLD}), Vault({"new": NEW, "old": OLD}), Vault({"new": NEW})
    with desk.planes.begin_tenant(desk.person.tenant) as session:
        store_token(session, old, connection_id=connection_id, token=token)
    with desk.planes.begin_tenant(desk.person.tenant) as session:
        assert [rewrap(session, both).done, rewrap(session, both).done] == [1, 0]
    with desk.planes.tenant(desk.person.tenant) as session:
        assert load_token(session, new, connection_id=connection_id) == token
        with pytest.raises(UnknownKey, match="new"):
            load_token(session, old, connection_id=connection_id)


def test_the_command_rotates_every_workspace(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    connection_id = desk.connect()
    token = desk.token(connection_id)
    listed = [("new", NEW), ("default", desk.settings.derived_key("vault"))]
    keys = ",".join(f"{name}:{base64.b64encode(key).decode()}" for name, key in listed)
    rotated = desk.settings.model_copy(update={"adloom_vault_keys": SecretStr(keys)})
    monkeypatch.setattr(vault_command, "load_settings", lambda: rotated)
    outcome = CliRunner().invoke(vault_command.vault, ["rotate"])
    assert outcome.exit_code == 0, outcome.output
    assert "with the key “new”" in outcome.output
    assert replace(desk, settings=rotated).token(connection_id) == token
    with desk.planes.tenant(desk.person.tenant) as session:
        assert session.get_one(ConnectionSecret, connection_id).key_id == "new"


def test_a_sign_in_that_nobody_finished_is_forgotten_after_an_hour(desk: Desk) -> None:
    desk.start()
    with desk.planes.begin_tenant(desk.person.tenant) as session:
        purge_attempts(session)
        assert session.execute(text("SELECT count(*) FROM sign_in_attempts")).scalar_one() == 1
        session.execute(text("UPDATE sign_in_attempts SET created_at = now() - interval '61 minutes'"))
        purge_attempts(session)
        assert session.execute(text("SELECT count(*) FROM sign_in_attempts")).scalar_one() == 0


def test_nobody_signed_in_is_said_so(desk: Desk) -> None:
    desk.start()
    with desk.planes.tenant(desk.person.tenant) as session:
        connection_id = session.execute(text("SELECT id FROM connections")).scalar_one()
        with pytest.raises(NotFound, match="Nobody has signed in"):
            load_token(session, open_vault(desk.settings), connection_id=connection_id)


def test_a_job_names_the_sign_in_by_a_hash(desk: Desk) -> None:
    desk.come_back(desk.consent(desk.start()))
    (job,) = desk.jobs()
    assert set(job.arguments) == {"connection_id", "state_hash"}
    assert len(bytes.fromhex(job.arguments["state_hash"])) == 32
    assert json.loads(msgspec.json.encode(job.arguments))
