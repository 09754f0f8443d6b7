"""The page on paths put together: which run, how far it is, its table and chart, and the form for the next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from app.mix.contexts import Frame
from app.mix.models import ModelRun
from app.mix.path_data import has_history, has_touches
from app.mix.path_views import PathsView, model_choices, paths_view
from app.mix.path_words import CHOICES, CLAIMS, DEFAULT_MODEL, MIX, MODELS
from app.mix.queries import channel_slots
from app.mix.schemas import Kind, PathsRequest
from app.mix.showing import Visit, chosen_run, run_frame
from kit.errors import FieldError, InvalidInput
from kit.web.forms import Form

Options = tuple[tuple[str, str], ...]
WINDOWS: Options = tuple((str(days), f"Last {days} days") for days in (30, 90, 180, 365, 730))
LOOK_BACKS: Options = tuple((str(days), f"{days} days") for days in (7, 14, 30, 60, 90))
SESSIONS: Options = (("0", "Every touch counts"), ("30", "30 minutes"), ("60", "1 hour"), ("1440", "1 day"))
_FIELDS = {"window_days": WINDOWS, "look_back_days": LOOK_BACKS, "session_minutes": SESSIONS}


@dataclass(frozen=True)
class PathsPage:
    """`/w/{workspace}/attribution/paths`. `options`: name, label, explanation, choices and what is chosen of each field."""

    page: Frame
    shown: PathsView | None
    attribution_href: str
    customers_href: str
    has_touches: bool
    choices: tuple[tuple[str, str, bool], ...]
    options: tuple[tuple[str, str, str, Options, str], ...]
    claims_text: str = CLAIMS
    mix_text: str = MIX
    last_click_text: str = MODELS["last"][1]
    chosen_text: str = ""
    problems: Form = field(default_factory=Form)


def paths_page(visit: Visit, run_id: UUID | None, *, model: str, problems: Form | None = None) -> PathsPage:
    """What paths, claims and the mix model say of each channel."""
    run = chosen_run(visit, Kind.PATHS, run_id)
    chosen = model if model in CHOICES else DEFAULT_MODEL
    done = run is not None and run.state == "done" and run.result is not None
    shown = (
        paths_view(run.result["document"], slots=channel_slots(visit.session), model=chosen)
        if run is not None and done and run.result is not None
        else None
    )
    base = visit.base(Kind.PATHS)
    return PathsPage(
        page=run_frame(visit, Kind.PATHS, run, has_data=has_history(visit.session)),
        shown=shown,
        attribution_href=visit.base(Kind.ATTRIBUTION),
        customers_href=f"/w/{visit.workspace.id}/customers/uploads",
        has_touches=has_touches(visit.session),
        choices=model_choices(base, str(run.id), chosen) if run is not None and shown and shown.has_paths else (),
        options=_options(run, problems),
        chosen_text=MODELS[chosen][1],
        problems=problems or Form(),
    )


def paths_request(form: Mapping[str, str]) -> PathsRequest:
    """What the form asks for; what it leaves out is as usual. Raises InvalidInput that names the field."""
    usual, asked = PathsRequest(), dict[str, int]()
    for name, choices in _FIELDS.items():
        typed = form.get(name, str(getattr(usual, name)))
        if not typed.isdecimal():
            message = f"Choose one of: {', '.join(label for _, label in choices)}."
            raise InvalidInput("This choice is not known.", message, [FieldError(message, name, value=typed)])
        asked[name] = int(typed)
    try:
        return msgspec.convert(asked, PathsRequest)
    except msgspec.ValidationError as error:
        raise InvalidInput("This choice is not known.", "Choose from the lists.") from error


def _options(run: ModelRun | None, problems: Form | None) -> tuple[tuple[str, str, str, Options, str], ...]:
    asked = msgspec.convert(run.request, PathsRequest) if run else PathsRequest()
    typed = problems.values if problems else {}
    said = {
        "window_days": ("Which days", "The last days for which both your channels and your customers are known."),
        "look_back_days": ("A touch counts for", "How long after a touch a sale may come of it."),
        "session_minutes": ("One touch", "Touches of one channel no further apart than this count once."),
    }
    return tuple(
        (name, *said[name], _with(_FIELDS[name], str(getattr(asked, name))), typed.get(name, str(getattr(asked, name))))
        for name in _FIELDS
    )


def _with(choices: Options, value: str) -> Options:
    """The choices, and what a program may have asked for beside them."""
    return choices if value in dict(choices) else (*choices, (value, value))
