"""A fake platform: its wire protocol over a `World`, as one function from request to answer. No web framework is needed, so it
runs inside a test (`transport`), behind a socket (`serving.py`) and in the sandbox alike.

A fake subclasses `FakePlatform`, marks its calls with `@route`, and says in `refusal` how its platform words each kind of refusal.
"""

import re
import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import msgspec

from adloom_sdk.testing.consent import ConsentServer
from adloom_sdk.testing.faults import Fault, Faults, mangled
from adloom_sdk.testing.world import World, WorldAccount

MAX_JOURNAL = 20_000
Why = Literal[
    "no_token",
    "expired",
    "revoked",
    "scope",
    "app_not_approved",
    "account_disabled",
    "throttled",
    "not_found",
    "bad_request",
    "server_error",
    "sunset",
]


@dataclass(frozen=True)
class Request:
    """What came in. `path` begins with a slash; `host` is the platform's host that was meant, where several are played."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    host: str = ""
    mount: str = ""

    def public_url(self, path: str) -> str:
        """An address of this fake that whoever sent the request can reach."""
        return f"http://{self.headers.get('host', 'localhost')}{self.mount}{path}"

    @property
    def params(self) -> dict[str, str]:
        """The query's parameters; of a repeated one the last."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """A form's fields."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def all(self, name: str) -> list[str]:
        """Every value of a repeated parameter."""
        return parse_qs(self.query).get(name, [])

    def json(self) -> Any:
        """The body as JSON; {} where there is none."""
        return msgspec.json.decode(self.body) if self.body else {}


@dataclass(frozen=True)
class Answer:
    """What goes back: JSON unless `content` is given. `is_lost` drops the connection after the work was done."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    is_lost: bool = False
    is_cut: bool = False

    def wire(self) -> tuple[bytes, dict[str, str]]:
        """The bytes and headers as sent."""
        headers = {"content-type": "application/json", **self.headers}
        if self.content is not None:
            return self.content, headers
        return (b"" if self.body is None else msgspec.json.encode(self.body)), headers


@dataclass(frozen=True)
class Entry:
    """A line of the journal: no token, only a mark by which equal tokens are known."""

    at: datetime
    method: str
    path: str
    status: int
    fault: str = ""
    token_mark: str = ""


@dataclass
class Bucket:
    """How many calls the platform allows; refills with the world's clock."""

    per_second: float
    burst: float
    tokens: float = 0.0
    filled_at: datetime | None = None

    def take(self, now: datetime) -> float:
        """Take one, or say in how many seconds there is one."""
        if self.filled_at is None:
            self.tokens = self.burst
        else:
            self.tokens = min(self.burst, self.tokens + (now - self.filled_at).total_seconds() * self.per_second)
        self.filled_at = now
        if self.tokens < 1:
            return (1 - self.tokens) / self.per_second
        self.tokens -= 1
        return 0.0


Handler = Callable[..., Answer]


def route(method: str, pattern: str, *, is_open: bool = False, is_write: bool = False) -> Callable[[Handler], Handler]:
    """Mark a method as the answer to `method pattern`; `{name}` in the pattern becomes an argument. Open ones need no token."""

    def mark(handler: Handler) -> Handler:
        expression = re.compile("^" + re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(pattern)) + "/?$")
        routes = getattr(handler, "_routes", [])
        handler._routes = [*routes, (method, expression, is_open, is_write)]  # type: ignore[attr-defined]  # a mark on a function
        return handler

    return mark


class FakePlatform:
    """Base of all fakes. `host_names` are the hosts that it plays, `scopes_*` what its tokens may grant."""

    key: ClassVar[str]
    host_names: ClassVar[tuple[str, ...]] = ()
    read_scope: ClassVar[str] = "read"
    write_scope: ClassVar[str] = "write"
    token_lifetime_s: ClassVar[int] = 3600

    def __init__(self, world: World, *, page_size: int = 100, calls_per_second: float = 1000.0) -> None:
        self.world = world
        self.page_size = page_size
        self.faults = Faults(seed=world.seed)
        self.consent = ConsentServer(world.clock, lifetime_s=self.token_lifetime_s)
        self.journal: deque[Entry] = deque(maxlen=MAX_JOURNAL)
        self.bucket = Bucket(calls_per_second, max(10.0, calls_per_second / 5))
        self._guard = threading.Lock()
        self._routes = list(self._own_routes())

    # -- what a fake says ------------------------------------------------------------------------------------------

    def refusal(self, why: Why, *, retry_after_s: float = 30.0, detail: str = "") -> Answer:
        """How the platform words a refusal."""
        raise NotImplementedError  # each platform words its refusals itself, so there is nothing to inherit

    def token_of(self, request: Request) -> str:
        """The access token that a call carries."""
        return request.headers.get("authorization", "").removeprefix("Bearer ").strip()

    def undressed(self, shown_id: str) -> str:
        """The world's digits of an id as the platform shows it ("act_92810" → "92810"); overridden by fakes with other ids."""
        return shown_id.rpartition("_")[2]

    def config_for(self, account: WorldAccount) -> dict[str, str]:  # noqa: ARG002 - for those who override it
        """The settings of a connection that reaches this account; overridden where a connection is one shop or one profile."""
        return {}

    def usage_headers(self, request: Request) -> dict[str, str]:  # noqa: ARG002 - for those who override it
        """Headers that tell the caller how much of the budget is used."""
        return {}

    # -- answering -------------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Answer:
        """Answer one call; `/_sim/…` is the control side."""
        if request.path.startswith("/_sim/"):
            return self._controls(request)
        fault = self.faults.take(request.method, request.path)
        answer = self._faulty(fault, request) if fault else self._answer(request)
        headers = {**self.usage_headers(request), **answer.headers}
        answer = Answer(answer.body, answer.status, headers, answer.content, answer.is_lost, answer.is_cut)
        self._note(request, answer, fault)
        return answer

    def knows(self, request: Request) -> bool:
        """Whether one of its calls has this method and path."""
        return any(
            method == request.method and expression.match(request.path) for method, expression, *_ in self._routes
        )

    def transport(self) -> httpx.MockTransport:
        """The fake as a transport of httpx: calls without a socket, whatever the host."""
        return httpx.MockTransport(self._respond)

    def _respond(self, request: httpx.Request) -> httpx.Response:
        parts = urlsplit(str(request.url))
        answer = self.handle(
            Request(
                method=request.method,
                path=request.url.raw_path.decode().partition("?")[0],
                query=parts.query,
                headers={name.lower(): value for name, value in request.headers.items()},
                body=request.read(),
                host=parts.hostname or "",
            )
        )
        content, headers = answer.wire()
        if answer.is_lost:
            raise httpx.ReadTimeout("the answer was lost", request=request)
        if answer.is_cut:
            raise httpx.RemoteProtocolError("the body was cut", request=request)
        return httpx.Response(answer.status, headers=headers, content=content)

    def _answer(self, request: Request) -> Answer:
        wait_s = self.bucket.take(self.world.clock.now())
        for method, expression, is_open, is_write, handler in self._routes:
            match = expression.match(request.path) if method == request.method else None
            if match is None:
                continue
            if not is_open:
                if wait_s > 0:
                    return self.refusal("throttled", retry_after_s=max(1.0, wait_s))
                why = self.consent.why_refused(
                    self.token_of(request), self.write_scope if is_write else self.read_scope
                )
                if why:
                    return self.refusal(why)
            return handler(self, request, **match.groupdict())
        return self.refusal("not_found", detail=request.path)

    def _faulty(self, fault: Fault, request: Request) -> Answer:
        """What a fault makes of a call; those that concern the reply do the work first."""
        if fault.kind == "expire_token":
            self.consent.expire(self.token_of(request))
            return self._answer(request)
        if fault.kind in {"lost_response", "cut_body", "extra_field", "unknown_status", "html"}:
            answer = self._answer(request) if fault.kind != "html" else Answer()
            return mangled(answer, fault)
        if fault.kind == "slow":
            self.world.clock.sleep(fault.delay_s)
            return self._answer(request)
        return self.refusal(fault.kind, retry_after_s=fault.delay_s or 30.0)

    def _note(self, request: Request, answer: Answer, fault: Fault | None) -> None:
        mark = self.consent.mark(self.token_of(request))
        entry = Entry(
            self.world.clock.now(), request.method, request.path, answer.status, fault.kind if fault else "", mark
        )
        with self._guard:
            self.journal.append(entry)

    def _own_routes(self) -> Iterator[tuple[str, re.Pattern[str], bool, bool, Handler]]:
        for kind in type(self).__mro__:
            for handler in vars(kind).values():
                for method, expression, is_open, is_write in getattr(handler, "_routes", ()):
                    yield method, expression, is_open, is_write, handler

    # -- the control side: /_sim/… ---------------------------------------------------------------------------------

    def _controls(self, request: Request) -> Answer:
        call = f"{request.method} {request.path.removeprefix('/_sim/')}"
        actions: dict[str, Callable[[Request], Any]] = {
            "GET clock": lambda _: {"now": self.world.clock.now().isoformat()},
            "POST clock": self._set_clock,
            "GET faults": lambda _: self.faults.all(),
            "POST faults": lambda r: self.faults.add(msgspec.convert(r.json(), Fault)),
            "DELETE faults": lambda _: self.faults.clear(),
            "GET journal": lambda _: list(self.journal),
            "DELETE journal": lambda _: self.journal.clear(),
            "GET ledger": self._ledger,
            "GET accounts": lambda _: self.world.accounts,
            "GET entities": self._entities,
            "POST settings": self._settings,
            "POST tokens": self._issue,
        }
        action = actions.get(call)
        if action is None:
            return Answer({"error": "no such control", "known": sorted(actions)}, status=404)
        return Answer({"result": action(request)})

    def _set_clock(self, request: Request) -> dict[str, str]:
        asked = request.json()
        if "now" in asked:
            self.world.clock.set(datetime.fromisoformat(asked["now"]))
        self.world.clock.advance(float(asked.get("advance_s", 0)))
        return {"now": self.world.clock.now().isoformat()}

    def _ledger(self, request: Request) -> list[dict[str, Any]]:
        account = self.world.account(request.params["account"])
        since, until = date.fromisoformat(request.params["since"]), date.fromisoformat(request.params["until"])
        settled = request.params.get("settled", "1") == "1"
        found = self.world.ledger(account, since, until, settled=settled) if account else {}
        return [{"day": day.isoformat(), **msgspec.to_builtins(numbers)} for day, numbers in found.items()]

    def _entities(self, request: Request) -> list[Any]:
        account = self.world.account(request.params["account"])
        return list(self.world.entities(account, request.params.get("level", "campaign"))) if account else []

    def _settings(self, request: Request) -> dict[str, float]:
        asked = request.json()
        self.page_size = int(asked.get("page_size", self.page_size))
        self.bucket.per_second = float(asked.get("calls_per_second", self.bucket.per_second))
        return {"page_size": self.page_size, "calls_per_second": self.bucket.per_second}

    def _issue(self, request: Request) -> dict[str, str]:
        asked = request.json()
        scopes = tuple(asked.get("scopes", (self.read_scope, self.write_scope)))
        return self.consent.issue(scopes, lifetime=timedelta(seconds=float(asked.get("lifetime_s", 86_400))))

    def new_id(self) -> str:
        """A request id."""
        return secrets.token_hex(8)
