"""A platform's reply, and the error that its HTTP status stands for."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import msgspec

from adloom_sdk.errors import (
    AuthExpired,
    BadRequest,
    NotFound,
    PlatformError,
    RateLimited,
    SchemaDrift,
    ScopeMissing,
    Transient,
    VersionSunset,
)

T = TypeVar("T")


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What came back. `path` has no query, so it may be logged; `received_at` is the client's clock."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    content: bytes
    received_at: datetime

    @property
    def is_html(self) -> bool:
        """A page for people where data were due."""
        return "html" in self.headers.get("content-type", "") or self.content[:15].lstrip().lower().startswith(
            (b"<!doctype", b"<html")
        )

    def json(self, into: type[T] | Any = Any) -> Any:
        """The body, checked against `into`. Raises Transient where it was cut, SchemaDrift where its shape is another."""
        try:
            return msgspec.json.decode(self.content, type=into)
        except msgspec.ValidationError as error:
            raise SchemaDrift(f"The platform's reply has changed its shape: {error}", code=self.path) from error
        except msgspec.DecodeError as error:
            if self.is_html:
                raise SchemaDrift("The platform sent a web page where data were due.", code=self.path) from error
            raise Transient("The platform's reply was cut short.", code=self.path) from error

    def retry_at(self) -> datetime | None:
        """What Retry-After tells, in seconds or as a date."""
        value = self.headers.get("retry-after", "")
        if value.replace(".", "", 1).isdigit():
            return self.received_at + timedelta(seconds=float(value))
        try:
            return parsedate_to_datetime(value).astimezone(UTC) if value else None
        except ValueError:
            return None

    def error_by_status(self, message: str = "", code: str = "", request_id: str = "") -> PlatformError | None:
        """What the status alone says, with the platform's own words where they are known; None below 400."""
        if self.status < 400:
            return None
        code = code or f"HTTP {self.status}"
        if self.status == 429:
            return RateLimited(message or "The platform asks to wait.", code, request_id, retry_at=self.retry_at())
        kind, words = _meaning(self.status, is_html=self.is_html)
        return kind(message or words, code, request_id)


def _meaning(status: int, *, is_html: bool) -> tuple[type[PlatformError], str]:
    if status == 401:
        return AuthExpired, "The sign-in is no longer valid."
    if status == 403:
        return ScopeMissing, "The sign-in does not grant this."
    if (status in {404, 410} and is_html) or status == 426:
        return VersionSunset, "The platform has switched off this version of its API."
    if status == 404:
        return NotFound, "The platform does not find this."
    if status >= 500 or status == 408:
        return Transient, f"The platform has trouble (HTTP {status})."
    return BadRequest, f"The platform refuses the request (HTTP {status})."
