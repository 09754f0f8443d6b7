"""The reference of the auth API names every call there is, and the promised times are the real ones."""

import re
from datetime import timedelta
from pathlib import Path

from app.routes import ROUTES
from tenants.identity.links import VALID_FOR
from tenants.identity.sessions import ABSOLUTE, IDLE
from tenants.identity.tokens import ACCESS_FOR, REFRESH_FOR, REUSE_GRACE
from tenants.workspaces.service import INVITATION_VALID

DOCS = Path(__file__).parents[2] / "docs"
_CALL = re.compile(r"^\| `(GET|POST|PATCH|PUT|DELETE) (\S+)`", re.MULTILINE)


def _shape(path: str) -> str:
    """An address with nameless parameters."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def test_the_reference_lists_the_calls_of_auth_and_workspaces_and_no_others() -> None:
    documented = {
        (method, _shape(path)) for method, path in _CALL.findall((DOCS / "reference/api-auth.md").read_text("utf-8"))
    }
    prefixes = ("/api/v1/auth/", "/api/v1/workspaces")
    served = {
        (method, _shape(path))
        for route in ROUTES
        for path in route.paths
        if path.startswith(prefixes)
        for method in getattr(route, "http_methods", set())
    }
    assert documented == {(str(method), path) for method, path in served}


def test_the_promised_times_are_the_real_ones() -> None:
    assert (
        timedelta(minutes=10),
        timedelta(days=30),
        timedelta(seconds=10),
    ) == (ACCESS_FOR, REFRESH_FOR, REUSE_GRACE)
    assert (timedelta(hours=12), timedelta(days=30), timedelta(days=7)) == (IDLE, ABSOLUTE, INVITATION_VALID)
    assert {"verify_email": timedelta(hours=48), "reset_password": timedelta(hours=1)} == VALID_FOR
