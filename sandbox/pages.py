"""The sandbox's own pages: templates, headers, and errors that people can read."""

import logging
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, InternalServerException

log = logging.getLogger(__name__)
HERE = Path(__file__).parent
STATIC = HERE / "static"
AnyRequest = Request[Any, Any, Any]
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cache-control": "no-store"}


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(request: AnyRequest, template: str, *, status: int = 200, **variables: Any) -> Response[str]:
    """A page with the navigation around it; every page follows the changes by itself."""
    state = request.app.state
    links = [("Overview", "/"), *((part.title, part.path) for part in state.parts), ("Control", "/control")]
    shell = {"parts": state.parts, "links": links, "here": request.url.path, "revision": state.world.changes.revision}
    html = _environment().get_template(template).render(variables, **shell)
    headers = {"content-security-policy": PAGE_POLICY}
    return Response(html, media_type=MediaType.HTML, status_code=status, headers=headers)


def explain_error(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """A page for people, JSON for programs."""
    if error.status_code >= 500:
        log.error("Defect at %s %s: %s", request.method, request.url.path, error, exc_info=error)
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        return page(request, "error.html", status=error.status_code, detail=error.detail)
    document = {"status": error.status_code, "detail": error.detail, "errors": error.extra or []}
    return Response(document, status_code=error.status_code)


def explain_defect(request: AnyRequest, error: Exception) -> Response[Any]:
    """A defect of the sandbox itself: the trace goes to the log."""
    defect = InternalServerException("The sandbox has a defect; its log says more.")
    defect.__cause__ = error
    return explain_error(request, defect)
