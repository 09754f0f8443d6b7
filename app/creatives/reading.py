"""One ad's days → the numeric core's question, and its answer. A platform's day without numbers is a day without delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from app.creatives.queries import AdHistory, DayOfAll
from ml.errors import MlError
from ml.fatigue import CreativeDays, Fatigue, creative_fatigue
from ml.frames import FloatArray

SILENT = "Its platform does not tell how often ads were shown, or how often they were clicked."


@dataclass(frozen=True, eq=False)
class Together:
    """Impressions and clicks of all ads of an account, one value per day from `since` on."""

    since: date
    impressions: FloatArray
    clicks: FloatArray


def together(days: Sequence[DayOfAll]) -> Together:
    """An account's days on one line of days, with zeros where nothing was shown."""
    since, length = days[0].day, (days[-1].day - days[0].day).days + 1
    impressions, clicks = np.zeros(length), np.zeros(length)
    at = [(one.day - since).days for one in days]
    impressions[at], clicks[at] = [one.impressions for one in days], [one.clicks for one in days]
    return Together(since, impressions, clicks)


def judged(ad: AdHistory, all_ads: Together) -> Fatigue:
    """Whether the ad wears out; what cannot be compared is `not_enough_data` with the reason."""
    if not any(ad.impressions) or all(one is None for one in ad.clicks):
        return _unknown(SILENT)
    try:
        return creative_fatigue(_question(ad, all_ads))
    except MlError as problem:
        return _unknown(problem.detail)


def own_days(ad: AdHistory) -> tuple[list[date], FloatArray, FloatArray]:
    """(days, impressions, clicks) from the ad's first day to its last, without gaps."""
    length = (ad.days[-1] - ad.days[0]).days + 1
    days = [date.fromordinal(ad.days[0].toordinal() + offset) for offset in range(length)]
    return days, _spread(ad, ad.impressions, length), _spread(ad, ad.clicks, length)


def _question(ad: AdHistory, all_ads: Together) -> CreativeDays:
    _, impressions, clicks = own_days(ad)
    length, start = len(impressions), (ad.days[0] - all_ads.since).days
    others_shown = all_ads.impressions[start : start + length] - impressions
    others_clicked = all_ads.clicks[start : start + length] - clicks
    has_peers = bool((others_clicked <= others_shown).all())
    return CreativeDays(
        impressions=impressions,
        clicks=clicks,
        conversions=None if None in ad.conversions else _spread(ad, ad.conversions, length),
        spend=_spread(ad, ad.spend, length),
        reach=None if None in ad.reach else _spread(ad, ad.reach, length),
        peer_impressions=others_shown if has_peers else None,
        peer_clicks=others_clicked if has_peers else None,
    )


def _spread(ad: AdHistory, values: Sequence[float | None], length: int) -> FloatArray:
    spread = np.zeros(length)
    spread[[(day - ad.days[0]).days for day in ad.days]] = [value or 0.0 for value in values]
    return spread


def _unknown(reason: str) -> Fatigue:
    return Fatigue("not_enough_data", reason, None, None, None, None, None, ())
