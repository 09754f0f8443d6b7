"""Keeps Litestar from wrapping a handler for its thread more than once."""

from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.utils.sync import AsyncCallable


def wrap_handlers_once(app: Litestar) -> Litestar:
    """Take all but the first wrapping off, for a handler that is wrapped twice answers with a coroutine.

    Litestar 2.25 wraps a handler once per path that it has, and again for each method that is added to its path later.
    """
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            while isinstance(handler._fn, AsyncCallable) and isinstance(handler._fn.func, AsyncCallable):
                handler._fn = handler._fn.func
    return app
