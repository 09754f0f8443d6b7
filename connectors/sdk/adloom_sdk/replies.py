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
    """What came back. `path` has no query, so it may be logged; `received_at` is the client's clock, `platform` who answered."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    content: bytes
    received_at: datetime
    platform: str = "The platform"

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
            told = f"{self.platform} answered in a form that this connector does not know."
            raise SchemaDrift(told, code=f"{self.path}: {error}") from error
        except msgspec.DecodeError as error:
            if self.is_html:
                raise SchemaDrift(f"{self.platform} sent a web page instead of data.", code=self.path) from error
            raise Transient(f"The answer of {self.platform} was cut short.", code=self.path) from error

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
            return RateLimited(message or f"{self.platform} asks to wait.", code, request_id, retry_at=self.retry_at())
        kind, words = _meaning(self)
        return kind(message or words, code, request_id)


def _meaning(reply: Reply) -> tuple[type[PlatformError], str]:
    status, platform = reply.status, reply.platform
    if status == 401:
        return AuthExpired, f"{platform} no longer accepts the sign-in."
    if status == 403:
        return ScopeMissing, f"{platform} does not let this sign-in do that."
    if (status in {404, 410} and reply.is_html) or status == 426:
        return VersionSunset, f"{platform} has switched off the version that this connector speaks."
    if status == 404:
        return NotFound, f"{platform} does not find this."
    if status >= 500 or status == 408:
        return Transient, f"{platform} has trouble (HTTP {status})."
    return BadRequest, f"{platform} refuses the request (HTTP {status})."
