"""The pages of predictions put together: the track record, the line below other pages' predictions, and a campaign's next days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from app.campaigns.detail import campaign_by_id
from app.campaigns.platform_models import Campaign
from app.predictions.asking import metrics_of, running_model
from app.predictions.errors import PredictionRefused
from app.predictions.models import Prediction
from app.predictions.presenting import (
    CampaignNumber,
    CampaignPart,
    ModelCard,
    Offer,
    RecordLine,
    TrackRecordPage,
    calibration_in_words,
    model_card,
    record_card,
    record_line,
)
from app.predictions.queries import active_model, newest, newest_about, newest_model
from app.predictions.schemas import Kind, ModelKind
from app.predictions.service import track_record, track_records
from app.predictions.wording import range_of, value_in_words
from billing.plans import Entitlement, Plan, cheapest_plan_with, price_label
from kit.db import ScopedSession
from kit.format import ago, day_range, money, percent
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef

LINES = 10
HORIZON_DAYS = 30
STILL_FRESH = timedelta(days=15)
_OUTCOMES = (
    (Kind.CAMPAIGN_CONVERSIONS, "Conversions", "What the platform will count as conversions of this campaign."),
    (Kind.CAMPAIGN_ROAS, "ROAS", "Return on ad spend: the value that the platform credits to the campaign, for each unit spent."),
)  # fmt: skip


@dataclass(frozen=True)
class Visit:
    """Who looks at which workspace, and when."""

    session: ScopedSession
    workspace: WorkspaceRef
    plan: Plan
    today: date
    now: datetime

    @property
    def here(self) -> str:
        """The track record's address."""
        return f"/w/{self.workspace.id}/predictions"

    @property
    def offer(self) -> Offer | None:
        """What a plan without predictions is offered."""
        if self.plan.includes(Entitlement.FORECAST):
            return None
        better = cheapest_plan_with(Entitlement.FORECAST)
        return Offer(better.name, price_label(better), f"/w/{self.workspace.id}/billing")


def track_record_page(visit: Visit) -> TrackRecordPage:
    """Every kind of prediction with its record, and the model that runs."""
    offer, session = visit.offer, visit.session
    cards = () if offer else track_records(session)
    return TrackRecordPage(
        base=f"/w/{visit.workspace.id}",
        here=visit.here,
        offer=offer,
        cards=tuple(record_card(one, newest(session, kind=one.kind, limit=LINES), now=visit.now) for one in cards),
        model=None if offer else _model(session),
        may_train=offer is None and visit.workspace.allows(Permission.RUN_MODELS),
    )


def _model(session: ScopedSession) -> ModelCard | None:
    running = active_model(session, kind=ModelKind.CAMPAIGNS)
    return None if running is None else model_card(running, newest_model(session, kind=ModelKind.CAMPAIGNS))


def record_of_kind(visit: Visit, kind: Kind) -> RecordLine:
    """One kind's record in a line."""
    return record_line(track_record(visit.session, kind), href=f"{visit.here}#{kind.value.replace('_', '-')}")


def campaign_part(visit: Visit, campaign_id: UUID) -> CampaignPart:
    """What was last written down of a campaign's next 30 days, or why nothing was."""
    campaign = campaign_by_id(visit.session, campaign_id)
    if visit.offer:
        return CampaignPart(visit.offer, (), "", (), "", "", visit.here)
    try:
        running = running_model(visit.session, currency=visit.workspace.currency)
    except PredictionRefused as refusal:
        return CampaignPart(None, (), "", (), refusal.detail, refusal.hint, visit.here)
    known = {kind: _newest(visit, campaign, kind) for kind, _, _ in _OUTCOMES}
    made = [one for one in known.values() if one is not None]
    if not made:
        return CampaignPart(None, (), "", (), *_why_nothing(campaign), visit.here)
    calibration = []
    for kind, label, _ in _OUTCOMES:
        if known[kind] is not None:
            metrics = metrics_of(running, kind=kind, horizon_days=HORIZON_DAYS, is_planned=False)
            calibration.append((label, calibration_in_words(metrics)))
    numbers = tuple(_number(visit, kind, known[kind], label, words) for kind, label, words in _OUTCOMES)
    return CampaignPart(None, numbers, _rests_on(made[0], campaign, visit.now), tuple(calibration), "", "", visit.here)


def _newest(visit: Visit, campaign: Campaign, kind: Kind) -> Prediction | None:
    return newest_about(
        visit.session,
        kind=kind,
        subject_id=campaign.id,
        horizon_days=HORIZON_DAYS,
        made_since=visit.today - STILL_FRESH,
    )


def _why_nothing(campaign: Campaign) -> tuple[str, str]:
    if campaign.account_id is None:
        return "This is a plan, so it has no days to learn from.", "Start it on its platform first."
    if campaign.status != "active":
        return "It does not run, so its next days cannot be told.", "Enable it, and look again two weeks later."
    return (
        "It was not predicted in the last two weeks: it is younger than two weeks, or spent nothing in the last two.",
        "Campaigns are predicted each Monday.",
    )


def _number(visit: Visit, kind: Kind, prediction: Prediction | None, label: str, explanation: str) -> CampaignNumber:
    record = track_record(visit.session, kind).sentence
    if prediction is None:
        reason = "Its platform tells too little of this."
        return CampaignNumber(label, explanation, "", "", "", record, reason)
    level = percent(float(prediction.level), digits=0)
    return CampaignNumber(
        label=label,
        explanation=explanation,
        value=value_in_words(prediction.point, prediction.unit, None),
        range=f"{level} range {range_of(prediction)}",
        note=_peers((prediction.assumed or {}).get("own_share", 1.0)),
        record=record,
        reason="",
    )


def _peers(own_share: float) -> str:
    if own_share >= 0.9:
        return "It rests on the campaign's own days."
    return f"{percent(own_share, digits=0)} of it rests on its own days, the rest on campaigns like it."


def _rests_on(prediction: Prediction, campaign: Campaign, now: datetime) -> str:
    spend = money((prediction.assumed or {})["spend_micros"], campaign.currency)
    days = day_range(prediction.since, prediction.until)
    return f"{days}, if it goes on as it did, at about {spend} in all. Written down {ago(prediction.made_at, now)}."
