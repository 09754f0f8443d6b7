"""The one HTTP client: signed, limited, patient, redacted, and bound to the hosts that the manifest names.

Reading calls are tried again where that helps; a write is sent once, and where no reply came `OutcomeUnknown` says so.
"""

import logging
import random
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx

from adloom_sdk.credentials import Credentials, StaticCredentials, Token
from adloom_sdk.errors import (
    AuthExpired,
    Cancelled,
    HostNotAllowed,
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Transient,
)
from adloom_sdk.limiter import Limiter, LocalLimiter, Throttle
from adloom_sdk.manifest import Manifest, OAuth1, OAuth2
from adloom_sdk.oauth1 import authorization_header
from adloom_sdk.replies import Reply


class _WithoutQuery(logging.Filter):
    """httpx writes whole addresses to its log; some platforms want the app's secret in the query."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(one.copy_with(query=None) if isinstance(one, httpx.URL) else one for one in record.args)
        return True


logging.getLogger("httpx").addFilter(_WithoutQuery())
log = logging.getLogger("adloom.connector")
Params = Mapping[str, Any] | Sequence[tuple[str, Any]]
_TRIES = 5
_RENEWALS = 3
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_CANCEL_STEP_S = 0.25
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


@dataclass(frozen=True)
class Exchange:
    """One call for whoever keeps count: no query, no body, no secret. `outcome` is "ok" or the error's class."""

    method: str
    host: str
    path: str
    status: int
    took_ms: float
    outcome: str


@dataclass(frozen=True)
class _Call:
    method: str
    url: str
    path: str
    scope: str
    is_write: bool
    is_signed: bool
    params: list[tuple[str, str]]
    options: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


class Client:
    """Calls one platform for one connection; safe between threads.

    `base_url` replaces the platform's origins, for the sandbox and for tests; `{host}` in it is filled with the real host's name.
    `config` fills placeholders of the manifest's hosts, such as the name of a shop.
    `patience_s` is how long one call may wait for its turn before RateLimited goes to the host, which then frees the worker.
    """

    def __init__(
        self,
        manifest: Manifest,
        credentials: Credentials | None = None,
        *,
        base_url: str = "",
        version: str = "",
        config: Mapping[str, str] | None = None,
        limiter: Limiter | None = None,
        error_of: Callable[[Reply], Exception | None] = Reply.error_by_status,
        throttle_of: Callable[[Reply], Throttle | None] = lambda _reply: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
        is_cancelled: Callable[[], bool] = lambda: False,
        on_exchange: Callable[[Exchange], None] = lambda _exchange: None,
        transport: httpx.BaseTransport | None = None,
        patience_s: float = 60.0,
    ) -> None:
        self.manifest = manifest
        self._credentials = credentials or StaticCredentials("")
        self._base_url = base_url.rstrip("/")
        self._version = version or manifest.api_version_name
        self._config = config or {}
        self._clock, self._raw_sleep, self._is_cancelled = clock, sleep, is_cancelled
        self._limiter = limiter or LocalLimiter(manifest.rate, clock=clock, sleep=self._sleep, patience_s=patience_s)
        self._error_of, self._throttle_of, self._on_exchange = error_of, throttle_of, on_exchange
        self._patience_s = patience_s
        # Some platforms refuse the name that HTTP libraries give themselves.
        agent = {"User-Agent": f"Adloom/{manifest.version} ({manifest.key})"}
        self._http = httpx.Client(
            timeout=_TIMEOUT, transport=transport, follow_redirects=False, trust_env=False, headers=agent
        )
        self._guard = threading.Lock()

    @property
    def app(self) -> Mapping[str, str]:
        """The operator's app settings, for platforms that want the app's id and secret beside the token."""
        return self._credentials.app

    def meaning_of(self, reply: Reply) -> Exception | None:
        """The error that the connector takes a reply for, such as one that was accepted by its status."""
        return self._error_of(reply)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def get(self, path: str, into: Any = Any, *, params: Params = (), host: str = "api", **options: Any) -> Any:
        """Read `path` and decode its JSON into a type. Options as of `call`."""
        return self._decoded("GET", path, into, params=params, host=host, **options)

    def post(self, path: str, into: Any = Any, *, host: str = "api", **options: Any) -> Any:
        """A reading POST (a query or a report order): tried again like a GET. Options as of `call`."""
        return self._decoded("POST", path, into, host=host, **options)

    def call(
        self,
        method: str,
        path: str,
        *,
        host: str = "api",
        scope: str = "app",
        params: Params = (),
        raw_query: str = "",
        json: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        is_write: bool = False,
        is_signed: bool = True,
        accepts: tuple[int, ...] = (),
    ) -> Reply:
        """One call to `path` on a named host. `scope` is what shares the call budget, usually the account's id.

        `raw_query` is sent as it stands; `{version}` is filled in the path and in headers. Statuses in `accepts` are handed over instead of raised.
        Raises PlatformError.
        """
        url, shown = self._address(path, host)
        options: dict[str, Any] = (
            {"json": json} if json is not None else {"data": dict(form)} if form is not None else {}
        )
        call = _Call(
            method=method,
            url=f"{url}?{raw_query}" if raw_query else url,
            path=shown,
            scope=scope,
            is_write=is_write,
            is_signed=is_signed,
            params=_text_pairs(params),
            options=options,
            headers={name: value.replace("{version}", self._version) for name, value in (headers or {}).items()},
        )
        return self._with_retries(call, accepts)

    def write(self, method: str, path: str, **options: Any) -> Reply:
        """A call that changes something: sent once. Raises OutcomeUnknown where it may have been applied without a reply."""
        return self.call(method, path, is_write=True, **options)

    def download(self, url: str) -> bytes:
        """A finished report from the address that the platform gave, without credentials."""
        host = urlsplit(url).hostname or ""
        if not self._is_own_base(url) and not host.endswith(self.manifest.download_hosts or ("\0",)):
            raise HostNotAllowed(f"{self.manifest.key} may not download from {host}.")
        call = _Call("GET", url, "/report-download", "download", False, False, [], {})
        return self._with_retries(call, ()).content

    def pause(self, seconds: float) -> None:
        """Wait between looks at a report that the platform prepares; ends with Cancelled where the host wants to stop."""
        self._sleep(seconds)

    def _decoded(self, method: str, path: str, into: Any, **options: Any) -> Any:
        for attempt in range(1, _TRIES + 1):
            reply = self.call(
                method, path, **options
            )  # tries again by itself; only a body that was cut comes back here
            try:
                return reply.json(into)
            except Transient:
                if attempt == _TRIES:
                    raise
                self._sleep(_pause_s(attempt))
        raise AssertionError("the last try returns or raises")

    def _with_retries(self, call: _Call, accepts: tuple[int, ...]) -> Reply:
        renewals, waited_s = 0, 0.0
        for attempt in range(1, _TRIES + 1):
            token = self._credentials.token() if call.is_signed else Token(access_token="")
            try:
                return self._once(call, token, accepts)
            except AuthExpired:
                # Once is the rule. A token that another call's refusal has just replaced may be refused again, so not only once.
                if renewals == _RENEWALS or attempt == _TRIES or not call.is_signed:
                    raise
                if self._credentials.renew(token).access_token == token.access_token:
                    raise
                renewals += 1
            except RateLimited as refusal:
                if attempt == _TRIES:
                    refusal.retry_at = refusal.retry_at or self._clock() + timedelta(minutes=5)
                    raise
                waited_s += self._wait_for(call, refusal, waited_s, attempt)
            except Transient:
                if attempt == _TRIES:
                    raise
                self._sleep(_pause_s(attempt))
        raise AssertionError("the last try returns or raises")

    def _wait_for(self, call: _Call, refusal: RateLimited, waited_s: float, attempt: int) -> float:
        """Wait as told where that is short; otherwise close the scope and let the host decide."""
        told = (refusal.retry_at - self._clock()).total_seconds() if refusal.retry_at else 0.0
        wait_s = told + random.uniform(0, 0.2) if told > 0 else _pause_s(attempt)  # noqa: S311 - spreads callers, no secret
        self._limiter.hold(call.scope, self._clock() + timedelta(seconds=wait_s))
        if waited_s + wait_s > self._patience_s or refusal.scope == "day":
            raise refusal
        self._sleep(wait_s)
        return wait_s

    def _once(self, call: _Call, token: Token, accepts: tuple[int, ...]) -> Reply:
        if self._is_cancelled():
            raise Cancelled("Stopped on request.")
        with self._limiter.slot(call.scope):
            started = time.perf_counter()
            try:
                reply = self._send(call, token)
            except PlatformError as error:
                self._note(call, started, 0, error)
                raise
            refusal = None if reply.status in accepts else self._error_of(reply)
            self._note(call, started, reply.status, refusal)
            self._note_throttle(call, reply)
            if refusal:
                raise self._cleaned(self._as_write_error(call, refusal), token)
            return reply

    def _note(self, call: _Call, started: float, status: int, error: Exception | None) -> None:
        took_ms = (time.perf_counter() - started) * 1000
        host, outcome = urlsplit(call.url).hostname or "", type(error).__name__ if error else "ok"
        self._on_exchange(Exchange(call.method, host, call.path, status, took_ms, outcome))
        log.debug("%s %s%s %s in %.0f ms: %s", call.method, host, call.path, status, took_ms, outcome)

    def _send(self, call: _Call, token: Token) -> Reply:
        headers = call.headers | (self._signature(call, token) if call.is_signed else {})
        url = httpx.URL(call.url)
        if call.params:
            url = url.copy_merge_params(httpx.QueryParams(tuple(call.params)))
        try:
            extensions = {"is_write": call.is_write}
            response = self._http.request(call.method, url, headers=headers, extensions=extensions, **call.options)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Transient(f"{self.manifest.title} cannot be reached.", code=type(error).__name__) from None
        except httpx.HTTPError as error:
            if call.is_write:
                raise OutcomeUnknown(f"{self.manifest.title} did not answer.", code=type(error).__name__) from None
            raise Transient(f"The connection to {self.manifest.title} broke.", code=type(error).__name__) from None
        return Reply(
            method=call.method,
            path=call.path,
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            content=response.content,
            received_at=self._clock(),
            platform=self.manifest.title,
        )

    def _signature(self, call: _Call, token: Token) -> dict[str, str]:
        auth, app = self.manifest.auth, self._credentials.app
        if isinstance(auth, OAuth1):
            form = call.options.get("data") or {}
            real = self._real_url(call.url)
            return {"Authorization": authorization_header(call.method, real, [*call.params, *form.items()], app, token)}
        name, pattern = auth.token_header
        extra = auth.app_headers if isinstance(auth, OAuth2) else {}
        signed = {header: app[key] for header, key in extra.items() if app.get(key)}
        return signed | {name: pattern.format(token=token.access_token)}

    def _note_throttle(self, call: _Call, reply: Reply) -> None:
        told = self._throttle_of(reply)
        if told and told.until:
            self._limiter.hold(call.scope, told.until)

    def _as_write_error(self, call: _Call, error: Exception) -> Exception:
        """A server fault on a write may have come after it was applied."""
        if call.is_write and isinstance(error, Transient):
            return OutcomeUnknown(error.message, error.code, error.request_id)
        return error

    def _cleaned(self, error: Exception, token: Token) -> Exception:
        """No secret of this connection in an error's words."""
        if isinstance(error, PlatformError):
            secrets = [token.access_token, token.refresh_token, token.secret, *self._credentials.app.values()]
            for secret in secrets:
                if len(secret) >= 6:
                    error.message = error.message.replace(secret, "•••")
        return error

    def _address(self, path: str, host: str) -> tuple[str, str]:
        """Where a path lies now, and the path to log."""
        origin = self.manifest.hosts.get(host)
        if origin is None:
            raise HostNotAllowed(f"{self.manifest.key} has no host named “{host}”.")
        shown = path.replace("{version}", self._version)
        return self._based(origin) + shown, shown

    def _based(self, origin: str) -> str:
        origin = _PLACEHOLDER.sub(self._label, origin)
        if not self._base_url:
            return origin.rstrip("/")
        parts = urlsplit(origin)
        return self._base_url.replace("{host}", parts.hostname or "") + parts.path.rstrip("/")

    def _label(self, placeholder: re.Match[str]) -> str:
        """What the person entered, as one label of a host name: never a whole other address."""
        value = self._config.get(placeholder[1], "")
        if not _LABEL.fullmatch(value):
            raise HostNotAllowed(f"“{value}” cannot be the {placeholder[1]} in an address of {self.manifest.title}.")
        return value

    def _is_own_base(self, url: str) -> bool:
        return bool(self._base_url) and url.startswith(self._base_url.partition("{host}")[0])

    def _real_url(self, url: str) -> str:
        """The platform's own address of a call, which OAuth 1 signs, wherever it is sent to."""
        for origin in self.manifest.hosts.values():
            if url.startswith(based := self._based(origin)):
                return _PLACEHOLDER.sub(self._label, origin).rstrip("/") + url[len(based) :]
        return url

    def _sleep(self, seconds: float) -> None:
        """Sleep in steps, so that a cancelled read ends soon."""
        left_s = seconds
        while left_s > 0:
            if self._is_cancelled():
                raise Cancelled("Stopped on request.")
            self._raw_sleep(min(left_s, _CANCEL_STEP_S))
            left_s -= _CANCEL_STEP_S


def _text_pairs(params: Params) -> list[tuple[str, str]]:
    pairs = params.items() if isinstance(params, Mapping) else params
    return [(name, str(value)) for name, value in pairs if value is not None]


def _pause_s(attempt: int) -> float:
    """Full jitter: between nothing and 0.5, 1, 2, 4 s."""
    return random.uniform(0.05, 0.25 * 2**attempt)  # noqa: S311 - spreads callers, no secret
