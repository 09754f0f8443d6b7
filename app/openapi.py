"""The OpenAPI document: only the API, never the pages."""

from typing import Any

from litestar import Litestar
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from app.deps import DEPENDENCIES
from app.routes import ROUTES


def openapi_config() -> OpenAPIConfig:
    """Title, version and how callers prove who they are."""
    return OpenAPIConfig(
        title="Adloom API",
        version="1",
        path="/api/v1/schema",
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        components=Components(
            security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")}
        ),
    )


def openapi_schema() -> dict[str, Any]:
    """The document without a running installation."""
    app = Litestar(route_handlers=list(ROUTES), dependencies=DEPENDENCIES, openapi_config=openapi_config())
    schema: dict[str, Any] = app.openapi_schema.to_schema()
    schema["paths"] = {path: item for path, item in schema["paths"].items() if path.startswith(("/api/", "/health"))}
    return schema
