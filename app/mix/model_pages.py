"""The analyst's page: the model's settings, runs made with them side by side, and their posterior draws as a file."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, URLEncodedBody

from app.deps import AnyRequest
from app.mix.model_form import DELAYS, NUMBERS, form_values, in_words, model_request
from app.mix.models import ModelRun
from app.mix.queries import latest_run, run_by_id, tried_runs
from app.mix.schemas import AttributionRequest, Kind
from app.mix.service import fit_of, start_run
from billing.plans import Entitlement, Plan
from kit.clock import utc_now
from kit.db import ScopedSession
from kit.errors import InvalidInput, NotFound
from kit.format import MISSING, ago, multiple, percent
from kit.ids import parse_id
from kit.web.access import access
from kit.web.forms import Form, refused_form
from kit.web.pages import redirect, render
from ml.mix.results import ChannelResult, MixFit
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

_PAGE = "/w/{workspace_id:uuid}/attribution/model"
_SHOWN: dict[str, Any] = {"sync_to_thread": True, "include_in_schema": False}
_MOST_COMPARED = 4
_STATES = {"queued": "Waiting", "running": "At work", "refused": "Not possible", "failed": "Stopped", "cancelled": "Cancelled"}  # fmt: skip
Here = NamedDependency[WorkspaceRef]
Tenant = NamedDependency[ScopedSession]
FormData = URLEncodedBody[dict[str, str]]


@dataclass(frozen=True)
class TriedRun:
    """A run in the list."""

    id: str
    href: str
    settings: str
    made: str
    state: str
    unexplained: str
    hold_out: str
    rhat: str
    is_compared: bool
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ModelPage:
    """`/w/{workspace}/attribution/model`. `compared`: a head, and per channel its name and one cell per run: return and range."""

    base: str
    may_run: bool
    numbers: tuple[tuple[str, str, str], ...]
    delays: tuple[tuple[str, str], ...]
    form: Form
    runs: tuple[TriedRun, ...]
    heads: tuple[str, ...]
    compared: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@get(_PAGE, **_SHOWN, **access(Permission.READ_DATA, entitlement=Entitlement.ATTRIBUTION, shows_sample=True))
def show_model(request: AnyRequest, session: Tenant, workspace: Here, plan: NamedDependency[Plan]) -> Response[str]:
    """Settings and runs; `?compare=a,b` puts up to four side by side, `?like=a` starts the form from a run."""
    if not plan.includes(Entitlement.ATTRIBUTION):
        # The page before it tells what this is and what it costs.
        return redirect(request, f"/w/{workspace.id}/attribution")
    like = parse_id(request.query_params.get("like", ""))
    asked = _asked(run_by_id(session, like, kind=Kind.ATTRIBUTION)) if like else None
    return _shown(request, session, workspace, Form(form_values(asked)))


@post(_PAGE, **_SHOWN, **access(Permission.RUN_MODELS, entitlement=Entitlement.ATTRIBUTION))
def run_model_page(
    request: AnyRequest, session: Tenant, workspace: Here, caller: NamedDependency[Principal], data: FormData
) -> Response[str]:
    """Fit the model with these settings; the attribution page shows its answer like any other."""
    try:
        asked = model_request(data)
    except InvalidInput as refusal:
        return _shown(request, session, workspace, refused_form(data, refusal), status=422)
    actor = caller.signed_in().id
    run = start_run(session, kind=Kind.ATTRIBUTION, request=asked, workspace=workspace, actor_id=actor)
    return redirect(request, f"/w/{workspace.id}/attribution?run={run.id}")


@get(
    "/w/{workspace_id:uuid}/attribution/{run_id:uuid}/draws/{file:str}",
    **_SHOWN,
    **access(Permission.EXPORT_DATA, entitlement=Entitlement.ATTRIBUTION),
)
def export_draws(session: Tenant, run_id: FromPath[UUID], file: FromPath[str]) -> Response[bytes]:
    """The posterior draws of a finished run: per draw and channel the return and the response curve's parameters."""
    fit = fit_of(run_by_id(session, run_id, kind=Kind.ATTRIBUTION))
    if file not in {"draws.csv", "draws.npz"}:
        raise NotFound("There is no such file.", "Ask for draws.csv or draws.npz.")
    content, media_type = (_as_csv(fit), "text/csv") if file == "draws.csv" else (_as_npz(fit), "application/zip")
    headers = {"content-disposition": f'attachment; filename="{file}"', "cache-control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


def _shown(
    request: AnyRequest, session: ScopedSession, workspace: WorkspaceRef, form: Form, status: int = 200
) -> Response[str]:
    base = f"/w/{workspace.id}/attribution"
    named = ",".join(request.query_params.getall("compare", [])).split(",")
    compared = list(dict.fromkeys(found for one in named if (found := parse_id(one)) is not None))[:_MOST_COMPARED]
    runs = list(tried_runs(session))
    newest = latest_run(session, kind=Kind.ATTRIBUTION, state="done")
    every = ([newest] if newest else []) + runs
    fits = {run.id: fit_of(run) for run in every if run.state == "done"}
    page = ModelPage(
        base=base,
        may_run=workspace.allows(Permission.RUN_MODELS),
        numbers=tuple((name, label, hint) for name, label, hint, *_ in NUMBERS),
        delays=DELAYS,
        form=form,
        runs=tuple(_line(run, fits.get(run.id), base=base, is_compared=run.id in compared) for run in every),
        **_side_by_side([run for run in every if run.id in compared and run.id in fits], fits),
    )
    return render(request, "mix/model.html", page, status=status)


def _asked(run: ModelRun) -> AttributionRequest:
    return msgspec.convert(run.request, AttributionRequest)


def _line(run: ModelRun, fit: MixFit | None, *, base: str, is_compared: bool) -> TriedRun:
    return TriedRun(
        id=str(run.id),
        href=f"{base}?run={run.id}",
        settings=in_words(_asked(run)),
        made=ago(run.created_at, utc_now()),
        state=_STATES.get(run.state, ""),
        unexplained=percent(max(fit.fit.r2, 0.0), digits=0) if fit else MISSING,
        hold_out=percent(fit.fit.holdout_mape, digits=1) if fit else MISSING,
        rhat=f"{fit.fit.rhat:.3f}" if fit else MISSING,
        is_compared=is_compared,
        files=tuple((ending.upper(), f"{base}/{run.id}/draws/draws.{ending}") for ending in ("csv", "npz"))
        if fit
        else (),
    )


def _side_by_side(runs: Sequence[ModelRun], fits: Mapping[UUID, MixFit]) -> dict[str, Any]:
    """Returns and their ranges, one column per run; nothing where there are fewer than two."""
    if len(runs) < 2:
        return {"heads": (), "compared": ()}
    names = list(dict.fromkeys(name for run in runs for name in fits[run.id].names))
    rows = tuple((name, tuple(_cell(fits[run.id], name) for run in runs)) for name in names)
    return {"heads": tuple(in_words(_asked(run)) for run in runs), "compared": rows}


def _cell(fit: MixFit, name: str) -> tuple[str, str]:
    if name not in fit.names:
        return MISSING, ""
    found: ChannelResult = fit.channel(name)
    shown = MISSING if found.grade == "cannot_tell" else multiple(found.roi_mean)
    return shown, f"{multiple(found.roi_low)} to {multiple(found.roi_high)}"


def _as_csv(fit: MixFit) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("draw", "channel", "roi", "top_per_day", "half_per_day", "slope"))
    draws = fit.draws
    for number in range(len(draws.roi)):
        for index, channel in enumerate(fit.names):
            values = (array[number, index] for array in (draws.roi, draws.top, draws.half, draws.slope))
            writer.writerow((number + 1, channel, *(f"{value:.6g}" for value in values)))
    return out.getvalue().encode()


def _as_npz(fit: MixFit) -> bytes:
    out = io.BytesIO()
    draws = fit.draws
    np.savez_compressed(
        out, channels=np.array(fit.names), roi=draws.roi, top=draws.top, half=draws.half, slope=draws.slope
    )
    return out.getvalue()


HANDLERS: list[BaseRouteHandler] = [show_model, run_model_page, export_draws]
