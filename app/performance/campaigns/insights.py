"""What is worth knowing of one campaign over a period: told from stored days, the same every time. Entry point: `campaign_insights`.

The parts: `insight_trend` (against the period before), `insight_standing` (pace, peers, ads), `insight_limits` (state, open days).
"""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from app.campaigns.detail import budget_changed_on
from app.campaigns.platform_models import Campaign
from app.performance.campaigns import insight_queries as queries
from app.performance.campaigns.insight_limits import by_connection, by_finality, by_gaps, by_status
from app.performance.campaigns.insight_parts import Insight, Told, told_of
from app.performance.campaigns.insight_standing import (
    FEWEST_PEERS,
    ads_that_only_cost,
    against_peers,
    least_telling_micros,
    nothing_converted,
    pacing,
)
from app.performance.campaigns.insight_trend import trends
from app.performance.campaigns.queries import known_extent
from app.performance.service import Notice, PeriodRequest, choose_window
from app.performance.windows import Window
from billing.plans import Plan

_ORDER = {"bad": 0, "warn": 1, "good": 2, "info": 3, "plain": 4}


@dataclass(frozen=True)
class CampaignInsights:
    """What is worth knowing, what asks for something first."""

    window: Window
    items: tuple[Insight, ...]
    notices: tuple[Notice, ...]


def campaign_insights(
    session: Session,
    campaign: Campaign,
    *,
    period: PeriodRequest,
    plan: Plan,
    today: date,
    titles: dict[str, str],
    base: str,
) -> CampaignInsights:
    """Over a period that is clipped to the history that the plan shows, beside the period before it."""
    window, notices = choose_window(known_extent(session), period=period, plan=plan, today=today)
    told = Told(
        campaign=campaign,
        platform=told_of(campaign, titles),
        window=window,
        days=queries.told_days(session, campaign.number, window),
        days_before=queries.told_days(session, campaign.number, window.before()),
        reading=queries.reading_of(session, campaign),
        base=base,
    )
    limits = [by_status(told), by_connection(told)]
    if told.days:
        limits += [by_finality(told), by_gaps(told), _pace(session, told), *_standing(session, told)]
    items = [one for one in limits if one is not None] + (trends(told) if told.finished else [])
    return CampaignInsights(window, tuple(sorted(items, key=lambda one: _ORDER[one.tone])), tuple(notices))


def _pace(session: Session, told: Told) -> Insight | None:
    changed_on = budget_changed_on(session, campaign=told.campaign)
    spent = queries.spent_so_far_micros(session, told.campaign.number)
    return pacing(told, budget_changed_on=changed_on, spent_micros=spent)


def _standing(session: Session, told: Told) -> list[Insight | None]:
    campaign, window = told.campaign, told.window
    of_platform, of_channel = queries.peers_of(session, campaign, window)
    found: list[Insight | None] = [*against_peers(told, of_platform, of_whom=f"other campaigns of {told.platform}")]
    # A platform with one channel has the same peers under both names.
    if of_channel != of_platform and max(of_channel.cpa_of, of_channel.roas_of) >= FEWEST_PEERS:
        beside = against_peers(told, of_channel, of_whom="other campaigns of its channel")
        found += [replace(one, kind=one.kind.replace("peers", "channel")) for one in beside]
    least = least_telling_micros(told)
    if least is not None:
        ads, whole = queries.ads_without_conversions(session, campaign.number, window, least_micros=least)
        found.append(ads_that_only_cost(told, ads, whole_micros=whole or 0, least_micros=least))
    found.append(nothing_converted(told))
    return found
