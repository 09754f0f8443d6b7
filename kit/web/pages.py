"""Pages and their fragments: a template, a typed context, and the shell around it. Undefined variables fail.

A page's fragment is a named block of its template: `render(request, "imports/list.html", context, block="rows")`.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import msgspec
from jinja2 import Environment
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie as ResponseCookie
from markupsafe import Markup

from kit.errors import AdloomError
from kit.web.security import new_nonce, security_headers

AnyRequest = Request[Any, Any, Any]
FLASH_COOKIE = "adloom_flash"


def wants_page(request: AnyRequest) -> bool:
    """True where a person looks, false where a program calls."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "*/*").replace(
        "*/*", "text/html"
    )


def render(
    request: AnyRequest,
    template: str,
    context: Any = None,
    *,
    block: str | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response[str]:
    """The page, or one named block of it, from a typed context (a dataclass or struct; its fields become the variables)."""
    environment: Environment = request.app.state.templates
    nonce, own_headers = _nonce(request)
    # How fresh the data are is asked for whole pages only, and never for the page that says what failed.
    shell = request.app.state.build_shell(request, with_freshness=block is None and status < 400)
    variables = as_variables(context) | {"shell": shell, "nonce": nonce}
    compiled = environment.get_template(template)
    html = "".join(compiled.blocks[block](compiled.new_context(variables))) if block else compiled.render(variables)
    response = Response(
        html,
        media_type=MediaType.HTML,
        status_code=status,
        headers=dict(headers or {}) | own_headers | {"cache-control": "no-store"},
    )
    if not block and FLASH_COOKIE in request.cookies:
        response.delete_cookie(FLASH_COOKIE)
    return response


def draw(request: AnyRequest, template: str, context: Any) -> Markup:
    """A part of a page that knows nothing of who looks: no shell, no nonce, so it may be kept and shown to others."""
    environment: Environment = request.app.state.templates
    return Markup(environment.get_template(template).render(as_variables(context)))  # noqa: S704 - the template escapes


def is_fragment_request(request: AnyRequest) -> bool:
    """True where htmx asks for a part of a page (history restores want the whole)."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-history-restore-request") != "true"


def redirect(
    request: AnyRequest, url: str, *, flash: str = "", kind: str = "good", cookies: list[ResponseCookie] | None = None
) -> Response[str]:
    """Send the browser to `url` (a path of ours), with a message to show there."""
    headers = {"hx-redirect": url} if is_fragment_request(request) else {"location": url}
    response: Response[str] = Response(
        "",
        status_code=200 if is_fragment_request(request) else 303,
        headers=headers,
        media_type=MediaType.HTML,
        cookies=cookies or [],
    )
    if flash:
        encoded = msgspec.json.encode([kind, flash]).hex()
        response.set_cookie(FLASH_COOKIE, encoded, max_age=60, httponly=True, samesite="lax", path="/")
    return response


def read_flash(request: AnyRequest) -> tuple[str, str] | None:
    """The message that the last redirect left, as (kind, text)."""
    try:
        kind, text = msgspec.json.decode(bytes.fromhex(request.cookies.get(FLASH_COOKIE, "")), type=tuple[str, str])
    except (ValueError, msgspec.DecodeError):
        return None
    return kind, text


def error_page(request: AnyRequest, error: AdloomError, *, headers: Mapping[str, str]) -> Response[str]:
    """The page that says what failed, what is safe and what to do."""
    return render(request, "errors/error.html", {"error": error}, status=error.status, headers=headers)


def _nonce(request: AnyRequest) -> tuple[str, dict[str, str]]:
    """The response's nonce. At an unknown address no middleware has run, so the page brings its security headers itself."""
    state = request.scope["state"]
    if "nonce" in state:
        return state["nonce"], {}
    state["nonce"] = new_nonce()
    return state["nonce"], security_headers(state["nonce"], is_secure=request.app.state.settings.is_secure)


def as_variables(context: Any) -> dict[str, Any]:
    """A typed context as what the template sees."""
    if context is None:
        return {}
    if isinstance(context, Mapping):
        return dict(context)
    if is_dataclass(context):
        return {field.name: getattr(context, field.name) for field in fields(context)}
    return msgspec.structs.asdict(context)
