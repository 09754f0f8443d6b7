"""The OpenAPI document: only the API, never the pages. Which refusals a call may answer with follows from its declaration."""

from collections.abc import Iterator
from dataclasses import dataclass
from inspect import signature
from typing import Any

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, Operation, SecurityScheme
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import Method
from litestar.utils.sync import AsyncCallable

from app.deps import DEPENDENCIES
from app.gate import SAFE_METHODS
from app.routes import ROUTES
from kit.errors import AdloomError, BadRequest, InvalidInput, NotAllowed, NotFound, NotSignedIn, PlanDoesNotInclude
from kit.web.access import Access, declared_access
from kit.web.problems import PROBLEM_JSON, Problem
from kit.web.threads import wrap_handlers_once
from tenants.workspaces.permissions import Role, may


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
        plugins=[ProblemReplies()],
    )
    schema: dict[str, Any] = wrap_handlers_once(app).openapi_schema.to_schema()
    schema["paths"] = {path: item for path, item in schema["paths"].items() if path.startswith(("/api/", "/health"))}
    return schema


class ProblemReplies(ReceiveRoutePlugin):
    """Describes the refusals of every call of the API, all in the one form that they have."""

    def receive_route(self, route: BaseRoute) -> None:
        """Add them to the handlers that the document shows."""
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            declared = declared_access(handler)
            if declared is not None and handler.resolve_include_in_schema():
                handler.operation_class = _ApiOperation
                handler.responses = {
                    error.status: ResponseSpec(
                        Problem, description=error.title, media_type=PROBLEM_JSON, generate_examples=False
                    )
                    for error in sorted(_refusals(handler, declared), key=lambda error: error.status)
                }


@dataclass
class _ApiOperation(Operation):
    """An operation without the 400 that the framework adds in a form of its own, even where nothing can be misread."""

    def __post_init__(self) -> None:
        unread = (self.responses or {}).get(str(BadRequest.status))
        if self.responses and unread is not None and PROBLEM_JSON not in (getattr(unread, "content", None) or {}):
            del self.responses[str(BadRequest.status)]


def _refusals(handler: HTTPRouteHandler, declared: Access) -> Iterator[type[AdloomError]]:
    """What the gate and the reading of the input may refuse, then what the route names itself."""
    is_member_call = declared.audience == "member"
    if declared.audience != "everyone":
        yield NotSignedIn
    if is_member_call:
        yield NotFound
        if declared.entitlement is not None or not declared.is_api_basic:
            yield PlanDoesNotInclude
    # A change that comes with a session cookie needs the form token too.
    if not handler.http_methods <= SAFE_METHODS or (
        declared.permission is not None and not all(may(role, declared.permission) for role in Role)
    ):
        yield NotAllowed
    if _takes_input(handler):
        yield BadRequest
        yield InvalidInput
    yield from declared.raises


def _takes_input(handler: HTTPRouteHandler) -> bool:
    """True for a body or a query, the handler's own or that of what it depends on; what the path names is found, or not."""
    provided, own = handler.resolve_dependencies(), set(handler.parsed_fn_signature.parameters)
    indirect = {name for used in own & set(provided) for name in signature(provided[used].dependency).parameters}
    asked = (own | indirect) - set(provided) - {"request"}
    return any(f"{{{name}:" not in path for name in asked for path in handler.paths)


def _operation_id(handler: HTTPRouteHandler, _method: Method, _path_components: Any) -> str:
    """The handler's own name, which generated clients use: `start_import`, not the address in capitals."""
    function: Any = handler.fn
    while isinstance(function, AsyncCallable):
        function = function.func
    return str(function.__name__)
