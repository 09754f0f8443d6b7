"""The sign-in that a client uses: a token, and one renewal at a time however many threads find it stale."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from adloom_sdk.errors import AuthExpired

_EARLY = timedelta(seconds=60)


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """An access token. `secret` is OAuth 1's token secret; `refresh_token` is never given to connector code."""

    access_token: str
    expires_at: datetime | None = None
    refresh_token: str = ""
    secret: str = ""
    scopes: tuple[str, ...] = ()

    def is_stale(self, now: datetime) -> bool:
        """Whether it runs out within a minute (or a tenth of a short life that is left)."""
        return self.expires_at is not None and now >= self.expires_at - _EARLY

    def __repr__(self) -> str:
        return f"Token(expires_at={self.expires_at})"


class Credentials(Protocol):
    """What a client signs its calls with. `app` are the operator's settings, such as the developer token."""

    @property
    def app(self) -> Mapping[str, str]:
        """The operator's app settings by name."""
        ...

    def token(self) -> Token:
        """The current token, renewed where it is stale."""
        ...

    def renew(self, refused: Token) -> Token:
        """A newer token than the one that the platform refused. Raises AuthExpired where there is no way to get one."""
        ...


class StaticCredentials:
    """A token that cannot be renewed."""

    def __init__(self, token: Token | str, *, app: Mapping[str, str] | None = None) -> None:
        self._token = Token(access_token=token) if isinstance(token, str) else token
        self.app: Mapping[str, str] = app or {}

    def token(self) -> Token:
        """The token."""
        return self._token

    def renew(self, refused: Token) -> Token:  # noqa: ARG002 - the protocol's signature
        """There is none."""
        raise AuthExpired("The sign-in has expired.")


class RenewingCredentials:
    """Renews through `renew_token`, once for all threads; `load` gives the token as last stored, by whichever process."""

    def __init__(
        self,
        *,
        load: Callable[[], Token],
        renew_token: Callable[[Token], Token],
        clock: Callable[[], datetime],
        app: Mapping[str, str] | None = None,
    ) -> None:
        self._load, self._renew, self._clock = load, renew_token, clock
        self._token: Token | None = None
        self._guard = threading.Lock()
        self.app: Mapping[str, str] = app or {}

    def token(self) -> Token:
        """The current token."""
        token = self._token or self._load()
        self._token = token
        return self.renew(token) if token.is_stale(self._clock()) else token

    def renew(self, refused: Token) -> Token:
        """The first thread renews; the others wait and take what it got."""
        with self._guard:
            current = self._load()
            if current.access_token == refused.access_token:
                current = self._renew(current)
            self._token = current
            return current
