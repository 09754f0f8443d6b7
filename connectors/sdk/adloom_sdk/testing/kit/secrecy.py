"""Points about trust: no secret leaves the client, and nobody is called but the platform."""

import logging
import re
import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import httpx
import msgspec

from adloom_sdk.connector import Context
from adloom_sdk.errors import PlatformError
from adloom_sdk.messages import Batch, Checkpoint, Progress
from adloom_sdk.records import Account
from adloom_sdk.testing.bench import APP, Bench
from adloom_sdk.testing.faults import Fault
from adloom_sdk.testing.kit.points import point
from adloom_sdk.testing.kit.rig import Failed, Read, Rig, Tap, an_account

_EVIL = "collector.invalid"
_CONTENT = {"link", "title"}
_ADDRESS = re.compile(r"https?://[^/\s\"]+")


class _Ears(logging.Handler):
    """Every log line of every logger, formatted."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line with its trace."""
        self.lines.append(self.format(record))


@contextmanager
def _listening() -> Iterator[list[str]]:
    ears, root = _Ears(), logging.getLogger()
    level = root.level
    root.addHandler(ears)
    root.setLevel(logging.DEBUG)
    try:
        yield ears.lines
    finally:
        root.setLevel(level)
        root.removeHandler(ears)


@point(14, "No secret leaves the client")
def no_leaks(rig: Rig) -> str:
    """Canary tokens are looked for in logs, errors with their traces, records, checkpoints, exchanges and addresses."""
    bench = rig.bench(page_size=2)
    token = bench.token()
    secrets = [token.access_token, token.refresh_token, APP["client_secret"], APP["developer_token"]]
    places: dict[str, list[str]] = {"an error": [], "what was read": []}
    tap = Tap(bench.fake, after=lambda _request, response: _echoing(response, token.access_token))
    with _listening() as lines:
        ctx = bench.ctx(bench.credentials(token), transport=tap)
        account = an_account(bench)
        for read in rig.reads():
            places["what was read"] += _texts(rig, bench, ctx, account, read)
        for kind in ("scope", "bad_request", "account_disabled", "not_found", "server_error", "html"):
            bench.fake.faults.clear()
            bench.fake.faults.add(Fault(kind=kind))
            places["an error"].append(_words(rig, bench, ctx, account))
    places["a log line"] = lines
    places["an exchange"] = [str(one) for one in bench.exchanges]
    places["an address"] = tap.seen
    for place, texts in places.items():
        for text in texts:
            if any(secret and secret in text for secret in secrets):
                raise Failed(
                    f"A token stands in {place}: send it in headers only, and never put a reply's raw text anywhere."
                )
    return f"looked through {sum(map(len, places.values()))} texts"


def _texts(rig: Rig, bench: Bench, ctx: Context, account: Account, read: Read) -> list[str]:
    """Everything that a read hands to the host, as text."""
    found = []
    for message in rig.messages(bench, ctx, account, read):
        if isinstance(message, Batch):
            found += [repr(record) for record in message.records]
        elif isinstance(message, Checkpoint):
            found.append(repr(message.state))
        elif isinstance(message, Progress):
            found.append(message.sentence)
    return found


def _words(rig: Rig, bench: Bench, ctx: Context, account: Account) -> str:
    try:
        rig.collect(bench, account, rig.first_read(), ctx=ctx)
    except PlatformError as error:
        return "".join(traceback.format_exception(error)) + repr(error)
    return ""


def _echoing(response: httpx.Response, token: str) -> httpx.Response:
    """A platform that quotes the caller's token in its error messages, as some do."""
    try:
        plain = msgspec.json.decode(response.read())
    except msgspec.DecodeError:
        return response
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    content = msgspec.json.encode(_quoted(plain, token))
    return httpx.Response(response.status_code, headers=headers, content=content)


def _quoted(value: Any, token: str) -> Any:
    if isinstance(value, list):
        return [_quoted(item, token) for item in value]
    if not isinstance(value, dict):
        return value
    is_content = bool(_CONTENT & value.keys())  # the words of an ad may be called "message" too
    return {
        key: f"{item} (token {token})"
        if "message" in key.lower() and isinstance(item, str) and item and not is_content
        else _quoted(item, token)
        for key, item in value.items()
    }


@point(15, "Nobody is called but the platform")
def own_hosts(rig: Rig) -> None:
    """All calls go through the host's client to hosts of the manifest, also when a reply's links lead elsewhere."""
    bench = rig.bench(page_size=2)
    account = an_account(bench)
    allowed = {urlsplit(origin.format(**bench.config)).hostname for origin in rig.manifest.hosts.values()}
    for is_evil in (False, True):
        tap = Tap(bench.fake, after=_with_foreign_links if is_evil else lambda _request, response: response)
        with _no_sockets() as connected:
            for read in rig.reads():
                _read_or_refuse(rig, bench, account, read, bench.ctx(transport=tap, patience_s=1.0))
        hosts = {urlsplit(line.partition(" ")[2]).hostname for line in tap.seen}
        foreign = {
            host for host in hosts - allowed if host and not host.endswith(rig.manifest.download_hosts or ("\0",))
        }
        if _EVIL in hosts:
            raise Failed(
                "A link in a reply was followed to a foreign host: take the cursor out of it, and call your own path."
            )
        if not is_evil and foreign:
            raise Failed(f"{', '.join(sorted(map(str, foreign)))} is not in the manifest's hosts: add it there.")
        if connected:
            raise Failed(
                f"A connection was opened past the host's client (to {connected[0]}): call through ctx.http only."
            )


def _read_or_refuse(rig: Rig, bench: Bench, account: Account, read: Read, ctx: Context) -> None:
    try:
        rig.collect(bench, account, read, ctx=ctx)
    except PlatformError:
        return  # refusing a foreign link is as good as not following it


def _with_foreign_links(_request: httpx.Request, response: httpx.Response) -> httpx.Response:
    """Every address in the reply moved to a host that is not the platform's."""
    text = response.read()
    try:
        changed = _ADDRESS.sub(f"https://{_EVIL}", text.decode()).encode()
    except UnicodeDecodeError:
        return response
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return httpx.Response(response.status_code, headers=headers, content=changed)


@contextmanager
def _no_sockets() -> Iterator[list[str]]:
    """Sockets of this thread that were connected meanwhile; they are refused."""
    own, connected, real = threading.get_ident(), [], socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if threading.get_ident() == own:
            connected.append(str(address))
            raise OSError("connections are watched here")
        real(self, address)

    with patch.object(socket.socket, "connect", connect):
        yield connected
