"""Landing page, onboarding checklist, help, and the style guide."""

from dataclasses import dataclass

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler

from app.site.onboarding import Step, checklist
from billing.plans import PLANS, Plan, price_label
from kit.db import ScopedSession
from kit.web.access import access, for_everyone
from kit.web.pages import AnyRequest, redirect, render
from kit.web.styleguide import styleguide_context
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef


@dataclass(frozen=True)
class PlanCard:
    """A plan on the landing page."""

    name: str
    price: str
    promise: str


@dataclass(frozen=True)
class LandingPage:
    """What a visitor sees first."""

    plans: list[PlanCard]


@dataclass(frozen=True)
class StartPage:
    """The onboarding checklist."""

    steps: list[Step]
    done: int


@get("/", sync_to_thread=False, include_in_schema=False, **for_everyone())
def landing(request: AnyRequest, caller: NamedDependency[Principal]) -> Response[str]:
    """The product in a screen; somebody who is signed in goes on to their workspace."""
    if caller.user is not None:
        if not caller.workspaces:
            return redirect(request, "/workspaces/new")
        return redirect(request, f"/w/{caller.workspaces[0][0]}/overview")
    plans = [PlanCard(plan.name, price_label(plan), plan.promise) for plan in PLANS.values()]
    return render(request, "site/landing.html", LandingPage(plans))


@get("/w/{workspace_id:uuid}", sync_to_thread=False, include_in_schema=False, **access(Permission.READ_DATA))
def workspace_home(request: AnyRequest, workspace: NamedDependency[WorkspaceRef]) -> Response[str]:
    """A workspace starts with its overview."""
    return redirect(request, f"/w/{workspace.id}/overview")


@get("/w/{workspace_id:uuid}/start", sync_to_thread=True, include_in_schema=False, **access(Permission.READ_DATA))
def start(
    request: AnyRequest,
    session: NamedDependency[ScopedSession],
    caller: NamedDependency[Principal],
    workspace: NamedDependency[WorkspaceRef],
    plan: NamedDependency[Plan],
) -> Response[str]:
    """What to do first, and what is done already."""
    steps = checklist(session, user=caller.signed_in(), workspace=workspace, plan=plan)
    return render(request, "site/start.html", StartPage(steps, sum(step.is_done for step in steps)))


@get("/help", sync_to_thread=False, include_in_schema=False, **for_everyone())
def help_page(request: AnyRequest) -> Response[str]:
    """Where to find what."""
    return render(request, "site/help.html")


@get("/styleguide", sync_to_thread=False, include_in_schema=False, **for_everyone())
def styleguide(request: AnyRequest) -> Response[str]:
    """Every component, for whoever builds pages."""
    return render(request, "styleguide.html", styleguide_context())


HANDLERS: list[BaseRouteHandler] = [landing, workspace_home, start, help_page, styleguide]
