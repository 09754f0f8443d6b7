"""What touch paths are made of: the days to look at, customers' orders and touches, what sources claim, and the recorded revenue.

All of one period and in the workspace's currency; a day is a day of the workspace's time zone. `read_history` is the entry.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select, text
from sqlalchemy.orm import Session

from app.campaigns.facts import WHOLE_DAY_KEY
from app.campaigns.models import ChannelDay, DailyFact, DataVersion
from app.campaigns.platform_models import RevenueDay
from app.customers.models import CustomerEvent
from app.customers.queries import orders, refunds, touches
from app.mix.errors import RunRefused
from app.mix.queries import latest_run_id
from app.mix.schemas import Kind, PathsRequest
from kit.money import MICROS
from ml.attribution import Claim

_VERSIONS = ("facts", "customers")
# As in the roll-up (`app.campaigns.facts`): what a platform told of a channel and day wins over what a file says of it. What a file
# says of a channel that takes no money (direct visits, organic search) is no claim: nobody asks to be paid for it.
_CLAIMS = text(
    """
    WITH told AS (
      SELECT days.day, campaigns.channel_id, campaigns.currency, sum(days.conversions) AS conversions,
        sum(days.conversion_value_micros) AS value
      FROM campaign_days AS days JOIN campaigns ON campaigns.number = days.campaign_number
        JOIN channels ON channels.id = campaigns.channel_id AND channels.is_counted
      WHERE days.day BETWEEN :since AND :until GROUP BY days.day, campaigns.channel_id, campaigns.currency),
    synced AS (
      SELECT told.day, told.channel_id, sum(conversions) AS conversions, sum(value * rates.rate) AS value
      FROM told, LATERAL (
        SELECT rate FROM exchange_rates WHERE exchange_rates.currency = told.currency AND exchange_rates.day <= told.day
        ORDER BY exchange_rates.day DESC LIMIT 1) AS rates
      GROUP BY told.day, told.channel_id),
    imported AS (
      SELECT day, channel_id, sum(conversions) AS conversions, sum(revenue_micros) AS value
      FROM daily_facts WHERE day BETWEEN :since AND :until AND channel_id IN (
        SELECT channel_id FROM channel_days WHERE day BETWEEN :since AND :until AND spend_micros > 0)
      GROUP BY day, channel_id)
    SELECT channels.name, sum(coalesce(synced.conversions, imported.conversions)),
      sum(coalesce(synced.value, imported.value))
    FROM synced FULL JOIN imported USING (day, channel_id) JOIN channels ON channels.id = channel_id
    WHERE channels.key <> :whole_day
    GROUP BY channels.name, channels.slot ORDER BY channels.slot
    """
)


@dataclass(frozen=True)
class Window:
    """The days that are looked at, both included."""

    since: date
    until: date

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    def bounds(self, zone: str) -> tuple[datetime, datetime]:
        """From which instant to before which, by the clock of `zone`."""
        return midnight(self.since, zone), midnight(self.until + timedelta(days=1), zone)


@dataclass(frozen=True)
class History:
    """What is known of a window. Touches, and `earlier` orders, reach back before it by the look-back; `refunds` are of any day since.

    `recorded` is the revenue that dashboards and the mix model know, in units; `is_told` is False where that is nothing but the
    platforms' own claims.
    """

    window: Window
    starts_at: datetime
    touches: list[tuple[UUID, datetime, str]]
    orders: list[tuple[UUID, datetime, int, str]]
    earlier: list[tuple[UUID, datetime, int, str]]
    refunds: list[tuple[str, int]]
    claims: dict[str, Claim]
    recorded: float
    is_told: bool


def read_history(session: Session, request: PathsRequest, *, today: date, zone: str) -> History:
    """The newest days for which there are data, up to yesterday. Raises RunRefused where there is nothing at all."""
    window = _window(session, request, today=today, zone=zone)
    starts_at, ends_at = window.bounds(zone)
    reaches_to = starts_at - timedelta(days=request.look_back_days)
    recorded = session.scalar(
        select(func.sum(ChannelDay.revenue_micros)).where(ChannelDay.day.between(window.since, window.until))
    )
    return History(
        window=window,
        starts_at=starts_at,
        touches=touches(session, reaches_to, ends_at),
        orders=orders(session, starts_at, ends_at),
        earlier=orders(session, reaches_to, starts_at),
        refunds=refunds(session, starts_at, midnight(today + timedelta(days=1), zone)),
        claims=_claims(session, window),
        recorded=float(recorded or 0) / MICROS,
        is_told=_is_told(session, window),
    )


def has_history(session: Session) -> bool:
    """True where there is anything to set side by side."""
    kinds = CustomerEvent.kind.in_(("order", "touch"))
    return bool(session.scalar(select(exists().where(kinds) | exists(select(ChannelDay.day)))))


def has_touches(session: Session) -> bool:
    """True where any touch of a customer was told."""
    return bool(session.scalar(select(exists().where(CustomerEvent.kind == "touch"))))


def paths_version(session: Session) -> int:
    """A number for what such a run reads: the facts, the customers' events and the newest attribution. Not in any order."""
    counted = session.execute(
        select(DataVersion.name, DataVersion.version).where(DataVersion.name.in_(_VERSIONS)).order_by(DataVersion.name)
    ).all()
    newest = latest_run_id(session, kind=Kind.ATTRIBUTION, state="done")
    last_event = session.scalar(select(func.max(CustomerEvent.number)))
    state = repr((*(tuple(row) for row in counted), last_event, newest))
    return int.from_bytes(hashlib.sha256(state.encode()).digest()[:8], "big") >> 1


def midnight(day: date, zone: str) -> datetime:
    """The instant at which a day begins where the clock shows `zone`'s time."""
    return datetime.combine(day, time(), ZoneInfo(zone))


def _window(session: Session, request: PathsRequest, *, today: date, zone: str) -> Window:
    """The last days of what is known of both: the channels' days and the customers' events; of one where only one is known, or
    where they have no day in common."""
    facts = _first_and_last_fact(session, today=today)
    events = _first_and_last_event(session, today=today, zone=zone)
    known = [span for span in (facts, events) if span is not None]
    if not known:
        raise RunRefused(
            "There is no data yet.", "Upload customers' orders and touches, or import your channels' spend and revenue."
        )
    first, last = max(span[0] for span in known), min(span[1] for span in known)
    if first > last:
        first, last = known[0]
    return Window(max(first, last - timedelta(days=request.window_days - 1)), last)


def _first_and_last_fact(session: Session, *, today: date) -> tuple[date, date] | None:
    known = select(func.min(ChannelDay.day), func.max(ChannelDay.day)).where(ChannelDay.day < today)
    first, last = session.execute(known).one()
    return None if first is None else (first, last)


def _first_and_last_event(session: Session, *, today: date, zone: str) -> tuple[date, date] | None:
    """From the first order to the last order or touch."""
    at = CustomerEvent.happened_at
    known: dict[str, tuple[date, date]] = {}
    for kind in ("order", "touch"):  # one by one, so that each is read off the ends of an index
        told = select(func.min(at), func.max(at)).where(CustomerEvent.kind == kind, at < midnight(today, zone))
        for first, last in session.execute(told).all():
            if isinstance(first, datetime) and isinstance(last, datetime):
                known[kind] = first.astimezone(ZoneInfo(zone)).date(), last.astimezone(ZoneInfo(zone)).date()
    return (known["order"][0], max(last for _, last in known.values())) if "order" in known else None


def _claims(session: Session, window: Window) -> dict[str, Claim]:
    """What each source says that it brought; what is below zero, after returns, is left out."""
    rows = session.execute(_CLAIMS, {"since": window.since, "until": window.until, "whole_day": WHOLE_DAY_KEY})
    claims = {name: Claim(_above(conversions, 1), _above(micros, MICROS)) for name, conversions, micros in rows}
    return {name: claim for name, claim in claims.items() if claim.conversions or claim.value}


def _above(value: object, unit: int) -> float | None:
    found = None if value is None else float(str(value)) / unit
    return None if found is None or found < 0 else found


def _is_told(session: Session, window: Window) -> bool:
    """True where a shop or a file told revenue in these days."""
    by_file = select(DailyFact.day).where(
        DailyFact.day.between(window.since, window.until), DailyFact.revenue_micros.is_not(None)
    )
    by_shop = select(RevenueDay.day).where(RevenueDay.day.between(window.since, window.until))
    return bool(session.scalar(select(exists(by_file) | exists(by_shop))))
