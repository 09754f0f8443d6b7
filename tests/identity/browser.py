"""A person's browser: opens pages, keeps cookies, and sends forms as a page of ours would."""

import re
from dataclasses import dataclass

import httpx
from litestar import Litestar
from litestar.testing import TestClient

_CSRF = re.compile(r'name="csrf-token" content="([^"]*)"')


@dataclass(frozen=True)
class Browser:
    """A browser on the test client; its cookies are the client's."""

    client: TestClient[Litestar]

    def open(self, path: str) -> httpx.Response:
        """A page, after redirects."""
        return self.client.get(path, headers={"accept": "text/html"})

    def send(self, form_page: str, path: str, **fields: str) -> httpx.Response:
        """Open a page, and send a form of it; redirects are not followed."""
        found = _CSRF.search(self.open(form_page).text)
        assert found, form_page
        return self.client.post(
            path,
            data={"csrf_token": found[1]} | fields,
            headers={"accept": "text/html", "sec-fetch-site": "same-origin"},
            follow_redirects=False,
        )
