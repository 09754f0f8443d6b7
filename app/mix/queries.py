"""Reading the history that models are fitted to, and the runs themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import numpy as np
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, undefer

from app.campaigns.models import Channel, ChannelDay, Event
from app.mix.errors import RunRefused, as_product_error
from app.mix.models import ModelRun
from app.mix.schemas import Kind
from kit.errors import NotFound
from kit.money import MICROS
from ml.errors import MlError
from ml.frames import Event as FrameEvent
from ml.frames import MarketingFrame, frame_from_columns

STILL_GOOD = ("queued", "running", "done")
_NEWEST_FIRST = (ModelRun.created_at.desc(), ModelRun.id.desc())


def marketing_frame(
    session: Session, *, currency: str, today: date, since: date | None = None, until: date | None = None
) -> MarketingFrame:
    """Spend per channel and revenue of the business per day up to yesterday (today is not over yet), in currency units."""
    statement = (
        select(ChannelDay.day, Channel.name, ChannelDay.spend_micros, ChannelDay.revenue_micros)
        .join(Channel, Channel.id == ChannelDay.channel_id)
        .where(ChannelDay.day < today)
        .order_by(ChannelDay.day, Channel.slot)
    )
    if since is not None:
        statement = statement.where(ChannelDay.day >= since)
    if until is not None:
        statement = statement.where(ChannelDay.day <= until)
    rows = session.execute(statement).all()
    if not rows:
        raise RunRefused("There is no data yet.", "Import at least 60 days of spend and revenue first.")
    days, names, spend, revenue = zip(*rows, strict=True)
    try:
        return frame_from_columns(
            dates=np.array(days, "datetime64[D]"),
            channels=names,
            spend=np.array(spend, float) / MICROS,
            revenue=np.array([value or 0 for value in revenue], float) / MICROS,
            events=merchant_events(session),
            currency=currency,
        )
    except MlError as problem:
        raise as_product_error(problem) from problem


@dataclass(frozen=True)
class PaidChannel:
    """A channel that took money of late: its key in forms, its place among the colours, and its spend a day in units."""

    key: str
    name: str
    slot: int
    per_day: float


def paid_channels(session: Session, *, today: date, days: int) -> list[PaidChannel]:
    """Channels with spend at any time, and their average spend a day over the last `days` days of data."""
    last_day = session.scalar(select(func.max(ChannelDay.day)).where(ChannelDay.day < today))
    if last_day is None:
        return []
    recent = ChannelDay.day > last_day - timedelta(days=days)
    spend = func.coalesce(func.sum(ChannelDay.spend_micros).filter(recent), 0)
    rows = session.execute(
        select(Channel.key, Channel.name, Channel.slot, spend)
        .join(ChannelDay, ChannelDay.channel_id == Channel.id)
        .where(ChannelDay.day < today)
        .group_by(Channel.key, Channel.name, Channel.slot)
        .having(func.sum(ChannelDay.spend_micros) > 0)
        .order_by(Channel.slot)
    )
    return [PaidChannel(key, name, slot, float(micros) / MICROS / days) for key, name, slot, micros in rows]


def channel_slots(session: Session) -> dict[str, int]:
    """Each channel's place among the colours, by name."""
    return dict(session.execute(select(Channel.name, Channel.slot)).all())


def claimed_revenue(session: Session, *, since: date, until: date) -> dict[str, float]:
    """What the sources themselves credit to each channel between two days, in units; channels that claim nothing are left out."""
    rows = session.execute(
        select(Channel.name, func.sum(ChannelDay.revenue_micros))
        .join(ChannelDay, ChannelDay.channel_id == Channel.id)
        .where(ChannelDay.day.between(since, until))
        .group_by(Channel.name)
    )
    return {name: float(micros) / MICROS for name, micros in rows if micros}


def merchant_events(session: Session) -> list[FrameEvent]:
    """What the merchant said happened."""
    return [
        FrameEvent(on=day, name=name)
        for day, name in session.execute(select(Event.day, Event.name).order_by(Event.day))
    ]


def run_by_id(session: Session, run_id: UUID, *, kind: Kind | None = None) -> ModelRun:
    """A run with its result; not found where it is not the workspace's own, or of another kind."""
    run = session.scalar(select(ModelRun).where(ModelRun.id == run_id).options(undefer(ModelRun.result)))
    if run is None or (kind is not None and run.kind != kind):
        raise NotFound("There is no such run.", "Start a new one, or choose one from the list.")
    return run


def same_run(
    session: Session,
    *,
    kind: Kind,
    request_hash: bytes,
    data_version: int,
    states: Sequence[str] = STILL_GOOD,
) -> ModelRun | None:
    """A run that already answers, or is about to answer, the same question on the same data."""
    return session.scalar(
        select(ModelRun)
        .where(
            ModelRun.kind == kind,
            ModelRun.request_hash == request_hash,
            ModelRun.data_version == data_version,
            ModelRun.state.in_(states),
        )
        .order_by(ModelRun.created_at.desc(), ModelRun.id.desc())
        .limit(1)
        .options(undefer(ModelRun.result))
    )


def latest_run(session: Session, *, kind: Kind, state: str | None = None) -> ModelRun | None:
    """The newest run of a kind, with its result. What an analyst tried with settings of their own is nobody's newest answer."""
    newest = select(ModelRun).where(*_answers(kind, state)).order_by(*_NEWEST_FIRST).limit(1)
    return session.scalar(newest.options(undefer(ModelRun.result)))


def latest_run_id(session: Session, *, kind: Kind, state: str | None = None) -> UUID | None:
    """Which run `latest_run` would give, without reading it."""
    return session.scalar(select(ModelRun.id).where(*_answers(kind, state)).order_by(*_NEWEST_FIRST).limit(1))


def _answers(kind: Kind, state: str | None) -> list[ColumnElement[bool]]:
    """Runs of a kind, in a state where one is named, that no analyst set up."""
    conditions = [ModelRun.kind == kind, ModelRun.request["model"].astext.is_(None)]
    return conditions if state is None else [*conditions, ModelRun.state == state]


def tried_runs(session: Session, *, limit: int = 12) -> Sequence[ModelRun]:
    """The newest attributions that an analyst asked for with settings of their own, with their results."""
    return session.scalars(
        select(ModelRun)
        .where(ModelRun.kind == Kind.ATTRIBUTION, ModelRun.request["model"].astext.is_not(None))
        .order_by(ModelRun.created_at.desc(), ModelRun.id.desc())
        .limit(limit)
        .options(undefer(ModelRun.result))
    ).all()


def recent_runs(session: Session, *, kind: Kind, limit: int = 12) -> Sequence[ModelRun]:
    """The newest runs without their results."""
    return session.scalars(
        select(ModelRun)
        .where(ModelRun.kind == kind)
        .order_by(ModelRun.created_at.desc(), ModelRun.id.desc())
        .limit(limit)
    ).all()
