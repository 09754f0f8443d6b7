"""What every route must declare about who may use it. A route without a declaration is refused by the gate (`app/gate.py`).

@get("/w/{workspace_id:uuid}/imports", **access(Permission.READ_DATA), …)
@post("/api/v1/forecasts", **access(Permission.RUN_MODELS, entitlement=Entitlement.FORECAST), …)
@post("/api/v1/jobs/{job_id:uuid}/retry", **access(Permission.MANAGE_JOBS, raises=(Conflict,)), …)
"""

from dataclasses import dataclass
from typing import Any, Literal

from litestar.handlers import BaseRouteHandler

from kit.errors import AdloomError

Audience = Literal["everyone", "signed_in", "member"]


@dataclass(frozen=True)
class Access:
    """Who may call a route: `everyone`, anybody `signed_in`, or a `member` of the workspace whose role has `permission`.

    `entitlement` names what the workspace's plan must include; with `shows_sample` the page itself answers for a plan
    without it, by showing its sample and the price. `is_api_basic` routes need no plan with API access.
    `raises` are the refusals that the rest of the declaration does not tell; the API's description lists them all.
    """

    audience: Audience
    permission: str | None = None
    entitlement: str | None = None
    shows_sample: bool = False
    is_api_basic: bool = False
    raises: tuple[type[AdloomError], ...] = ()


def access(
    permission: str,
    *,
    entitlement: str | None = None,
    shows_sample: bool = False,
    is_api_basic: bool = False,
    raises: tuple[type[AdloomError], ...] = (),
) -> dict[str, Any]:
    """For members of the workspace whose role has `permission` and whose plan includes `entitlement`."""
    return {"opt": {"access": Access("member", permission, entitlement, shows_sample, is_api_basic, raises)}}


def for_signed_in() -> dict[str, Any]:
    """For anybody who is signed in, whatever the workspace."""
    return {"opt": {"access": Access("signed_in", is_api_basic=True)}}


def for_everyone(*, raises: tuple[type[AdloomError], ...] = ()) -> dict[str, Any]:
    """For the whole world."""
    return {"opt": {"access": Access("everyone", is_api_basic=True, raises=raises)}}


def declared_access(handler: BaseRouteHandler) -> Access | None:
    """What a route declared, or None where it forgot to."""
    declared = handler.opt.get("access")
    return declared if isinstance(declared, Access) else None
