"""The OpenAPI document: only the API, never the pages."""

from typing import Any

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import Method
from litestar.utils.sync import AsyncCallable

from app.deps import DEPENDENCIES
from app.routes import ROUTES
from kit.web.threads import wrap_handlers_once


def openapi_config() -> OpenAPIConfig:
    """Title, version and how callers prove who they are."""
    return OpenAPIConfig(
        title="Adloom API",
        version="1",
        path="/api/v1/schema",
        use_handler_docstrings=True,
        operation_id_creator=_operation_id,
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        components=Components(
            security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")}
        ),
    )


def openapi_schema() -> dict[str, Any]:
    """The document without a running installation."""
    app = Litestar(
        route_handlers=list(ROUTES),
        dependencies=DEPENDENCIES,
        openapi_config=openapi_config(),
    )
    schema: dict[str, Any] = wrap_handlers_once(app).openapi_schema.to_schema()
    schema["paths"] = {path: item for path, item in schema["paths"].items() if path.startswith(("/api/", "/health"))}
    return schema


def _operation_id(handler: HTTPRouteHandler, _method: Method, _path_components: Any) -> str:
    """The handler's own name, which generated clients use: `start_import`, not the address in capitals."""
    function: Any = handler.fn
    while isinstance(function, AsyncCallable):
        function = function.func
    return str(function.__name__)
