"""Reading the ledger and the registry, and what really happened on the days that a prediction was about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Float, cast, func, literal, select
from sqlalchemy.orm import Session, undefer

from app.campaigns.models import Channel, ChannelDay
from app.campaigns.platform_models import Campaign, CampaignDay, RevenueDay
from app.predictions.models import ModelVersion, Prediction, PredictionScore
from kit.errors import NotFound

FINAL = 2


@dataclass(frozen=True)
class Outcome:
    """What a record is made of: one scored prediction."""

    subject_id: UUID | None
    since: date
    until: date
    level: float
    point: float
    error: float
    inside: bool


@dataclass(frozen=True)
class Told:
    """One campaign's days as they stand now; sums are None where no day was told."""

    days: int
    are_final: bool
    spend_micros: int | None
    value_micros: int | None
    conversions: Decimal | None


def unscored(session: Session, *, before: date, limit: int) -> Sequence[Prediction]:
    """Predictions whose days lie before a day and that nobody has scored, the oldest first."""
    return session.scalars(
        select(Prediction)
        .outerjoin(PredictionScore, PredictionScore.prediction_id == Prediction.id)
        .where(PredictionScore.prediction_id.is_(None), Prediction.until < before)
        .order_by(Prediction.until, Prediction.id)
        .limit(limit)
    ).all()


def outcomes(session: Session, *, kind: str) -> list[Outcome]:
    """Every scored prediction of a kind, in the order of their days."""
    rows = session.execute(
        select(
            Prediction.subject_id,
            Prediction.since,
            Prediction.until,
            cast(Prediction.level, Float),
            cast(Prediction.point, Float),
            cast(PredictionScore.error, Float),
            PredictionScore.inside,
        )
        .join(PredictionScore, PredictionScore.prediction_id == Prediction.id)
        .where(Prediction.kind == kind, PredictionScore.inside.is_not(None))
        .order_by(Prediction.since, Prediction.until, Prediction.id)
    )
    return [Outcome(*row) for row in rows]


def counts(session: Session, *, kind: str) -> tuple[int, int]:
    """(waiting, not scoreable) predictions of a kind."""
    waiting, hopeless = session.execute(
        select(
            func.count().filter(PredictionScore.prediction_id.is_(None)),
            func.count().filter(PredictionScore.prediction_id.is_not(None), PredictionScore.inside.is_(None)),
        )
        .select_from(Prediction)
        .outerjoin(PredictionScore, PredictionScore.prediction_id == Prediction.id)
        .where(Prediction.kind == kind)
    ).one()
    return int(waiting), int(hopeless)


def newest(session: Session, *, kind: str, limit: int) -> list[tuple[Prediction, PredictionScore | None]]:
    """The last predictions of a kind with what came of them: those that were scored first, by their last day."""
    rows = session.execute(
        select(Prediction, PredictionScore)
        .outerjoin(PredictionScore, PredictionScore.prediction_id == Prediction.id)
        .where(Prediction.kind == kind)
        .order_by(PredictionScore.scored_at.desc().nulls_last(), Prediction.until.desc(), Prediction.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def known_kinds(session: Session) -> set[str]:
    """The kinds of which anything was ever written down."""
    return set(session.scalars(select(Prediction.kind).distinct()))


def newest_about(
    session: Session, *, kind: str, subject_id: UUID, horizon_days: int, made_since: date
) -> Prediction | None:
    """The newest prediction about a subject over so many days that rests on no plan of somebody's own."""
    return session.scalar(
        select(Prediction)
        .where(
            Prediction.kind == kind,
            Prediction.subject_id == subject_id,
            Prediction.until - Prediction.since == horizon_days - 1,
            Prediction.assumed["is_planned"].as_boolean().is_(False),
            func.date(Prediction.made_at) >= made_since,
        )
        .order_by(Prediction.made_at.desc(), Prediction.id.desc())
        .limit(1)
    )


def prediction_by_key(session: Session, key: str) -> Prediction:
    """What was written down under a key."""
    return session.scalars(select(Prediction).where(Prediction.key == key)).one()


def model_by_number(session: Session, *, kind: str, version: int) -> ModelVersion:
    """A version of a model, without its document. Raises NotFound."""
    found = session.scalar(select(ModelVersion).where(ModelVersion.kind == kind, ModelVersion.version == version))
    if found is None:
        raise NotFound("There is no such version of this model.", "Look at the track record for those there are.")
    return found


def active_model(session: Session, *, kind: str) -> ModelVersion | None:
    """The model that predicts now, with its document."""
    return session.scalar(
        select(ModelVersion)
        .where(ModelVersion.kind == kind, ModelVersion.state == "active")
        .options(undefer(ModelVersion.document))
    )


def newest_model(session: Session, *, kind: str) -> ModelVersion | None:
    """The version that was trained last, whatever became of it."""
    return session.scalar(
        select(ModelVersion).where(ModelVersion.kind == kind).order_by(ModelVersion.version.desc()).limit(1)
    )


def revenue_between(session: Session, *, since: date, until: date) -> int | None:
    """The business's revenue over the days in micros; None where no day was told."""
    micros = session.scalar(select(func.sum(ChannelDay.revenue_micros)).where(ChannelDay.day.between(since, until)))
    return None if micros is None else int(micros)


def spend_between(session: Session, *, since: date, until: date) -> int:
    """What was spent on all channels over the days, in micros of the workspace's currency."""
    return int(
        session.scalar(select(func.sum(ChannelDay.spend_micros)).where(ChannelDay.day.between(since, until))) or 0
    )


def spend_by_channel(session: Session, *, since: date, until: date) -> dict[str, int]:
    """The same per channel, by name."""
    rows = session.execute(
        select(Channel.name, func.sum(ChannelDay.spend_micros))
        .join(Channel, Channel.id == ChannelDay.channel_id)
        .where(ChannelDay.day.between(since, until))
        .group_by(Channel.name)
    )
    return {name: int(micros or 0) for name, micros in rows}


def last_told_day(session: Session) -> date | None:
    """The newest day of which anything is known."""
    return session.scalar(select(func.max(ChannelDay.day)))


def has_unsettled(session: Session, *, since: date, until: date) -> bool:
    """True while a platform or a shop may still correct one of the days."""
    campaign_days = select(literal(1)).where(CampaignDay.day.between(since, until), CampaignDay.finality < FINAL)
    revenue_days = select(literal(1)).where(RevenueDay.day.between(since, until), RevenueDay.finality < FINAL)
    return bool(session.scalar(select(campaign_days.exists() | revenue_days.exists())))


def campaign_with_id(session: Session, campaign_id: UUID) -> Campaign | None:
    """The campaign, if it is still there."""
    return session.scalar(select(Campaign).where(Campaign.id == campaign_id))


def campaign_told(session: Session, number: int, *, since: date, until: date) -> Told:
    """A campaign's days between two days, summed, in its own currency."""
    days, least, spend, value, conversions = session.execute(
        select(
            func.count(),
            func.min(CampaignDay.finality),
            func.sum(CampaignDay.spend_micros),
            func.sum(CampaignDay.conversion_value_micros),
            func.sum(CampaignDay.conversions),
        ).where(CampaignDay.campaign_number == number, CampaignDay.day.between(since, until))
    ).one()
    return Told(
        days=int(days),
        are_final=least is None or int(least) >= FINAL,
        spend_micros=None if spend is None else int(spend),
        value_micros=None if value is None else int(value),
        conversions=conversions,
    )


def account_told_until(session: Session, campaign: Campaign) -> date | None:
    """The newest day of any campaign of the same account: up to there, a day without a row is a day without delivery."""
    return session.scalar(
        select(func.max(CampaignDay.day))
        .join(Campaign, Campaign.number == CampaignDay.campaign_number)
        .where(Campaign.account_id == campaign.account_id)
    )
