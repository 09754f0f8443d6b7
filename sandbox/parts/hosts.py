"""The platforms' hosts: `/hosts/<host name>/<path>` is answered by the fake that plays the host, byte for byte as it says.

A lost answer closes the connection without a word, a cut one after half of the body.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from litestar import HttpMethod, Request, Response, route
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from adloom_sdk.testing import fakes
from adloom_sdk.testing.fakes import Answer, FakePlatform
from sandbox.changes import Changes
from sandbox.parts.memory import Memory

AnyRequest = Request[Any, Any, Any]
Fakes = dict[str, FakePlatform]
_METHODS = [HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE]


class HangsUp(H11Protocol):
    """uvicorn's protocol, by which an answer can be lost: `state.hang_up` of a request closes its connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        """Hand the way to close it to the requests of this connection."""
        self.app_state = {**self.app_state, "hang_up": transport.close}
        super().connection_made(transport)


class _Broken(Response[bytes]):
    """Half an answer, or none, and the connection is closed."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(b"")
        self._answer = answer

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIApp:  # type: ignore[override]  # whatever it is called with, it answers so
        """Promise more than is sent, where anything is sent."""
        answer = self._answer

        async def respond(scope: Scope, receive: Receive, send: Send) -> None:
            if answer.is_cut:
                content, headers = answer.wire()
                promised = {**headers, "content-length": str(len(content) * 2 + 1)}
                raw = [(name.encode(), value.encode()) for name, value in promised.items()]
                await send({"type": "http.response.start", "status": answer.status, "headers": raw})
                await send({"type": "http.response.body", "body": content, "more_body": True})
            hang_up: Callable[[], None] = scope["state"]["hang_up"]
            hang_up()
            while (await receive())["type"] != "http.disconnect":
                pass

        return respond


@route(
    ["/hosts/{hostname:str}", "/hosts/{hostname:str}/{rest:path}"],
    http_method=_METHODS,
    name="hosts",
    media_type="application/octet-stream",
)
async def answer_as_host(
    request: AnyRequest,
    playing: NamedDependency[Fakes],
    memory: NamedDependency[Memory],
    changes: NamedDependency[Changes],
    hostname: FromPath[str],
) -> Response[bytes]:
    """What the platform would answer."""
    mount = f"/hosts/{hostname}"
    asked = await _asked(request, mount=mount, host=hostname)
    fake = _player(playing.values(), asked)
    if fake is None:
        known = ", ".join(sorted({name for one in playing.values() for name in one.host_names}))
        raise NotFoundException(f"Nobody here plays {hostname}. Played are: {known}.")
    return await _answered(fake, asked, memory, changes)


@route("/_sim/{key:str}/{rest:path}", http_method=_METHODS, media_type="application/octet-stream")
async def control_fake(
    request: AnyRequest,
    playing: NamedDependency[Fakes],
    memory: NamedDependency[Memory],
    changes: NamedDependency[Changes],
    key: FromPath[str],
) -> Response[bytes]:
    """The fake's own controls: clock, faults, journal, ledger, accounts, tokens."""
    fake = playing.get(key)
    if fake is None:
        raise NotFoundException(f"There is no fake “{key}”. Known: {', '.join(playing)}.")
    asked = await _asked(request, mount=f"/_sim/{key}", host="")
    control = fakes.Request(asked.method, f"/_sim{asked.path}", asked.query, body=asked.body)
    return await _answered(fake, control, memory, changes)


def _player(playing: Iterable[FakePlatform], asked: fakes.Request) -> FakePlatform | None:
    """Of those that play the host the first that knows the path; where none does, the first says so in its own words."""
    able = [fake for fake in playing if asked.host in fake.host_names]
    return next((fake for fake in able if fake.knows(asked)), able[0] if able else None)


async def _asked(request: AnyRequest, *, mount: str, host: str) -> fakes.Request:
    path = request.scope["raw_path"].decode().partition("?")[0].removeprefix(mount)
    return fakes.Request(
        method=request.method,
        path=path or "/",
        query=request.scope["query_string"].decode(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.body(),
        host=host,
        mount=mount,
    )


async def _answered(fake: FakePlatform, asked: fakes.Request, memory: Memory, changes: Changes) -> Response[bytes]:
    def answered() -> Answer:
        answer = fake.handle(asked)
        memory.keep(fake.key, fake)
        return answer

    answer = await asyncio.to_thread(answered)
    changes.announce()
    if answer.is_lost or answer.is_cut:
        return _Broken(answer)
    content, headers = answer.wire()
    media_type = headers.pop("content-type", "application/octet-stream")
    return Response(content, status_code=answer.status, headers=headers, media_type=media_type)


HANDLERS = [answer_as_host, control_fake]
