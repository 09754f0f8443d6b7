"""Where secrets could leak while tests run: wrapped once per process, so that nothing of the product has to know."""

import ipaddress
import logging
import socket
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import brotli  # type: ignore[import-untyped]  # it brings no types
import httpx
import redis.asyncio.connection
import redis.connection
from litestar import Litestar

from adloom_sdk.http import Client
from adloom_sdk.manifest import OAuth1, OAuth2
from tests.canary import TEXTS, Watch, holds_a_canary

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
_LINES = logging.Formatter()
_LONGEST = max(map(len, TEXTS))
# The browser of tests is httpx too, and what the platforms send to it is theirs; the product silences this log.
_NOT_OURS = ("httpcore",)
# TikTok lists what a sign-in reaches only for whoever names the app's secret in the query.
_WANTS_THE_APP_SECRET = "/oauth2/advertiser/get/"


@contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Look at every place until the block ends."""
    with (
        _wrapped(logging.Logger, "callHandlers", watch, _log_line),
        _wrapped(Litestar, "_create_asgi_handler", watch, _made_app),
        _wrapped(redis.connection.AbstractConnection, "send_packed_command", watch, _command),
        _wrapped(redis.asyncio.connection.AbstractConnection, "send_packed_command", watch, _command),
        _wrapped(Client, "__init__", watch, _made_client),
        _wrapped(Client, "call", watch, _call),
        _wrapped(Client, "download", watch, _call),
        _wrapped(socket.socket, "connect", watch, _connection),
        _wrapped(socket.socket, "connect_ex", watch, _connection),
    ):
        yield


def _wrapped(owner: Any, name: str, watch: Watch, around: Callable[..., Any]) -> Any:
    real = getattr(owner, name)

    def wrapper(self: Any, *args: Any, **options: Any) -> Any:
        return around(watch, real, self, *args, **options)

    return patch.object(owner, name, wrapper)


def _log_line(watch: Watch, real: Any, logger: logging.Logger, record: logging.LogRecord) -> Any:
    """Every record that levels and filters let pass, with its trace and its extra fields, before anything is taken out of it."""
    if not record.name.startswith(_NOT_OURS):
        extra = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        trace = _LINES.formatException(record.exc_info) if record.exc_info and record.exc_info[0] else ""
        text = f"{record.getMessage()}{trace}{extra or ''}"
        watch.look("log lines", f"a log line of {record.name}", text)
    return real(logger, record)


def _command(watch: Watch, real: Any, connection: Any, command: Any, *args: Any, **options: Any) -> Any:
    """Keys, values and messages of queues on their way to Redis."""
    pieces = [command] if isinstance(command, bytes) else list(command)
    watch.look("commands", "a command to Redis", b"".join(pieces))
    return real(connection, pieces, *args, **options)


def _call(watch: Watch, real: Any, client: Client, *args: Any, **options: Any) -> Any:
    """What a connector's call raises, with everything that led to it."""
    try:
        return real(client, *args, **options)
    except Exception as error:
        told = ""
        one: BaseException | None = error
        while one is not None:
            told, one = f"{told}{one!r}{one}", one.__cause__ or one.__context__
        watch.look("errors", f"an error of {client.manifest.key} ({type(error).__name__})", told)
        raise


def _made_client(watch: Watch, real: Any, client: Client, *args: Any, **options: Any) -> None:
    """From now on each of its requests is looked at as it goes out."""
    real(client, *args, **options)
    base_url, config = str(options.get("base_url", "")), options.get("config") or {}

    def check(request: httpx.Request) -> None:
        watch.counts["calls"] += 1
        watch.note_in_use(b"\n".join(value for _, value in request.headers.raw).decode("latin-1"))
        if holds_a_canary(str(request.url)) and not _is_token_call(client, request):
            watch.tell(f"A secret stands in the address of a call of {client.manifest.key}: {request.url.path}.")
        if not is_allowed(client, request.url, base_url=base_url, config=config):
            watch.tell(
                f"{client.manifest.key} called {request.url.host}, which its manifest does not name.", kind="calls out"
            )

    client._http.event_hooks = {"request": [check]}


def is_allowed(client: Client, url: httpx.URL, *, base_url: str, config: Any) -> bool:
    """Whether the manifest names the host of an address, or the host that the sandbox plays there."""
    manifest = client.manifest
    named = {urlsplit(origin.format_map(_Filled(config))).hostname for origin in manifest.hosts.values()}
    host = url.host
    before, is_played, _ = base_url.partition("{host}")
    if is_played and str(url).startswith(before):
        host = str(url).removeprefix(before).partition("/")[0].partition("?")[0].partition(":")[0]
    elif base_url and not is_played:
        # One place plays every host.
        named.add(urlsplit(base_url).hostname)
    return host in named or bool(manifest.download_hosts and host.endswith(manifest.download_hosts))


class _Filled(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def _is_token_call(client: Client, request: httpx.Request) -> bool:
    """Some platforms want code and app secret in the query of the call that gives the token."""
    if request.url.path.endswith(_WANTS_THE_APP_SECRET):
        return True
    auth = client.manifest.auth
    if isinstance(auth, OAuth2):
        known = [auth.token_url, auth.refresh_url, auth.exchange_url]
    else:
        known = [auth.request_token_url, auth.access_token_url] if isinstance(auth, OAuth1) else []
    return any(one and request.url.path.endswith(urlsplit(one).path) for one in known)


def _connection(watch: Watch, real: Any, made: socket.socket, address: Any) -> Any:
    """Every connection of this process, whoever asks for it, stays on this machine."""
    watch.counts["connections"] += 1
    host = address[0] if isinstance(address, tuple) else "localhost"
    if not _is_here(host):
        watch.tell(f"Somebody connected to {host}, which is not this machine.", kind="calls out")
    return real(made, address)


def _is_here(host: Any) -> bool:
    try:
        return host in {"localhost", ""} or ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _made_app(watch: Watch, real: Any, app: Litestar) -> Any:
    """From now on everything that it sends is looked at; the application itself stays what servers expect."""
    handler = real(app)

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await _reply(watch, handler, app, scope, receive, send)

    return answer


async def _reply(watch: Watch, handler: Any, app: Litestar, scope: Any, receive: Any, send: Any) -> None:
    """Every header and body that the product sends, unpacked as a browser would."""
    if scope["type"] not in {"http", "websocket"} or "planes" not in app.state:
        await handler(scope, receive, send)
        return
    body = Body(watch, f"the reply to {scope.get('method', 'WS')} {scope['path']}")

    async def look_and_send(message: Any) -> None:
        body.look_at(message)
        await send(message)

    await handler(scope, receive, look_and_send)


class Body:
    """A reply as it goes out, in pieces; a mark may lie across two of them."""

    def __init__(self, watch: Watch, place: str) -> None:
        self.watch, self.place = watch, place
        self._unpack: Callable[[bytes], bytes] = lambda piece: piece
        self._tail = b""

    def look_at(self, message: dict[str, Any]) -> None:
        """A message of ASGI."""
        if message["type"] == "http.response.start":
            headers = list(message["headers"])
            self._unpack = _unpacking(dict(headers).get(b"content-encoding", b""))
            self.watch.look("replies", f"a header of {self.place}", b"\n".join(value for _, value in headers))
            return
        piece = message.get("body") or message.get("bytes") or (message.get("text") or "").encode()
        found = self._tail + self._unpack(piece)
        self._tail = found[-_LONGEST:]
        self.watch.look("pieces", self.place, found)


def _unpacking(encoding: bytes) -> Callable[[bytes], bytes]:
    if encoding == b"gzip":
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress
    if encoding == b"br":
        unpack: Callable[[bytes], bytes] = brotli.Decompressor().process
        return unpack
    return lambda piece: piece
