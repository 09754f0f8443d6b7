"""Every page that can be opened answers each kind of person with a sound document, on an empty and on a Free workspace too."""

import re
from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.testing import TestClient

from app.routes import ROUTES
from kit.web.access import declared_access
from tests.people import Person

_INLINE = re.compile(r"<[^>]+\s(?:style|on[a-z]+)\s*=", re.IGNORECASE)
_ID = re.compile(r'\sid="([^"]+)"')
# These stream, redirect, send a file, or need the id of something that a new workspace does not have.
_NO_DOCUMENT = re.compile(r"/(events|state|template\.csv|export\.\w+)$|\{(?!workspace_id)")


def _addresses() -> Iterator[str]:
    for handler in ROUTES:
        if isinstance(handler, HTTPRouteHandler) and "GET" in handler.http_methods:
            for path in sorted(handler.paths):
                if not path.startswith(("/api/", "/health")) and not _NO_DOCUMENT.search(path):
                    yield path


@pytest.mark.parametrize("path", sorted(_addresses()))
def test_a_page_is_a_sound_document_for_everybody_who_may_open_it(
    client: TestClient[Litestar], owner: Person, premium_owner: Person, path: str
) -> None:
    for person in (owner, premium_owner):
        address = path.replace("{workspace_id:uuid}", str(person.workspace_id))
        reply = person.request(client, "GET", address, headers={"accept": "text/html"})
        if reply.status_code == 303:
            continue
        assert reply.status_code == 200, reply.text[:2000]
        assert reply.headers["content-type"].startswith("text/html")
        page = reply.text
        assert page.count("<h1") == 1
        assert re.search(r"<title>[^<]{3,}</title>", page)
        assert '<meta name="csrf-token"' in page
        assert not _INLINE.search(page)
        ids = _ID.findall(page)
        assert sorted(ids) == sorted(set(ids))
        assert "script-src 'nonce-" in reply.headers["content-security-policy"]


@pytest.mark.parametrize("path", sorted(_addresses()))
def test_a_page_for_members_sends_a_visitor_to_the_sign_in(
    client: TestClient[Litestar], owner: Person, path: str
) -> None:
    address = path.replace("{workspace_id:uuid}", str(owner.workspace_id))
    reply = client.get(address, headers={"accept": "text/html"}, follow_redirects=False)
    if _is_for_everyone(path):
        assert reply.status_code == 200
    else:
        assert reply.status_code == 401
        assert "/sign-in" in reply.text


def _is_for_everyone(path: str) -> bool:
    for handler in ROUTES:
        if isinstance(handler, HTTPRouteHandler) and "GET" in handler.http_methods and path in handler.paths:
            declared = declared_access(handler)
            return declared is not None and declared.audience == "everyone"
    raise LookupError(path)
