"""A place to send webhooks and Slack messages to: `POST /webhooks/{name}` and `POST /slack/{name}` with any name."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, Router, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from sandbox.changes import Changes, WaitSeconds
from sandbox.faults import FaultKind
from sandbox.journal import Journal
from sandbox.pages import page
from sandbox.part import World

AnyRequest = Request[Any, Any, Any]
SERVER_ERROR = FaultKind("webhook_500", "Webhooks and Slack messages are answered with status 500.")


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One call as it came, and the status that it was answered with."""

    id: int
    kind: str
    name: str
    received_at: datetime
    query: str
    headers: list[tuple[str, str]]
    body: bytes
    answered: int

    @property
    def text(self) -> str | None:
        """The body as text; None where it is not text."""
        try:
            return self.body.decode()
        except UnicodeDecodeError:
            return None

    @property
    def payload(self) -> Any:
        """The body as JSON; None where it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def pretty(self) -> str:
        """The body as people read it."""
        if self.payload is not None:
            return json.dumps(self.payload, indent=2, ensure_ascii=False)
        return self.text if self.text is not None else f"{len(self.body)} bytes that are not text"


class Deliveries(Journal[Delivery]):
    """Every delivery that is kept."""

    def matching(self, *, name: str | None, kind: str | None, after: int) -> list[Delivery]:
        """Those newer than number `after` of this name and kind, newest first."""
        return [
            delivery
            for delivery in self
            if delivery.id > after and name in (None, delivery.name) and kind in (None, delivery.kind)
        ]


class Webhooks:
    """Keeps what was delivered; see `sandbox.part.Part`."""

    name = "webhooks"
    title = "Webhooks"
    path = "/webhooks"
    summary = "Takes webhooks at /webhooks/any-name and Slack messages at /slack/any-name."
    fault_kinds: tuple[FaultKind, ...] = (SERVER_ERROR,)

    def __init__(self, world: World) -> None:
        self._world = world
        self.deliveries = Deliveries(world.data_dir / "webhooks.jsonl", Delivery, world.changes)

    def facts(self) -> dict[str, str]:
        """See `Part.facts`."""
        return {"Deliveries": str(len(self.deliveries))}

    def router(self) -> Router:
        """See `Part.router`."""
        deliveries = Provide(lambda: self.deliveries, sync_to_thread=False)
        return Router(path="/", route_handlers=HANDLERS, dependencies={"deliveries": deliveries})

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """See `Part.running`."""
        yield

    def clear(self) -> None:
        """See `Part.clear`."""
        self.deliveries.clear()


@post("/webhooks/{name:str}", status_code=200)
async def receive_webhook(
    request: AnyRequest, deliveries: NamedDependency[Deliveries], world: NamedDependency[World], name: FromPath[str]
) -> Response[Any]:
    """Take any body; answers its number."""
    if world.faults.take(SERVER_ERROR):
        await _keep(request, deliveries, world, kind="webhook", name=name, answered=500)
        return Response({"detail": "Failed, as the sandbox was told."}, status_code=500)
    delivery = await _keep(request, deliveries, world, kind="webhook", name=name, answered=200)
    return Response({"received": delivery.id})


@post("/slack/{name:str}", status_code=200)
async def receive_slack(
    request: AnyRequest, deliveries: NamedDependency[Deliveries], world: NamedDependency[World], name: FromPath[str]
) -> Response[str]:
    """Answer as Slack's incoming webhooks do: `ok`, `invalid_payload` or `no_text`."""
    status, words = _slack_answer(await request.body())
    if world.faults.take(SERVER_ERROR):
        status, words = 500, "internal_error"
    await _keep(request, deliveries, world, kind="slack", name=name, answered=status)
    return Response(words, status_code=status, media_type=MediaType.TEXT)


@get("/webhooks")
async def list_page(request: AnyRequest, deliveries: NamedDependency[Deliveries]) -> Response[str]:
    """Every delivery, newest first."""
    return page(request, "webhooks.html", deliveries=list(deliveries))


@get("/api/webhooks")
async def list_deliveries(
    deliveries: NamedDependency[Deliveries],
    changes: NamedDependency[Changes],
    name: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
    after: FromQuery[int] = 0,
    wait_s: WaitSeconds = 0,
) -> dict[str, Any]:
    """Deliveries newer than number `after`, newest first; waits up to `wait_s` for the first one."""
    found = await changes.wait_until(lambda: deliveries.matching(name=name, kind=kind, after=after), wait_s=wait_s)
    return {"webhooks": [_document(delivery) for delivery in found]}


@get("/api/webhooks/latest")
async def latest_delivery(
    deliveries: NamedDependency[Deliveries],
    changes: NamedDependency[Changes],
    name: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
    after: FromQuery[int] = 0,
    wait_s: WaitSeconds = 0,
) -> dict[str, Any]:
    """The newest delivery (of this name and kind, after this number); 404 where none came within `wait_s`."""
    found = await changes.wait_until(lambda: deliveries.matching(name=name, kind=kind, after=after), wait_s=wait_s)
    if not found:
        raise NotFoundException(f"Nothing{f' for {name}' if name else ''} has been delivered.")
    return _document(found[0])


@delete("/api/webhooks")
async def clear_deliveries(deliveries: NamedDependency[Deliveries]) -> None:
    """Forget every delivery; numbers go on counting."""
    deliveries.clear()


async def _keep(
    request: AnyRequest, deliveries: Deliveries, world: World, *, kind: str, name: str, answered: int
) -> Delivery:
    body = await request.body()
    return deliveries.add(
        lambda number: Delivery(
            id=number,
            kind=kind,
            name=name[:100],
            received_at=world.now(),
            query=request.url.query,
            headers=[(str(key), value) for key, value in request.headers.multi_items()],
            body=body,
            answered=answered,
        )
    )


def _slack_answer(body: bytes) -> tuple[int, str]:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return 400, "invalid_payload"
    if not isinstance(message, dict):
        return 400, "invalid_payload"
    has_content = any(message.get(key) for key in ("text", "blocks", "attachments"))
    return (200, "ok") if has_content else (400, "no_text")


def _document(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "kind": delivery.kind,
        "name": delivery.name,
        "received_at": delivery.received_at,
        "query": delivery.query,
        "headers": delivery.headers,
        "body": delivery.text,
        "body_base64": b64encode(delivery.body).decode(),
        "json": delivery.payload,
        "answered": delivery.answered,
    }


HANDLERS = [receive_webhook, receive_slack, list_page, list_deliveries, latest_delivery, clear_deliveries]
