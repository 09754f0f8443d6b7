"""What the sandbox says and lets you do about itself: overview, control page, faults, changes, health."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath, FromQuery, JSONBody, URLEncodedBody
from litestar.response import Redirect

from sandbox.changes import Changes, WaitSeconds
from sandbox.faults import MAX_DELAY_S, MAX_TIMES, Fault, UnknownFault
from sandbox.pages import page
from sandbox.part import Part, World

AnyRequest = Request[Any, Any, Any]


class FaultOrder(msgspec.Struct, frozen=True):
    """The next `times` deliveries of this kind go wrong; `delay_s` matters for the kinds that wait."""

    kind: str
    times: Annotated[int, msgspec.Meta(ge=1, le=MAX_TIMES)] = 1
    delay_s: Annotated[float, msgspec.Meta(ge=0, le=MAX_DELAY_S)] = 2.0


@get("/")
async def overview(request: AnyRequest) -> Response[str]:
    """Every part at a glance."""
    return page(request, "overview.html")


@get("/control")
async def control_page(request: AnyRequest, world: NamedDependency[World]) -> Response[str]:
    """Faults and clearing."""
    return page(request, "control.html", faults=world.faults.all(), max_times=MAX_TIMES, max_delay_s=MAX_DELAY_S)


@post("/control/faults")
async def arm_from_page(world: NamedDependency[World], data: URLEncodedBody[FaultOrder]) -> Redirect:
    """The control page's form."""
    _arm(world, data)
    return Redirect("/control", status_code=303)


@post("/control/faults/disarm")
async def disarm_from_page(world: NamedDependency[World]) -> Redirect:
    """The control page's other button."""
    world.faults.disarm()
    return Redirect("/control", status_code=303)


@post("/control/clear/{name:str}")
async def clear_from_page(request: AnyRequest, name: FromPath[str]) -> Redirect:
    """Forget what one part received, and go back to its page."""
    part = next((part for part in _parts(request) if part.name == name), None)
    if part is None:
        raise NotFoundException(f"There is no part “{name}”.")
    part.clear()
    return Redirect(part.path, status_code=303)


@get("/api/faults")
async def list_faults(world: NamedDependency[World]) -> dict[str, Any]:
    """Every fault that can be armed, with its state."""
    return {"faults": [_document(fault) for fault in world.faults.all()]}


@post("/api/faults")
async def arm_fault(world: NamedDependency[World], data: JSONBody[FaultOrder]) -> dict[str, Any]:
    """Arm a fault; replaces what was armed of this kind."""
    return _document(_arm(world, data))


@delete("/api/faults")
async def disarm_faults(world: NamedDependency[World]) -> None:
    """Everything works again."""
    world.faults.disarm()


@get("/api/changes")
async def next_change(
    changes: NamedDependency[Changes], seen: FromQuery[int] = -1, wait_s: WaitSeconds = 0
) -> dict[str, int]:
    """The number of the latest change; waits up to `wait_s` for one that differs from `seen`."""
    await changes.wait_until(lambda: changes.revision != seen, wait_s=wait_s)
    return {"revision": changes.revision}


@get("/health")
async def health(request: AnyRequest) -> dict[str, Any]:
    """Up, and what each part says of itself."""
    return {"status": "ok", "parts": {part.name: part.facts() for part in _parts(request)}}


def _parts(request: AnyRequest) -> list[Part]:
    parts: list[Part] = request.app.state.parts
    return parts


def _arm(world: World, order: FaultOrder) -> Fault:
    try:
        return world.faults.arm(order.kind, times=order.times, delay_s=order.delay_s)
    except UnknownFault as error:
        raise ClientException(str(error)) from error


def _document(fault: Fault) -> dict[str, Any]:
    return {
        "kind": fault.kind.name,
        "effect": fault.kind.effect,
        "times_left": fault.times_left,
        "times_done": fault.times_done,
        "delay_s": fault.delay_s,
    }


HANDLERS = [
    overview,
    control_page,
    arm_from_page,
    disarm_from_page,
    clear_from_page,
    list_faults,
    arm_fault,
    disarm_faults,
    next_change,
    health,
]
