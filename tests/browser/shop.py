"""What the pages show: a shop with data and answers, one that has just begun, one on the Free plan, and one that is connected."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from app.campaigns.detail import campaign_by_id
from app.mix.sample import build_sample
from app.offers.models import Offer
from app.performance.anomaly_finding import look_for_anomalies
from app.performance.campaigns.asking import COLUMNS
from kit.clock import today_in
from kit.db import ScopedSession
from kit.storage import open_storage
from tests.browser.connected_shop import ConnectedShop
from tests.creatives.gallery import Gallery
from tests.installation import Installation
from tests.mix.path_world import population, tell
from tests.people import Person, make_person
from tests.predictions.buyers import Buyers
from tests.stories.program import Program

EXAMPLES = Path(__file__).parents[2] / "examples"
NOBODY = "019aa000-0000-7000-8000-000000000000"
_DOUBTFUL = b"date;channel;spend;revenue\n03/04/2026;Email;1,50;2,00\n04/05/2026;Email;2,50;3,00\n"
_DOUBTFUL_ORDERS = b"customer;date;amount;order no\nA;03/04/2026;1,50;1\nB;04/05/2026;2,50;2\n"


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
        told_of = _told_of_customers(program)
        with installation.planes.begin_tenant(people["owner"].tenant) as session:
            look_for_anomalies(session, today=today_in("UTC"), progress=lambda _share, _sentence: None)
            tell(session, population(400))
        _told_of_events(program)
        for path, question in (
            ("/attribution/runs", {}),
            ("/forecasts", {"horizon_days": 60, "country": "US"}),
            ("/attribution/paths", {}),
            ("/budget/optimize", {"name": "Careful", "max_change": 0.3}),
            ("/budget/optimize", {"name": "Bold", "max_change": 1.0}),
        ):
            _answered(program, path, question)
    return Shop(people, {"import": import_id, "doubtful": doubtful_id} | told_of)


def open_connected_shop(installation: Installation) -> Shop:
    """Platforms connected and read on Premium, a few campaigns on Free, and a workspace where nothing is connected yet."""
    names = {"owner": ("Olive Owner", "premium"), "newcomer": ("Noah New", "premium"), "free": ("Flo Free", "free")}
    people = {
        who: make_person(installation.settings, installation.planes, name=name, plan=plan)
        for who, (name, plan) in names.items()
    }
    with installation.planes.begin_tenant(people["owner"].tenant) as session:
        places = ConnectedShop(session, people["owner"]).everything()
        gallery = Gallery(session, of_campaign=campaign_by_id(session, UUID(places["small"])))
        gallery.usual()
        gallery.read()
        places |= {"ad": str(gallery.numbers["Tired video"])} | learnt_customers(session)
    with installation.planes.begin_tenant(people["free"].tenant) as session:
        little = ConnectedShop(session, people["free"]).a_little()
    return Shop(people, places | {f"free_{name}": value for name, value in little.items()})


def learnt_customers(session: ScopedSession) -> dict[str, str]:
    """Customers who have been learnt from, and offers of which two are shown often enough."""
    buyers = Buyers(session)
    buyers.buy(700, days=560)
    made = [
        Offer(name="Free shipping", description="From $40 on", margin_micros=9_000_000, cost_micros=100_000),
        Offer(name="10 % off", margin_micros=7_500_000, usual_margin_micros=11_000_000),
        Offer(name="Birthday gift", margin_micros=6_000_000, cost_micros=2_500_000),
        Offer(name="Printed catalogue", margin_micros=12_000_000, cost_micros=3_000_000, state="retired"),
    ]
    session.add_all(made)
    session.flush()
    for seed, (name, times, rate) in enumerate(
        (("Free shipping", 420, 0.14), ("10 % off", 380, 0.24), ("Birthday gift", 35, 0.12), ("none", 260, 0.0))
    ):
        buyers.show(name, times=times, rate=rate, seed=seed)
    buyers.train()
    buyers.choose()
    return {"offer": str(made[0].id)}


def _imported(program: Program, name: str, content: bytes) -> str:
    started = program.call("POST", "/imports", files={"file": (name, content, "text/csv")})
    assert started.status_code == 202, started.text
    return str(program.until_over(f"/imports/{started.json()['id']}")["id"])


def _told_of_customers(program: Program) -> dict[str, str]:
    """A file about customers that was read, with two rows that were not, one that waits for an answer, and one of the customers."""
    content = (EXAMPLES / "customer-events.csv").read_bytes() + b"C-1001,yesterday,order,5\nC-1001,2026-05-02,gift,5\n"
    read = program.call("POST", "/customers/upload", files={"file": ("spring.csv", content, "text/csv")}).json()
    program.until_over(f"/customers/uploads/{read['id']}")
    open_ = program.call(
        "POST", "/customers/upload", files={"file": ("which-day.csv", _DOUBTFUL_ORDERS, "text/csv")}
    ).json()
    best = program.call("GET", "/customers?q=C-10&sort=-orders&page_size=1").json()["items"][0]
    return {"upload": str(read["id"]), "doubtful_upload": str(open_["id"]), "customer": str(best["id"])}


def _told_of_events(program: Program) -> None:
    """A sale that comes again, a stock-out, and a launch of which the history has seen nothing."""
    today = today_in("UTC")
    for name, first, days in (
        ("Autumn sale", today - timedelta(days=70), 4),
        ("Out of stock: winter boots, the whole of the women's range", today - timedelta(days=40), 9),
        ("Newsletter", today - timedelta(days=33), 1),
        ("Autumn sale", today + timedelta(days=12), 3),
        ("Launch of the new collection", today + timedelta(days=20), 1),
    ):
        event = {"name": name, "starts_on": str(first), "ends_on": str(first + timedelta(days=days - 1))}
        assert program.call("POST", "/calendar/events", json=event).status_code == 201


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
        "anomalies": "anomalies",
        "anomalies-withdrawn": "anomalies?state=withdrawn",
        "benchmarks": "benchmarks",
        "benchmarks-industry": "benchmarks?industry=travel",
        "start": "start",
        "imports": "imports",
        "import-result": "imports/{import}",
        "import-question": "imports/{doubtful}",
        "customers": "customers",
        "customers-filtered": "customers?orders_from=3&country=NO",
        "customers-nothing-fits": "customers?q=nobody",
        "customer": "customers/{customer}",
        "customer-uploads": "customers/uploads",
        "customer-upload-result": "customers/uploads/{upload}",
        "customer-upload-question": "customers/uploads/{doubtful_upload}",
        "channels": "channels",
        "attribution": "attribution",
        "attribution-model": "attribution/model",
        "attribution-paths": "attribution/paths?model=shapley",
        "attribution-lift-tests": "attribution/lift-tests?act=paused",
        "forecast": "forecast",
        "events": "events",
        "track-record": "predictions",
        "experiments": "experiments",
        "budget": "budget",
        "budget-side-by-side": "budget?what_if=today&what_if=less_20&what_if=more_20&what_if=any_step&step=0.1",
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
        *(
            Look(f"{name.replace('/', '-')}-empty", f"/w/{{w}}/{name}", "newcomer")
            for name in (
                "overview",
                "anomalies",
                "benchmarks",
                "events",
                "attribution",
                "attribution/paths",
                "imports",
                "customers",
            )
        ),
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
        "creatives": "creatives",
        "creative": "creatives/{ad}",
        "who-will-buy": "predictions/customers",
        "who-will-buy-narrowed": "predictions/customers?sort=gain&act=test",
        "offers": "offers",
        "offer": "offers/{offer}",
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
        "creatives": "creatives",
        "who-will-buy": "predictions/customers",
        "offers": "offers",
        "campaigns-platforms": "campaigns/platforms",
        "campaigns-ranking": "campaigns/ranking",
        "campaigns-changes": "campaigns/changes",
        "syncs": "sync",
        "syncs-reconciliation": "sync/reconciliation",
    }
    locked = {
        "connect-meta": "connections/new/meta_ads",
        "who-will-buy": "predictions/customers",
        "offers": "offers",
        "campaigns": "campaigns",
        "campaigns-change": "campaigns/change?kind=pause&campaign={free_campaign}",
        "campaign": "campaigns/{free_campaign}",
    }
    return [
        *(Look(name, "/w/{w}/" + path, "owner", shop="connected_shop") for name, path in full.items()),
        *(Look(f"{name}-empty", "/w/{w}/" + path, "newcomer", shop="connected_shop") for name, path in empty.items()),
        *(Look(f"{name}-locked", "/w/{w}/" + path, "free", shop="connected_shop") for name, path in locked.items()),
    ]
