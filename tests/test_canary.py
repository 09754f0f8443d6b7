"""The watch over secrets finds a leak in every kind of place that it looks at, and every secret of the fakes carries its mark."""

import base64
import gzip
import json
import logging
import socket
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import brotli  # type: ignore[import-untyped]  # it brings no types
import httpx
import psycopg
import pytest
import redis
from litestar import Litestar, Response, get
from litestar.datastructures import State
from litestar.testing import TestClient

from adloom_sdk.errors import BadRequest, PlatformError
from adloom_sdk.http import Client
from adloom_sdk.manifest import ApiKey, Manifest, RatePolicy
from adloom_sdk.testing.bench import APP
from adloom_sdk.testing.canary import made_up_secret
from adloom_sdk.testing.fakes import FakePlatform
from adloom_sdk.testing.world import World
from app.cli.parts import SandboxPlace, played_platforms
from kit.settings import Settings
from tests.canary import CanaryPlugin, Watch, holds_a_canary
from tests.canary_places import Body, _connection, watching
from tests.canary_stored import look_through_database, look_through_files

SECRET = made_up_secret()
PLATFORMS = sorted(one.name for one in entry_points(group="adloom.connectors") if one.value.startswith("adloom_"))
MANIFEST = Manifest(
    key="leaky",
    title="Leaky Ads",
    channel="facebook_ads",
    summary="A platform that tells secrets",
    version="1",
    auth=ApiKey(),
    hosts={"api": "https://leaky.test"},
    capabilities=(),
    rate=RatePolicy(),
)


@pytest.fixture
def watch(leaks_on_purpose: None) -> Iterator[Watch]:
    """A watch of the test's own, while that of the session looks away."""
    own = Watch()
    with watching(own):
        yield own


def test_a_secret_is_known_plain_quoted_and_within_base64() -> None:
    assert holds_a_canary(f"token={SECRET}&x=1")
    assert holds_a_canary(json.dumps({"a": [SECRET]}).encode())
    for lead in ("", "a", "ab", "abc"):
        assert holds_a_canary(base64.b64encode(f"{lead}{SECRET}".encode()))
    assert not holds_a_canary("A canary sings in the sandbox.")


@pytest.mark.parametrize("how", ["message", "argument", "extra", "trace"])
def test_a_secret_in_a_log_line_is_found(watch: Watch, how: str) -> None:
    log = logging.getLogger("tests.leaky")
    log.propagate, log.handlers = False, [logging.NullHandler()]
    if how == "message":
        log.warning(SECRET)
    elif how == "argument":
        log.warning("Signed in with %s", {"token": SECRET})
    elif how == "extra":
        log.warning("Signed in", extra={"token": SECRET})
    else:
        try:
            raise ValueError(SECRET)
        except ValueError:
            log.exception("It failed")
    assert watch.take() == ["A secret stands in a log line of tests.leaky."]


def test_a_secret_in_what_a_test_prints_fails_it(request: pytest.FixtureRequest, watch: Watch) -> None:
    report = pytest.TestReport("t", ("t", 1, "t"), {}, "passed", None, "teardown", [("Captured stdout call", SECRET)])
    hook = CanaryPlugin(request.config, watch).pytest_runtest_makereport(
        request.node, cast("Any", SimpleNamespace(when="teardown"))
    )
    next(hook)
    with pytest.raises(StopIteration):
        hook.send(report)
    assert report.outcome == "failed"
    assert "the output or the failure of" in report.longreprtext
    assert SECRET not in report.longreprtext


@pytest.mark.parametrize("where", ["header", "body"])
def test_a_secret_in_a_reply_of_the_product_is_found(watch: Watch, where: str) -> None:
    @get("/leak", sync_to_thread=False)
    def leak() -> Response[str]:
        return Response(SECRET if where == "body" else "", headers={"location": SECRET if where == "header" else "/"})

    app = Litestar([leak], state=State({"planes": None}))
    with TestClient(app) as client:
        client.get("/leak")
    [told] = watch.take()
    assert "the reply to GET /leak" in told


@pytest.mark.parametrize(("encoding", "pack"), [(b"gzip", gzip.compress), (b"br", brotli.compress), (b"", bytes)])
def test_a_secret_in_a_packed_reply_that_comes_in_pieces_is_found(watch: Watch, encoding: bytes, pack: Any) -> None:
    body, packed = Body(watch, "the reply"), pack(b"x" * 5000 + SECRET.encode())
    body.look_at({"type": "http.response.start", "headers": [(b"content-encoding", encoding)]})
    for index in range(len(packed)):
        body.look_at({"type": "http.response.body", "body": packed[index : index + 1]})
    assert "A secret stands in the reply." in watch.take()


def test_a_secret_in_a_key_or_a_message_of_a_queue_is_found(watch: Watch, settings: Settings) -> None:
    with redis.Redis.from_url(settings.redis_url.get_secret_value()) as store:
        store.rpush("leaky", json.dumps({"token": SECRET}))
        store.delete("leaky")
        with store.pipeline() as pipeline:
            pipeline.set(f"leaky:{SECRET}", 1)
            pipeline.delete(f"leaky:{SECRET}")
            pipeline.execute()
    assert set(watch.take()) == {"A secret stands in a command to Redis."}


def test_a_secret_in_an_error_or_an_address_of_a_connector_is_found(watch: Watch) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400 if request.url.path == "/refused" else 200, json={})

    client = Client(
        MANIFEST,
        transport=httpx.MockTransport(answer),
        error_of=lambda reply: BadRequest(f"No: {SECRET}") if reply.status == 400 else None,
    )
    with pytest.raises(PlatformError):
        client.get("/refused")
    assert watch.take() == ["A secret stands in an error of leaky (BadRequest)."]
    client.get("/things", params={"token": SECRET})
    assert watch.take() == ["A secret stands in the address of a call of leaky: /things."]
    assert watch.counts["calls"] == 2


@pytest.mark.parametrize("base_url", ["", "http://127.0.0.1:9/hosts/{host}", "http://fake.test"])
def test_a_call_that_leaves_the_hosts_of_the_manifest_is_found(watch: Watch, base_url: str) -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, json={}))
    client = Client(MANIFEST, transport=transport, base_url=base_url)
    client.get("/things")
    assert watch.take() == []
    foreign = base_url.replace("{host}", "collector.test") if "{host}" in base_url else "https://collector.test"
    client._http.get(f"{foreign}/things")
    [told] = watch.take()
    assert "which its manifest does not name" in told


def test_a_connection_to_another_machine_is_found(watch: Watch) -> None:
    with socket.socket() as made:
        for address in (("127.0.0.1", 9), ("::1", 9), "/tmp/a.socket"):
            _connection(watch, lambda *_: None, made, address)
        assert watch.take() == []
        _connection(watch, lambda *_: None, made, ("192.0.2.1", 443))
    assert watch.take() == ["Somebody connected to 192.0.2.1, which is not this machine."]


@pytest.mark.parametrize("kind", ["text", "jsonb", "bytea"])
def test_a_secret_in_a_row_is_found(watch: Watch, database_url: str, kind: str) -> None:
    value = json.dumps({"token": SECRET}) if kind == "jsonb" else SECRET.encode() if kind == "bytea" else SECRET
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA leaky")
        try:
            connection.execute(f"CREATE TABLE leaky.things (id int, found {kind})")
            connection.execute("INSERT INTO leaky.things VALUES (1, NULL), (2, %s)", (value,))
            look_through_database(watch, database_url)
        finally:
            connection.execute("DROP SCHEMA leaky CASCADE")
    assert watch.take() == ["A secret stands in 1 rows of the table leaky.things."]


def test_a_secret_in_the_log_file_of_a_process_is_found(watch: Watch, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    kept = tmp_path / "logs" / "worker.log.1"
    kept.write_text(f"signed with {SECRET}\n")
    look_through_files(watch, tmp_path)
    kept.unlink()
    assert watch.take() == ["A secret stands in the log file worker.log.1."]


@pytest.mark.parametrize("key", PLATFORMS)
def test_every_secret_of_a_fake_carries_the_mark(key: str) -> None:
    module = import_module(f"sandbox.platforms.{key}")
    [kind] = [
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, FakePlatform) and one.__module__ == module.__name__
    ]
    fake: FakePlatform = kind(World(key))
    issued = fake.consent.issue((fake.read_scope,))
    renewed = fake.consent.refresh(issued["refresh_token"]) or {}
    code = fake.consent.decide({"redirect_uri": "/back", "decision": "allow"}, (fake.read_scope,))
    secrets = [code, *(value for found in (issued, renewed) for name, value in found.items() if "token" in name)]
    assert len(secrets) >= 5
    assert all(map(holds_a_canary, secrets))


def test_every_secret_of_the_apps_carries_the_mark() -> None:
    [app] = {
        json.dumps(one, sort_keys=True): one
        for one in json.loads(played_platforms(SandboxPlace(1, 2, Path()))["CONNECTOR_APPS"]).values()
    }.values()
    assert app == APP
    for name in ("client_secret", "developer_token", "consumer_secret"):
        assert holds_a_canary(app[name])
