"""The web application: settings in, a Litestar app out, built in named steps. `adloom web` serves it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.datastructures import CacheControlHeader, State
from litestar.static_files import create_static_files_router

from app.deps import DEPENDENCIES
from app.flows import connect_flows
from app.gate import GateMiddleware, guard
from app.openapi import ProblemReplies, openapi_config
from app.routes import ROUTES
from app.site.shell import build_shell
from kit.settings import Settings, load_settings
from kit.storage import open_storage
from kit.web.access import for_everyone
from kit.web.problems import EXCEPTION_HANDLERS
from kit.web.templates import template_environment
from kit.web.threads import wrap_handlers_once
from tenants.isolation.planes import Planes, open_planes

STATIC = Path(__file__).parent / "static"
# A multipart upload may be as large as the importer takes; every other route reads a few kilobytes.
MAX_BODY_BYTES = 300 * 1024 * 1024
_YEAR = 31_536_000


def create_app(settings: Settings, *, planes: Planes | None = None) -> Litestar:
    """The application on these settings; tests hand their own planes in."""
    connect_flows()
    planes = planes or open_planes(settings, application_name="adloom-web")
    app = Litestar(
        route_handlers=[*ROUTES, _static_files()],
        dependencies=DEPENDENCIES,
        guards=[guard],
        middleware=[GateMiddleware(settings=settings, planes=planes)],
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=openapi_config(),
        plugins=[ProblemReplies()],
        lifespan=[_closing(planes)],
        state=State(
            {
                "settings": settings,
                "planes": planes,
                "templates": template_environment(),
                "storage": open_storage(settings),
                "build_shell": build_shell,
            }
        ),
        request_max_body_size=MAX_BODY_BYTES,
        logging_config=None,
    )
    return wrap_handlers_once(app)


def _static_files() -> Any:
    STATIC.mkdir(exist_ok=True)
    # File names carry a hash of their content, so they may be kept for ever.
    return create_static_files_router(
        path="/static",
        directories=[STATIC],
        cache_control=CacheControlHeader(max_age=_YEAR, immutable=True, public=True),
        include_in_schema=False,
        **for_everyone(),
    )


def _closing(planes: Planes) -> Any:
    @asynccontextmanager
    async def close(_app: Litestar) -> AsyncGenerator[None, None]:
        yield
        planes.close()

    return close


def serve() -> None:
    """Serve the application on the configured address until told to stop."""
    import uvicorn

    settings = load_settings()
    uvicorn.run(
        create_app(settings),
        host=settings.adloom_host,
        port=settings.adloom_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
        server_header=False,
    )
