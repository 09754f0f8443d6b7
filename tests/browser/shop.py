"""What the pages show: a shop with data and answers, one that has just begun, one on the Free plan, and one that is connected."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from app.mix.sample import build_sample
from app.performance.campaigns.asking import COLUMNS
from kit.storage import open_storage
from tests.browser.connected_shop import ConnectedShop
from tests.installation import Installation
from tests.people import Person, make_person
from tests.stories.program import Program

EXAMPLES = Path(__file__).parents[2] / "examples"
NOBODY = "019aa000-0000-7000-8000-000000000000"
_DOUBTFUL = b"date;channel;spend;revenue\n03/04/2026;Email;1,50;2,00\n04/05/2026;Email;2,50;3,00\n"


@dataclass(frozen=True)
class Look:
    """A page to look at: its name in pictures, its address, who looks, and in which shop (the name of its fixture)."""

    name: str
    path: str
    who: str = "visitor"
    status: int = 200
    shop: str = "shop"


@dataclass(frozen=True)
class Shop:
    """The people that look, and the ids in the addresses of their pages."""

    people: dict[str, Person]
    places: dict[str, str] = field(default_factory=dict)

    def address(self, look: Look) -> str:
        """The look's path with the ids of this shop."""
        path, person = look.path, self.people.get(look.who)
        for name, value in {**self.places, "w": str(person.workspace_id) if person else ""}.items():
            path = path.replace(f"{{{name}}}", value)
        return path


def open_shop(installation: Installation, file: Path) -> Shop:
    """Import the file, leave another one waiting for an answer, and work out all three decisions."""
    build_sample(open_storage(installation.settings), progress=lambda _share, _sentence: None, days=150)
    names = {"owner": ("Olive Owner", "premium"), "newcomer": ("Noah New", "premium"), "free": ("Flo Free", "free")}
    people = {
        who: make_person(installation.settings, installation.planes, name=name, plan=plan)
        for who, (name, plan) in names.items()
    }
    with installation.browserless() as http:
        program = Program.of(installation, http, people["owner"])
        import_id = _imported(program, file.name, file.read_bytes())
        doubtful_id = _imported(program, "which-day.csv", _DOUBTFUL)
        for path, question in (
            ("/attribution/runs", {}),
            ("/forecasts", {"horizon_days": 60}),
            ("/budget/optimize", {"name": "Careful", "max_change": 0.3}),
            ("/budget/optimize", {"name": "Bold", "max_change": 1.0}),
        ):
            _answered(program, path, question)
    return Shop(people, {"import": import_id, "doubtful": doubtful_id})


def open_connected_shop(installation: Installation) -> Shop:
    """Platforms connected and read on Premium, a few campaigns on Free, and a workspace where nothing is connected yet."""
    names = {"owner": ("Olive Owner", "premium"), "newcomer": ("Noah New", "premium"), "free": ("Flo Free", "free")}
    people = {
        who: make_person(installation.settings, installation.planes, name=name, plan=plan)
        for who, (name, plan) in names.items()
    }
    with installation.planes.begin_tenant(people["owner"].tenant) as session:
        places = ConnectedShop(session, people["owner"]).everything()
    with installation.planes.begin_tenant(people["free"].tenant) as session:
        little = ConnectedShop(session, people["free"]).a_little()
    return Shop(people, places | {f"free_{name}": value for name, value in little.items()})


def _imported(program: Program, name: str, content: bytes) -> str:
    started = program.call("POST", "/imports", files={"file": (name, content, "text/csv")})
    assert started.status_code == 202, started.text
    return str(program.until_over(f"/imports/{started.json()['id']}")["id"])


def _answered(program: Program, path: str, question: dict[str, Any]) -> None:
    started: httpx.Response = program.call("POST", path, json=question)
    finished = program.until_over(started.json()["href"].removeprefix("/api/v1"))
    assert finished["state"] == "done", finished["problem"]


def looks() -> list[Look]:
    """Every page, in its important states; what stands in braces is filled in for the shop."""
    return [*_looks_at_decisions(), *_looks_at_platforms()]


def _looks_at_decisions() -> list[Look]:
    inside = {
        "overview": "overview",
        "overview-all-time": "overview?period=all_time",
        "overview-channel": "overview?channel=email&compare=last_year",
        "overview-alone": "overview?compare=none",
        "start": "start",
        "imports": "imports",
        "import-result": "imports/{import}",
        "import-question": "imports/{doubtful}",
        "channels": "channels",
        "attribution": "attribution",
        "attribution-model": "attribution/model",
        "attribution-lift-tests": "attribution/lift-tests?act=paused",
        "forecast": "forecast",
        "track-record": "predictions",
        "experiments": "experiments",
        "budget": "budget",
        "jobs": "jobs",
        "team": "settings/team",
        "settings": "settings",
        "billing": "billing",
    }
    public = {
        "landing": "/",
        "sign-up": "/sign-up",
        "sign-in": "/sign-in",
        "password-reset": "/password-reset",
        "password-reset-confirm": "/password-reset/confirm?token=x",
        "verify-email": "/verify-email?token=x",
        "help": "/help",
        "styleguide": "/styleguide",
    }
    return [
        *(Look(name, path) for name, path in public.items()),
        *(Look(name, "/w/{w}/" + path, "owner") for name, path in inside.items()),
        Look("overview-unknown", "/w/{w}/overview?channel=carrier_pigeon", "owner", status=422),
        Look("account", "/account", "owner"),
        Look("workspace-new", "/workspaces/new", "owner"),
        Look("not-found", f"/w/{NOBODY}/overview", "owner", status=404),
        *(Look(f"{name}-empty", f"/w/{{w}}/{name}", "newcomer") for name in ("overview", "attribution", "imports")),
        *(Look(f"{name}-locked", f"/w/{{w}}/{name}", "free") for name in ("attribution", "forecast", "budget")),
    ]


def _looks_at_platforms() -> list[Look]:
    """Connections, campaigns and syncs: full, empty, and on the Free plan."""
    full = {
        "connections": "connections",
        "connections-search": "connections?q=google",
        "connections-search-nothing": "connections?q=billboards",
        "connection": "connections/{connection}",
        "connection-choosing": "connections/{choosing}",
        "connection-expired": "connections/{expired}",
        "connections-plugins": "connections/plugins",
        "connect-meta": "connections/new/meta_ads",
        "connect-shopify": "connections/new/shopify",
        "campaigns": "campaigns",
        "campaigns-filtered": "campaigns?platform=google_ads&status=active&channel=google_ads",
        "campaigns-all-columns": "campaigns?q=Brand&columns=" + ",".join(COLUMNS),
        "campaigns-nothing-fits": "campaigns?q=billboards",
        "campaigns-platforms": "campaigns/platforms",
        "campaigns-ranking": "campaigns/ranking",
        "campaigns-changes": "campaigns/changes",
        "campaigns-change-pause": "campaigns/change?kind=pause&campaign={campaign}&campaign={paused}",
        "campaigns-change-budget": (
            "campaigns/change?kind=set_daily_budget&budget=600&campaign={campaign}&campaign={small}&campaign={shared}"
        ),
        "campaign": "campaigns/{campaign}",
        "campaigns-plans": "campaigns?platform=plans",
        "campaign-plan": "campaigns/{plan}",
        "campaign-plan-new": "campaigns/plans/new",
        "campaign-plan-edit": "campaigns/{plan}/edit",
        "syncs": "sync",
        "syncs-account": "sync?account={account}",
        "syncs-reconciliation": "sync/reconciliation?account={account}",
    }
    empty = {
        "connections": "connections",
        "campaigns": "campaigns",
        "campaigns-platforms": "campaigns/platforms",
        "campaigns-ranking": "campaigns/ranking",
        "campaigns-changes": "campaigns/changes",
        "syncs": "sync",
        "syncs-reconciliation": "sync/reconciliation",
    }
    locked = {
        "connect-meta": "connections/new/meta_ads",
        "campaigns": "campaigns",
        "campaigns-change": "campaigns/change?kind=pause&campaign={free_campaign}",
        "campaign": "campaigns/{free_campaign}",
    }
    return [
        *(Look(name, "/w/{w}/" + path, "owner", shop="connected_shop") for name, path in full.items()),
        *(Look(f"{name}-empty", "/w/{w}/" + path, "newcomer", shop="connected_shop") for name, path in empty.items()),
        *(Look(f"{name}-locked", "/w/{w}/" + path, "free", shop="connected_shop") for name, path in locked.items()),
    ]
