"""Predictions for programs: what a campaign will bring, and how predictions of each kind have fared."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody

from app.predictions.asking import Asked, predict
from app.predictions.schemas import Kind, PredictReply, PredictRequest, TrackRecord
from app.predictions.service import track_records
from billing.plans import Entitlement
from kit.clock import today_in
from kit.db import ScopedSession
from kit.web.access import access
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

Tenant = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
Caller = NamedDependency[Principal]
_PREDICT = access(Permission.RUN_MODELS, entitlement=Entitlement.FORECAST)


@get(
    "/api/v1/recommendations/track-record",
    sync_to_thread=True,
    summary="How predictions have fared",
    **access(Permission.READ_DATA, entitlement=Entitlement.FORECAST),
)
def read_track_record(session: Tenant) -> list[TrackRecord]:
    """Per kind of prediction: how many outcomes lay within their range beside what was promised, and how far off they usually were.
    Below ten outcomes there is no verdict."""
    return track_records(session)


@post(
    "/api/v1/recommendations/predict/conversions",
    sync_to_thread=True,
    status_code=200,
    summary="Predict a campaign's conversions",
    **_PREDICT,
)
def predict_conversions(
    session: Tenant, caller: Caller, workspace: Here, data: JSONBody[PredictRequest]
) -> PredictReply:
    """What a campaign will bring over the next 7 or 30 days, with range, calibration and track record. The number is written down and
    scored once its days are over. 422 with the reason where there is too little to go by."""
    return predict(session, kind=Kind.CAMPAIGN_CONVERSIONS, request=data, asked=_asked(caller, workspace))


@post(
    "/api/v1/recommendations/predict/roas",
    sync_to_thread=True,
    status_code=200,
    summary="Predict a campaign's ROAS",
    **_PREDICT,
)
def predict_roas(session: Tenant, caller: Caller, workspace: Here, data: JSONBody[PredictRequest]) -> PredictReply:
    """The value that its platform will credit to a campaign over the next 7 or 30 days, over its spend; else as for conversions."""
    return predict(session, kind=Kind.CAMPAIGN_ROAS, request=data, asked=_asked(caller, workspace))


def _asked(caller: Principal, workspace: WorkspaceRef) -> Asked:
    return Asked(workspace.currency, today_in(workspace.timezone), caller.signed_in().id)


HANDLERS: list[BaseRouteHandler] = [read_track_record, predict_conversions, predict_roas]
