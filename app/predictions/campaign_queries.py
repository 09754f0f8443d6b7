"""The campaigns' days that models learn from: matrices in the workspace's currency, up to the last day that every account has told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Float, cast, func, select
from sqlalchemy.orm import Session

from app.campaigns.models import Channel
from app.campaigns.platform_models import Campaign, CampaignDay, ExchangeRate
from app.predictions.errors import PredictionRefused, as_product_error
from kit.money import MICROS
from ml.errors import MlError
from ml.frames import DayArray, FloatArray
from ml.predict.campaigns import CampaignHistory, CampaignLabels, campaign_history

MOST_CAMPAIGNS = 500
HISTORY = timedelta(days=3 * 365)
RECENT = timedelta(days=180)
STALE = timedelta(days=7)


@dataclass(frozen=True)
class LearntFrom:
    """A history by campaign id, and what people call the campaigns."""

    history: CampaignHistory
    names: dict[str, str]

    @property
    def next_day(self) -> date:
        """The first day that it does not know."""
        last: date = self.history.dates[-1].item()
        return last + timedelta(days=1)


def campaigns_history(session: Session, *, currency: str, today: date, also: UUID | None = None) -> LearntFrom:
    """The days of the campaigns that spent most in the last half year, `also` one more, up to yesterday at most.

    Accounts that have told nothing for a week are left out; the others end on the same day, the last that all of them have told, so
    that a day without a row is a day without delivery. Raises PredictionRefused without campaigns, or without an exchange rate.
    """
    ends = _ends(session, today=today)
    if not ends:
        raise PredictionRefused(
            "No connected account has told of its campaigns in the last week.",
            "Connect an account, or look at its last sync.",
        )
    until = min(ends.values())
    campaigns = _campaigns(session, accounts=list(ends), until=until, also=also)
    if not campaigns:
        raise PredictionRefused("No campaign has spent anything in the last half year.", "Come back when one runs.")
    rows = _days(session, numbers=[row.number for row in campaigns], until=until)
    return _history(campaigns, rows, rates=_rates(session), currency=currency)


def rate_of(session: Session, code: str, *, currency: str, day: date) -> float:
    """What a unit of `code` was worth in the workspace's currency on a day. Raises PredictionRefused where nobody knows."""
    if code == currency:
        return 1.0
    found = _rates(session).get(code)
    worth = None if found is None else float(_on(found, np.array([day], "datetime64[D]"))[0])
    if worth is None or not np.isfinite(worth):
        raise PredictionRefused(
            f"There is no exchange rate from {code} to {currency} for these days.",
            "Wait for the next fetch of exchange rates; it comes with each sync.",
        )
    return worth


def _ends(session: Session, *, today: date) -> dict[UUID, date]:
    """Per account that told of the last week, its newest whole day."""
    rows = session.execute(
        select(Campaign.account_id, func.max(CampaignDay.day))
        .join(CampaignDay, CampaignDay.campaign_number == Campaign.number)
        .where(CampaignDay.day < today, CampaignDay.day >= today - STALE, Campaign.account_id.is_not(None))
        .group_by(Campaign.account_id)
    )
    return {account: day for account, day in rows if account is not None}


def _campaigns(session: Session, *, accounts: Sequence[UUID], until: date, also: UUID | None) -> Sequence[Any]:
    spent = func.sum(CampaignDay.spend_micros)
    chosen = (
        select(
            Campaign.number,
            Campaign.id,
            Campaign.name,
            Campaign.currency,
            Campaign.connector_key,
            Campaign.objective,
            Channel.key.label("channel"),
        )
        .join(Channel, Channel.id == Campaign.channel_id)
        .join(CampaignDay, CampaignDay.campaign_number == Campaign.number)
        .where(Campaign.account_id.in_(accounts), CampaignDay.day.between(until - RECENT, until))
        .group_by(Campaign.number, Channel.key)
        .having(spent > 0)
    )
    rows = session.execute(chosen.order_by(spent.desc(), Campaign.number).limit(MOST_CAMPAIGNS)).all()
    if also is not None and also not in {row.id for row in rows}:
        rows = [*rows, *session.execute(chosen.where(Campaign.id == also)).all()]
    return rows


def _days(session: Session, *, numbers: Sequence[int], until: date) -> Sequence[Any]:
    return session.execute(
        select(
            CampaignDay.campaign_number,
            CampaignDay.day,
            cast(CampaignDay.spend_micros, Float),
            cast(CampaignDay.conversions, Float),
            cast(CampaignDay.conversion_value_micros, Float),
        ).where(CampaignDay.campaign_number.in_(numbers), CampaignDay.day.between(until - HISTORY, until))
    ).all()


def _history(
    campaigns: Sequence[Any], rows: Sequence[Any], *, rates: dict[str, tuple[DayArray, FloatArray]], currency: str
) -> LearntFrom:
    by_number = {row.number: row for row in campaigns}
    numbers, days, spend, conversions, value = zip(*rows, strict=True)
    dates = np.array(days, "datetime64[D]")
    worth = _worth(np.array([by_number[number].currency for number in numbers]), dates, rates, currency)
    is_known = np.isfinite(worth)
    if not is_known.any():
        raise PredictionRefused(
            f"There is no exchange rate to {currency} for the campaigns' days.",
            "Wait for the next fetch of exchange rates; it comes with each sync.",
        )
    ids = np.array([str(by_number[number].id) for number in numbers])
    try:
        history = campaign_history(
            campaigns=ids[is_known].tolist(),
            dates=dates[is_known],
            spend=(np.array(spend, float) / MICROS * worth)[is_known],
            conversions=np.array(conversions, float)[is_known],
            value=(np.array(value, float) / MICROS * worth)[is_known],
            labels={
                str(row.id): CampaignLabels(row.connector_key or "", row.channel, row.objective) for row in campaigns
            },
        )
    except MlError as problem:
        raise as_product_error(problem) from problem
    return LearntFrom(history, {str(row.id): row.name for row in campaigns})


def _worth(
    codes: np.ndarray, dates: DayArray, rates: dict[str, tuple[DayArray, FloatArray]], currency: str
) -> FloatArray:
    """What a unit of each row's currency was worth on its day; NaN where nobody knows."""
    worth = np.ones(len(codes))
    for code in set(codes.tolist()) - {currency}:
        of_code = codes == code
        worth[of_code] = _on(rates[code], dates[of_code]) if code in rates else np.nan
    return worth


def _on(rates: tuple[DayArray, FloatArray], dates: DayArray) -> FloatArray:
    """The last rate known on each day."""
    place = np.searchsorted(rates[0], dates, side="right") - 1
    return np.where(place >= 0, rates[1][np.maximum(place, 0)], np.nan)


def _rates(session: Session) -> dict[str, tuple[DayArray, FloatArray]]:
    rows = session.execute(
        select(ExchangeRate.currency, ExchangeRate.day, cast(ExchangeRate.rate, Float)).order_by(
            ExchangeRate.currency, ExchangeRate.day
        )
    ).all()
    found: dict[str, tuple[list[date], list[float]]] = {}
    for code, day, rate in rows:
        days, values = found.setdefault(code, ([], []))
        days.append(day)
        values.append(rate)
    return {code: (np.array(days, "datetime64[D]"), np.array(values)) for code, (days, values) in found.items()}
