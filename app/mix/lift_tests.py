"""Lift tests: keeping what experiments found, and handing it to every later fit as evidence of its own.

A result in money is shown per unit of spend too: divided by how far spend moved against the four weeks before the test.
"""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.campaigns.facts import count_up
from app.campaigns.models import Channel, ChannelDay
from app.mix.lift_schemas import Act, LiftTestReply, LiftTestRequest
from app.mix.models import LiftTestRow
from kit.errors import FieldError, InvalidInput, NotFound
from kit.ids import new_id
from kit.money import MICROS
from ml.frames import MarketingFrame
from ml.mix.lift import Experiment, LiftTest, LiftWindow

BEFORE_DAYS = 28
# Without a range of its own, a result is taken to be right within half of itself, 19 times of 20.
_USUAL_SPREAD = 0.5
# Surer than this of itself no test of a small business is, whatever its range says.
_LEAST_SD = 0.02
_LEAST_MOVE = 0.05
_LONGEST_DAYS = 366
Z95 = 1.96


def add_lift_test(
    session: Session, request: LiftTestRequest, *, today: date, actor_id: UUID | None = None
) -> LiftTestRow:
    """Keep a test; answers that rest on the model are no longer the newest then."""
    channel = _channel(session, request.channel)
    _require_days(request, today=today)
    found, sd = _result(request)
    moved = 1.0 if request.roi is not None else _spend_moved(session, channel, request)
    is_less = request.act in {Act.PAUSED, Act.LOWERED}
    row = LiftTestRow(
        id=new_id(),
        channel_id=channel.id,
        created_by=actor_id,
        act=request.act.value,
        starts_on=request.starts_on,
        ends_on=request.ends_on,
        roi=found / moved,
        roi_sd=max(sd / moved, _LEAST_SD),
        revenue=None if request.revenue is None else -found if is_less else found,
        revenue_sd=None if request.revenue is None else sd,
        note=request.note.strip(),
    )
    session.add(row)
    session.flush()
    count_up(session)
    return row


def remove_lift_test(session: Session, test_id: UUID) -> None:
    """Forget a test."""
    row = session.get(LiftTestRow, test_id)
    if row is None:
        raise NotFound("There is no such lift test.", "Choose one from the list.")
    session.delete(row)
    session.flush()
    count_up(session)


def lift_tests(session: Session) -> list[LiftTestReply]:
    """All of them, the newest days first."""
    rows = session.execute(
        select(LiftTestRow, Channel.name)
        .join(Channel, Channel.id == LiftTestRow.channel_id)
        .order_by(LiftTestRow.starts_on.desc(), LiftTestRow.id.desc())
    )
    return [shown(row, name) for row, name in rows]


def shown(row: LiftTestRow, channel: str) -> LiftTestReply:
    """A test as programs and pages see it."""
    return LiftTestReply(
        id=row.id,
        channel=channel,
        act=Act(row.act),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        roi=row.roi,
        roi_low=row.roi - Z95 * row.roi_sd,
        roi_high=row.roi + Z95 * row.roi_sd,
        note=row.note,
        created_at=row.created_at,
    )


def evidence(session: Session, frame: MarketingFrame) -> list[Experiment]:
    """What tests say about the channels of a history; a channel without spend in it has nothing to be told about.

    A result in money of days within the history speaks of that change of spend; any other of the channel's return as a whole.
    """
    rows = session.execute(
        select(LiftTestRow, Channel.name)
        .join(Channel, Channel.id == LiftTestRow.channel_id)
        .where(Channel.name.in_(frame.channels))
        .order_by(LiftTestRow.starts_on, LiftTestRow.id)
    )
    return [_experiment(row, name, frame) for row, name in rows]


def _experiment(row: LiftTestRow, channel: str, frame: MarketingFrame) -> Experiment:
    first: date = frame.dates[0].astype(object)
    last: date = frame.dates[-1].astype(object)
    is_inside = first + timedelta(days=BEFORE_DAYS) <= row.starts_on and row.ends_on <= last
    if row.revenue is None or row.revenue_sd is None or not is_inside:
        return LiftTest(channel=channel, roi=row.roi, roi_sd=row.roi_sd)
    return LiftWindow(
        channel=channel,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        increment=row.revenue,
        increment_sd=row.revenue_sd,
    )


def _channel(session: Session, named: str) -> Channel:
    channel = session.scalar(select(Channel).where((Channel.name == named) | (Channel.key == named)))
    if channel is None:
        message = "Choose a channel of the list."
        raise InvalidInput("There is no such channel.", message, [FieldError(message, "channel", value=named)])
    return channel


def _require_days(request: LiftTestRequest, *, today: date) -> None:
    if request.ends_on < request.starts_on:
        raise _complaint("It ends before it starts.", "ends_on")
    if request.ends_on >= today:
        raise _complaint("It has not ended yet. Come back when its last day is over.", "ends_on")
    if (request.ends_on - request.starts_on).days >= _LONGEST_DAYS:
        raise _complaint("A test lasts a year at most.", "ends_on")


def _result(request: LiftTestRequest) -> tuple[float, float]:
    """What was found, and its standard error, in money or per unit of spend as it was told."""
    if (request.roi is None) == (request.revenue is None):
        raise _complaint("Give the result either as revenue or as return.", "result")
    found = request.roi if request.roi is not None else request.revenue or 0.0
    low, high = request.low, request.high
    if low is None and high is None:
        low, high = found - _USUAL_SPREAD * abs(found), found + _USUAL_SPREAD * abs(found)
    if low is None or high is None or not low <= found <= high:
        raise _complaint("Give both ends of the range, with the result between them, or none.", "low")
    least = _LEAST_SD * max(abs(found), 1e-3)
    return found, max((high - low) / (2 * Z95), least)


def _spend_moved(session: Session, channel: Channel, request: LiftTestRequest) -> float:
    """How much less or more was spent in the test than in as many of the days before it."""
    days = (request.ends_on - request.starts_on).days + 1
    before = _spend(session, channel, request.starts_on - timedelta(days=BEFORE_DAYS), request.starts_on)
    expected = before / BEFORE_DAYS * days
    moved = abs(_spend(session, channel, request.starts_on, request.ends_on + timedelta(days=1)) - expected)
    if moved <= _LEAST_MOVE * max(expected, 1e-9):
        raise InvalidInput(
            f"The spend of {channel.name} hardly moved between these days.",
            "Check the days, or give the result as return per unit of spend.",
            [FieldError("Spend hardly moved between these days.", "starts_on")],
        )
    return moved


def _spend(session: Session, channel: Channel, since: date, until: date) -> float:
    """Spend from a day to before another."""
    total = session.scalar(
        select(func.coalesce(func.sum(ChannelDay.spend_micros), 0)).where(
            ChannelDay.channel_id == channel.id, ChannelDay.day >= since, ChannelDay.day < until
        )
    )
    return float(total or 0) / MICROS


def _complaint(message: str, field: str) -> InvalidInput:
    return InvalidInput("The lift test cannot be taken like this.", message, [FieldError(message, field)])
