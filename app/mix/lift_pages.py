"""The page of lift tests: what was tried, what came of it, and a form for the next result."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, URLEncodedBody

from app.deps import AnyRequest
from app.mix.lift_schemas import Act, LiftTestRequest
from app.mix.lift_tests import add_lift_test, lift_tests, remove_lift_test
from app.mix.queries import paid_channels
from billing.plans import Entitlement, Plan
from kit.clock import today_in
from kit.db import ScopedSession
from kit.errors import FieldError, InvalidInput
from kit.format import day_range, multiple
from kit.web.access import access
from kit.web.forms import Form, refused_form
from kit.web.pages import redirect, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

_PAGE = "/w/{workspace_id:uuid}/attribution/lift-tests"
_SHOWN: dict[str, Any] = {"sync_to_thread": True, "include_in_schema": False}
_ALL_DAYS = 3650
_ACTS = (
    ("paused", "I paused it"),
    ("lowered", "I spent less on it"),
    ("raised", "I spent more on it"),
    ("study", "The platform or somebody else ran a study"),
)
_DID = {"paused": "Paused", "lowered": "Spent less", "raised": "Spent more", "study": "Study"}
_RESULTS = (("revenue", "Revenue that was missing or gained"), ("roi", "Return per unit of spend"))
Here = NamedDependency[WorkspaceRef]
Tenant = NamedDependency[ScopedSession]
FormData = URLEncodedBody[dict[str, str]]


@dataclass(frozen=True)
class LiftLine:
    """A test in the list."""

    id: str
    channel: str
    did: str
    days: str
    found: str
    between: str
    note: str


@dataclass(frozen=True)
class LiftPage:
    """`/w/{workspace}/attribution/lift-tests`."""

    base: str
    currency: str
    may_change: bool
    channels: tuple[tuple[str, str], ...]
    acts: tuple[tuple[str, str], ...]
    results: tuple[tuple[str, str], ...]
    tests: tuple[LiftLine, ...]
    form: Form


@get(_PAGE, **_SHOWN, **access(Permission.READ_DATA, entitlement=Entitlement.ATTRIBUTION, shows_sample=True))
def show_lift_tests(
    request: AnyRequest, session: Tenant, workspace: Here, plan: NamedDependency[Plan]
) -> Response[str]:
    """The tests, and the form; the address may carry what is known of the next one."""
    if not plan.includes(Entitlement.ATTRIBUTION):
        # The page before it tells what this is and what it costs.
        return redirect(request, f"/w/{workspace.id}/attribution")
    known = {name: request.query_params.get(name, "") for name in ("channel", "act", "starts_on", "ends_on")}
    return render(request, "mix/lift_tests.html", _page(session, workspace, Form(known)))


@post(_PAGE, **_SHOWN, **access(Permission.RUN_MODELS, entitlement=Entitlement.ATTRIBUTION))
def save_lift_test(
    request: AnyRequest, session: Tenant, workspace: Here, caller: NamedDependency[Principal], data: FormData
) -> Response[str]:
    """Keep a result."""
    try:
        asked = _request(data)
        add_lift_test(session, asked, today=today_in(workspace.timezone), actor_id=caller.signed_in().id)
    except InvalidInput as refusal:
        page = _page(session, workspace, refused_form(data, refusal))
        return render(request, "mix/lift_tests.html", page, status=422)
    return redirect(
        request,
        f"/w/{workspace.id}/attribution/lift-tests",
        flash="The test is kept. Work out the attribution again to see what it changes.",
        kind="good",
    )


@post(_PAGE + "/{test_id:uuid}/delete", **_SHOWN, **access(Permission.RUN_MODELS, entitlement=Entitlement.ATTRIBUTION))
def forget_lift_test(request: AnyRequest, session: Tenant, workspace: Here, test_id: FromPath[UUID]) -> Response[str]:
    """Forget a result."""
    remove_lift_test(session, test_id)
    return redirect(request, f"/w/{workspace.id}/attribution/lift-tests", flash="The test is forgotten.", kind="info")


def _page(session: ScopedSession, workspace: WorkspaceRef, form: Form) -> LiftPage:
    channels = paid_channels(session, today=today_in(workspace.timezone), days=_ALL_DAYS)
    return LiftPage(
        base=f"/w/{workspace.id}",
        currency=workspace.currency,
        may_change=workspace.allows(Permission.RUN_MODELS),
        channels=tuple((channel.key, channel.name) for channel in channels),
        acts=_ACTS,
        results=_RESULTS,
        tests=tuple(
            LiftLine(
                id=str(one.id),
                channel=one.channel,
                did=_DID[one.act],
                days=day_range(one.starts_on, one.ends_on),
                found=multiple(one.roi),
                between=f"{multiple(one.roi_low)} to {multiple(one.roi_high)}",
                note=one.note,
            )
            for one in lift_tests(session)
        ),
        form=form,
    )


def _request(data: Mapping[str, str]) -> LiftTestRequest:
    """What was typed. Raises InvalidInput that names the field."""
    if data.get("act") not in set(Act):
        raise _unreadable("Choose what was done.", "act")
    result = _number(data, "result")
    if result is None:
        raise _unreadable("Enter what came of it.", "result")
    is_money = data.get("result_kind") == "revenue"
    return LiftTestRequest(
        channel=data.get("channel", ""),
        act=Act(data["act"]),
        starts_on=_day(data, "starts_on"),
        ends_on=_day(data, "ends_on"),
        revenue=result if is_money else None,
        roi=None if is_money else result,
        low=_number(data, "low"),
        high=_number(data, "high"),
        note=data.get("note", "")[:300],
    )


def _number(data: Mapping[str, str], field: str) -> float | None:
    typed = data.get(field, "").strip().replace("\u00a0", "").replace(" ", "")
    if not typed:
        return None
    try:
        value = float(typed.replace(",", ".") if typed.count(",") == 1 and "." not in typed else typed.replace(",", ""))
    except ValueError:
        raise _unreadable("Enter a number such as 1200 or 2.5.", field) from None
    if not -1e12 <= value <= 1e12:
        raise _unreadable("Enter a number such as 1200 or 2.5.", field)
    return value


def _day(data: Mapping[str, str], field: str) -> date:
    try:
        return date.fromisoformat(data.get(field, ""))
    except ValueError:
        raise _unreadable("Enter a day such as 2026-11-21.", field) from None


def _unreadable(message: str, field: str) -> InvalidInput:
    return InvalidInput("The lift test cannot be read.", message, [FieldError(message, field)])


HANDLERS: list[BaseRouteHandler] = [show_lift_tests, save_lift_test, forget_lift_test]
