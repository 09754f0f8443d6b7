"""The SELECTs of the overview: one grouped pass over the roll-up for all windows, and what is known about the data's extent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Row,
    cast,
    column,
    exists,
    func,
    or_,
    select,
    text,
    true,
    tuple_,
    values,
)
from sqlalchemy.orm import Session

from app.campaigns.models import MEASURES, Channel, ChannelDay, DailyFact, DataVersion
from app.campaigns.platform_models import CampaignDay, RevenueDay
from app.performance.windows import Step, Window

Sums = dict[str, int | None]
ChannelInfo = Row[UUID, str, str, int, bool]
FACTS = "facts"


@dataclass(frozen=True)
class Extent:
    """From when to when there is data, and which version of it."""

    first_day: date | None
    last_day: date | None
    version: int
    changed_at: datetime | None
    has_files: bool = False
    has_platforms: bool = False


@dataclass(frozen=True)
class GroupedSums:
    """Summed bases of several windows, by their position: in all, per channel, and per step by its first day."""

    totals: Mapping[int, Sums]
    by_channel: Mapping[int, Mapping[UUID, Sums]]
    by_step: Mapping[int, Mapping[date, Sums]]


def extent(session: Session) -> Extent:
    """First and last day with facts, and the version of the facts."""
    days = select(func.min(ChannelDay.day), func.max(ChannelDay.day)).subquery()
    version = select(DataVersion.version, DataVersion.changed_at).where(DataVersion.name == FACTS).subquery()
    origins = exists(select(DailyFact.day)), or_(exists(select(CampaignDay.day)), exists(select(RevenueDay.day)))
    row = session.execute(select(days, version, *origins).select_from(days.outerjoin(version, text("true")))).one()
    return Extent(row[0], row[1], row[2] or 0, row[3], row[4], row[5])


def last_day(session: Session) -> date | None:
    """The last day with facts."""
    return session.scalar(select(func.max(ChannelDay.day)))


def channels(session: Session) -> Sequence[ChannelInfo]:
    """Every channel with what pages show of it."""
    return session.execute(
        select(Channel.id, Channel.key, Channel.name, Channel.slot, Channel.takes_spend).order_by(Channel.slot)
    ).all()


def spend_and_revenue(session: Session, window: Window) -> tuple[int | None, int | None]:
    """What all channels cost and brought, for the shares of a single one."""
    sums = [
        cast(func.sum(base), ChannelDay.spend_micros.type)
        for base in (ChannelDay.spend_micros, ChannelDay.revenue_micros)
    ]
    row = session.execute(select(*sums).where(ChannelDay.day.between(window.since, window.until))).one()
    return row[0], row[1]


def grouped_sums(
    session: Session, windows: Sequence[Window], *, step: Step, channel_id: UUID | None = None
) -> GroupedSums:
    """Totals, channels and steps of all windows in one pass (GROUPING SETS), because a page asks for all of them at once.

    With `channel_id`, all of them of that channel alone.
    """
    period = values(column("position", Integer), column("since", Date), column("until", Date), name="period").data(
        [(position, window.since, window.until) for position, window in enumerate(windows)]
    )
    # Named in a subquery first: PostgreSQL does not see that two spellings with bound parameters are the same expression.
    measured = (
        select(
            period.c.position,
            _first_day(step, ChannelDay.day.expression, period.c.since).label("step"),
            ChannelDay.channel_id,
            *(getattr(ChannelDay, base) for base in MEASURES),
        )
        .join(period, ChannelDay.day.between(period.c.since, period.c.until))
        .where(true() if channel_id is None else ChannelDay.channel_id == channel_id)
        .subquery()
    )
    by = measured.c
    sums = [cast(func.sum(by[base]), ChannelDay.spend_micros.type).label(base) for base in MEASURES]
    rows = session.execute(
        select(by.position, by.step, by.channel_id, func.grouping(by.step, by.channel_id), *sums).group_by(
            func.grouping_sets(tuple_(by.position), tuple_(by.position, by.channel_id), tuple_(by.position, by.step))
        )
    ).all()
    return _sorted_out(rows)


def _first_day(step: Step, day: ColumnElement[date], since: ColumnElement[date]) -> ColumnElement[date]:
    """The first day of the step that a day lies in, as `Window.steps` counts them."""
    if step is Step.DAY:
        return day
    if step is Step.WEEK:
        return day - (day - since) % 7
    return func.greatest(cast(func.date_trunc("month", day), Date), since)


def _sorted_out(rows: Sequence[Any]) -> GroupedSums:
    totals: dict[int, Sums] = {}
    by_channel: dict[int, dict[UUID, Sums]] = {}
    by_step: dict[int, dict[date, Sums]] = {}
    for position, first_day, channel_id, grouped, *sums in rows:
        named = dict(zip(MEASURES, sums, strict=True))
        # GROUPING(step, channel_id) has a bit for each column that a row is summed over.
        if grouped == 0b11:
            totals[position] = named
        elif grouped == 0b10:
            by_channel.setdefault(position, {})[channel_id] = named
        else:
            by_step.setdefault(position, {})[first_day] = named
    return GroupedSums(totals, by_channel, by_step)
