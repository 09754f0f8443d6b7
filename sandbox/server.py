"""The process: one event loop that serves the pages and runs every part. `create_app` for the app, `serve` for the whole."""

import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import uvicorn
from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException, PermissionDeniedException
from litestar.static_files import create_static_files_router

from sandbox.control import HANDLERS
from sandbox.pages import HEADERS, STATIC, explain_defect, explain_error
from sandbox.part import Part, World
from sandbox.parts import build_parts
from sandbox.parts.hosts import HangsUp

MAX_BODY_BYTES = 2_000_000
LOCAL_NAMES = {"127.0.0.1", "localhost"}


def create_app(world: World) -> Litestar:
    """The sandbox on this world."""
    parts = build_parts(world)
    return Litestar(
        route_handlers=[
            *HANDLERS,
            *(part.router() for part in parts),
            create_static_files_router(path="/static", directories=[STATIC]),
        ],
        dependencies={
            "world": Provide(lambda: world, sync_to_thread=False),
            "changes": Provide(lambda: world.changes, sync_to_thread=False),
        },
        before_request=refuse_strangers,
        exception_handlers={HTTPException: explain_error, Exception: explain_defect},
        lifespan=[_running(parts)],
        state=State({"world": world, "parts": parts}),
        response_headers=HEADERS,
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=None,
        logging_config=None,
    )


def refuse_strangers(request: Request[Any, Any, Any]) -> None:
    """Sign-in links stand in the inbox: no web page from elsewhere may read or change it through a visitor's browser."""
    host = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
    if host not in LOCAL_NAMES:
        raise PermissionDeniedException("The sandbox answers at 127.0.0.1 and localhost only.")
    is_foreign = request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
    if is_foreign and request.method != "GET":
        raise PermissionDeniedException("Only the sandbox's own pages may change it.")


def _running(parts: list[Part]) -> Any:
    @asynccontextmanager
    async def run(_app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for part in parts:
                await stack.enter_async_context(part.running())
            yield

    return run


class _Server(uvicorn.Server):
    """Says when it is ready, and does not wait for those who wait for the next change."""

    def __init__(self, config: uvicorn.Config, world: World, announcement: str) -> None:
        super().__init__(config)
        self._world = world
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(self._announcement, flush=True)  # noqa: T201  # the one line that whoever starts the sandbox reads

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._world.changes.close()
        await super().shutdown(sockets)


def serve(world: World, http_socket: socket.socket) -> None:
    """Run until told to stop."""
    port, smtp_port = http_socket.getsockname()[1], world.smtp_socket.getsockname()[1]
    announcement = (
        f"Sandbox ready: http://127.0.0.1:{port} (mail to 127.0.0.1:{smtp_port}). Nothing leaves this machine."
    )
    config = uvicorn.Config(
        create_app(world),
        http=HangsUp,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    _Server(config, world, announcement).run(sockets=[http_socket])
