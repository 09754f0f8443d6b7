"""Starting runs and reading them. The same question on the same data is answered once and opened again by its address."""

import hashlib
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from app.campaigns.facts import data_version
from app.mix.jobs import RunModel
from app.mix.models import ModelRun
from app.mix.path_data import paths_version
from app.mix.queries import run_by_id, same_run
from app.mix.scenarios import value_allocation
from app.mix.schemas import AttributionRequest, Kind, RunReply, RunRequest, ScenarioReply, ScenarioRequest
from app.mix.telling import told_document, told_result
from kit.clock import utc_now
from kit.errors import Conflict
from kit.ids import new_id
from kit.jobs import enqueue
from ml.mix.results import MixFit
from tenants.workspaces.principal import WorkspaceRef

# Results of an older engine are not opened again for a new question.
ENGINE = "1"
# Two clicks at once must not become two runs: the second waits for the first and finds its run.
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext(current_schema() || ':' || :question))")
_TITLES = {
    Kind.ATTRIBUTION: "Working out what each channel brings",
    Kind.FORECAST: "Forecasting revenue",
    Kind.BUDGET: "Looking for a better split of the budget",
    Kind.CAMPAIGN_BUDGET: "Looking for a better daily budget",
    Kind.SELF_TEST: "Trying the model on businesses like yours",
    Kind.PATHS: "Following the paths to your sales",
}


def start_run(
    session: Session,
    *,
    kind: Kind,
    request: RunRequest,
    workspace: WorkspaceRef,
    actor_id: UUID | None,
    again: bool = False,
) -> ModelRun:
    """The run that answers `request` on today's data: an existing one, or a new one whose job leaves with this commit."""
    digest = _digest(request)
    session.execute(_ONE_AT_A_TIME, {"question": digest.hex()})
    version = _version_for(session, kind)
    known = same_run(session, kind=kind, request_hash=digest, data_version=version)
    if known is not None and known.state == "done" and not again:
        return known
    if known is None or known.state == "done":
        known = _new_run(session, kind=kind, request=request, actor_id=actor_id, version=version)
    # A run that waits or works keeps its job; one whose job was given up or cancelled gets a new one.
    job = RunModel(run_id=known.id, currency=workspace.currency, timezone=workspace.timezone)
    known.job_id = enqueue(session, job, title=_TITLES[kind], dedupe_key=f"model-run:{known.id}")
    session.flush()
    return known


def keep_attribution(session: Session, *, result: dict[str, Any], version: int) -> ModelRun:
    """Store an attribution that was computed on the way to a budget plan, as if it had been asked for."""
    run = _new_run(session, kind=Kind.ATTRIBUTION, request=AttributionRequest(), actor_id=None, version=version)
    run.state, run.result, run.finished_at = "done", result, utc_now()
    session.flush()
    return run


def keep_first_look(session: Session, run_id: UUID, result: dict[str, Any]) -> None:
    """Let the run's page show a rough answer while the full one is worked out; a finished run keeps its own."""
    session.execute(
        update(ModelRun)
        .where(ModelRun.id == run_id, ModelRun.state.in_(("queued", "running")))
        .values(state="running", result=result)
    )


def _digest(request: RunRequest) -> bytes:
    return hashlib.sha256(ENGINE.encode() + msgspec.json.encode(request, order="deterministic")).digest()


def _new_run(session: Session, *, kind: Kind, request: RunRequest, actor_id: UUID | None, version: int) -> ModelRun:
    run = ModelRun(
        id=new_id(),
        kind=kind.value,
        created_by=actor_id,
        state="queued",
        request=msgspec.to_builtins(request),
        request_hash=_digest(request),
        data_version=version,
    )
    session.add(run)
    session.flush()
    return run


def fit_of(run: ModelRun) -> MixFit:
    """The fitted model that an attribution run has stored."""
    if run.state != "done" or run.result is None:
        raise Conflict("This attribution has not finished.", "Wait for it, or start a new one.")
    return MixFit.from_dict(run.result["fit"])


def fit_on(session: Session, *, version: int) -> tuple[UUID, MixFit] | None:
    """The finished attribution of the whole history at that version of the data, if there is one."""
    run = same_run(
        session,
        kind=Kind.ATTRIBUTION,
        request_hash=_digest(AttributionRequest()),
        data_version=version,
        states=("done",),
    )
    return None if run is None else (run.id, fit_of(run))


def is_current(session: Session, run: ModelRun) -> bool:
    """True where no data have come in since the run."""
    return run.data_version == _version_for(session, Kind(run.kind))


def _version_for(session: Session, kind: Kind) -> int:
    """The version of what a run of this kind reads."""
    return paths_version(session) if kind is Kind.PATHS else data_version(session)


def value_scenario(session: Session, *, request: ScenarioRequest) -> ScenarioReply:
    """What an allocation would bring according to one attribution run; fast enough to follow a slider."""
    fit = fit_of(run_by_id(session, request.attribution_run_id, kind=Kind.ATTRIBUTION))
    return value_allocation(fit, request.per_day)


def reply(session: Session, run: ModelRun, *, href: str = "", with_result: bool = True) -> RunReply:
    """A run as the API shows it."""
    result = run.result if with_result and run.state == "done" else None
    if result is not None and run.kind == Kind.ATTRIBUTION:
        result = told_result(result)
    is_first_look = with_result and run.kind == Kind.ATTRIBUTION and run.state == "running"
    return RunReply(
        id=run.id,
        kind=run.kind,
        state=run.state,
        job_id=run.job_id,
        request=run.request,
        created_at=run.created_at,
        finished_at=run.finished_at,
        is_current=is_current(session, run),
        result=result,
        problem=run.problem,
        href=href,
        first_look=told_document(run.result["document"]) if is_first_look and run.result else None,
    )
