"""What the pages show: a shop with data and answers, one that has just begun, and one on the Free plan."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from app.mix.sample import build_sample
from kit.storage import open_storage
from tests.installation import Installation
from tests.people import Person, make_person
from tests.stories.program import Program

EXAMPLES = Path(__file__).parents[2] / "examples"
NOBODY = "019aa000-0000-7000-8000-000000000000"
_DOUBTFUL = b"date;channel;spend;revenue\n03/04/2026;Email;1,50;2,00\n04/05/2026;Email;2,50;3,00\n"


@dataclass(frozen=True)
class Look:
    """A page to look at: its name in pictures, its address, and who looks."""

    name: str
    path: str
    who: str = "visitor"
    status: int = 200


@dataclass(frozen=True)
class Shop:
    """The people that look, and the runs and imports that their pages show."""

    people: dict[str, Person]
    import_id: str
    doubtful_id: str
    busy_job_id: str = ""


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
    return Shop(people, import_id, doubtful_id)


def _imported(program: Program, name: str, content: bytes) -> str:
    started = program.call("POST", "/imports", files={"file": (name, content, "text/csv")})
    assert started.status_code == 202, started.text
    return str(program.until_over(f"/imports/{started.json()['id']}")["id"])


def _answered(program: Program, path: str, question: dict[str, Any]) -> None:
    started: httpx.Response = program.call("POST", path, json=question)
    finished = program.until_over(started.json()["href"].removeprefix("/api/v1"))
    assert finished["state"] == "done", finished["problem"]


def looks() -> list[Look]:
    """Every page, in its important states; `{w}`, `{import}` and `{doubtful}` are filled in for the shop."""
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
        "forecast": "forecast",
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
