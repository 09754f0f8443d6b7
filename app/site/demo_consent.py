"""The demo's person at a consent page: opens it, leaves every box ticked, presses Allow, and says where the browser is sent then.

It knows no more than a browser does: the page's form, its fields and its buttons.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

from kit.errors import Unavailable

_TIMEOUT_S = 20.0
_ALLOW = "allow"


@dataclass
class _Form(HTMLParser):
    """The first form of a page, as it is filled in when somebody presses Allow."""

    action: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the form's address, its ticked boxes, its texts, and the button that allows."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = self.action or given.get("action", "")
        elif (tag == "input" and (given.get("type") not in {"checkbox", "radio"} or "checked" in given)) or (
            tag == "button" and given.get("value", "").lower() == _ALLOW
        ):
            self._keep(given)

    def _keep(self, given: dict[str, str]) -> None:
        if name := given.get("name"):
            self.fields.append((name, given.get("value", "")))


def allow_access(address: str, *, callback: str) -> dict[str, str]:
    """Walk through the consent page at this address; returns the parameters that the platform sends to `callback`.

    Raises Unavailable where the page does not lead there.
    """
    with httpx.Client(timeout=_TIMEOUT_S, trust_env=False) as browser:
        page = _sent(browser, "GET", address, callback)
        form = _Form()
        form.feed(page.text)
        sent = _sent(browser, "POST", urljoin(str(page.url), form.action), callback, form.fields)
    reached = urljoin(str(sent.url), sent.headers.get("location", ""))
    if not reached.startswith(callback):
        raise Unavailable(
            f"The consent page at {urlsplit(address).path} answered {sent.status_code} and led nowhere.",
            "Is the sandbox running? See `adloom status`.",
        )
    return dict(parse_qsl(urlsplit(reached).query, keep_blank_values=True))


def _sent(
    browser: httpx.Client, method: str, url: str, callback: str, fields: list[tuple[str, str]] | None = None
) -> httpx.Response:
    """The answer after all redirects but the one back to us."""
    data: dict[str, list[str]] = {}
    for name, value in fields or ():
        data.setdefault(name, []).append(value)
    try:
        reply = browser.request(method, url, data=data or None)
        while reply.next_request is not None and not str(reply.next_request.url).startswith(callback):
            reply = browser.send(reply.next_request)
    except httpx.TransportError as problem:
        raise Unavailable("The sandbox does not answer.", "Is it running? See `adloom status`.") from problem
    return reply
