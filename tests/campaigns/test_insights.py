"""What is worth knowing of a campaign: moves beyond the noise and those within it, pace, peers, ads that only cost, and limits."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from app.campaigns.platform_models import AdDay, Campaign, CampaignDay
from app.performance.campaigns.insight_parts import Certainty, Insight
from app.performance.campaigns.insights import campaign_insights
from app.performance.service import PeriodRequest
from billing.plans import PREMIUM
from kit.web.templates import template_environment
from tests.campaigns.advertiser import LAST_DAY, MICROS, Advertiser


def told(advertiser: Advertiser, campaign: Campaign) -> dict[str, Insight]:
    """The campaign's insights of the last 28 days by kind."""
    found = campaign_insights(
        advertiser.session,
        campaign,
        period=PeriodRequest(since=LAST_DAY - timedelta(days=27), until=LAST_DAY),
        plan=PREMIUM,
        today=LAST_DAY + timedelta(days=1),
        titles={"meta_ads": "Meta"},
        base="/w/1",
    )
    assert len({one.kind for one in found.items}) == len(found.items)
    return {one.kind: one for one in found.items}


def course(advertiser: Advertiser, campaign: Campaign, orders: Sequence[float], *, finality: int = 2) -> None:
    """The last days, oldest first: 40 a day, and as many orders of 30 each."""
    first = advertiser.last_day - timedelta(days=len(orders) - 1)
    for offset, number in enumerate(orders):
        advertiser.session.add(
            CampaignDay(
                campaign_number=campaign.number,
                day=first + timedelta(days=offset),
                spend_micros=40 * MICROS,
                conversions=Decimal(str(number)),
                conversion_value_micros=round(number * 30 * MICROS),
                impressions=1000,
                clicks=20,
                finality=finality,
            )
        )
    advertiser.session.flush()


def test_a_move_beyond_the_noise_is_told_with_its_span_and_a_preview(advertiser: Advertiser) -> None:
    campaign = advertiser.campaign("Falling", account=advertiser.account())
    course(advertiser, campaign, [9, 11, 10, 10] * 7 + [4, 6, 5, 5] * 7)
    roas = told(advertiser, campaign)["trend_roas"]
    assert (roas.certainty, roas.tone) == (Certainty.CLEAR, "bad")
    assert "ROAS went from 7.50× to 3.75×" in roas.sentence
    figures = {figure.name: figure.value for figure in roas.figures}
    assert figures["change"] == -0.5
    assert figures["change_low"] < -0.5 < figures["change_high"] < 0
    assert roas.suggestion is not None
    assert roas.suggestion.is_change
    assert roas.suggestion.href == f"/w/1/campaigns/change?campaign={campaign.id}&kind=set_daily_budget&budget=-20+%25"
    assert roas.source.startswith("Campaign days of Meta, account Main")


def test_a_difference_within_the_noise_is_called_that(advertiser: Advertiser) -> None:
    campaign = advertiser.campaign("Noisy", account=advertiser.account())
    course(advertiser, campaign, [1, 12, 3, 9] * 7 + [2, 13, 1, 12] * 7)
    for kind in ("trend_roas", "trend_cpa", "trend_conversions_a_day"):
        insight = told(advertiser, campaign)[kind]
        assert (insight.certainty, insight.tone) == (Certainty.CANNOT_TELL, "plain")
        assert "You cannot tell whether it changed" in insight.sentence
        assert insight.suggestion is None or not insight.suggestion.is_change


def test_without_days_before_nothing_is_compared(advertiser: Advertiser) -> None:
    campaign = advertiser.campaign("New", account=advertiser.account())
    course(advertiser, campaign, [5] * 10)
    assert not any(kind.startswith("trend") for kind in told(advertiser, campaign))


def test_a_day_that_is_not_over_is_left_out_and_open_days_are_counted(advertiser: Advertiser) -> None:
    campaign = advertiser.campaign("Open", account=advertiser.account())
    course(advertiser, campaign, [10] * 56)
    advertiser.session.get_one(CampaignDay, (campaign.number, LAST_DAY)).finality = 0
    advertiser.session.get_one(CampaignDay, (campaign.number, LAST_DAY)).conversions = Decimal(0)
    advertiser.session.get_one(CampaignDay, (campaign.number, LAST_DAY - timedelta(days=1))).finality = 1
    insights = told(advertiser, campaign)
    assert "Conversions a day stayed at 10." in insights["trend_conversions_a_day"].sentence
    assert "2 days of this period, from 19 Nov 2026 on, may still change" in insights["provisional_days"].sentence


def test_the_pace_is_told_against_the_daily_budget(advertiser: Advertiser) -> None:
    slow = advertiser.campaign("Slow", account=advertiser.account(), daily_budget_micros=100 * MICROS)
    course(advertiser, slow, [5] * 28)
    pace = told(advertiser, slow)["pacing"]
    assert pace.tone == "warn"
    assert "$40.00 a day, 40" in pace.sentence
    assert "of its daily budget of $100" in pace.sentence
    even = advertiser.campaign("Even", account=advertiser.account(), daily_budget_micros=42 * MICROS)
    course(advertiser, even, [5] * 28)
    assert told(advertiser, even)["pacing"].tone == "plain"
    shared = advertiser.campaign("Shared", account=advertiser.account(), budget_owner="shared")
    course(advertiser, shared, [5] * 28)
    assert "pacing" not in told(advertiser, shared)


def test_a_budget_for_the_whole_time_is_told_by_how_much_of_the_time_is_over(advertiser: Advertiser) -> None:
    campaign = advertiser.campaign(
        "Whole",
        account=advertiser.account(),
        daily_budget_micros=None,
        lifetime_budget_micros=1120 * MICROS,
        starts_on=LAST_DAY - timedelta(days=27),
        ends_on=LAST_DAY + timedelta(days=28),
    )
    course(advertiser, campaign, [5] * 28)
    pace = told(advertiser, campaign)["pacing"]
    assert pace.tone == "warn"
    assert [figure.value for figure in pace.figures] == [1.0, 0.5]


def test_cpa_and_roas_stand_beside_the_median_of_enough_peers(advertiser: Advertiser) -> None:
    account = advertiser.account()
    campaign = advertiser.campaign("Dear", account=account)
    course(advertiser, campaign, [1, 1.2, 0.9, 1.1] * 7)
    for number in range(4):
        course(advertiser, advertiser.campaign(f"Peer {number}", account=account), [4] * 28)
    assert "cpa_beside_peers" not in told(advertiser, campaign)
    course(advertiser, advertiser.campaign("Peer 5", account=account), [4] * 28)
    insights = told(advertiser, campaign)
    cpa = insights["cpa_beside_peers"]
    assert (cpa.certainty, cpa.tone) == (Certainty.CLEAR, "bad")
    assert "above the median of 5 other campaigns of Meta" in cpa.sentence
    assert {figure.name: figure.value for figure in cpa.figures}["median"] == 10 * MICROS
    assert insights["roas_beside_peers"].tone == "bad"


def test_ads_that_carry_spend_without_conversions_are_named(advertiser: Advertiser) -> None:
    campaign = advertiser.campaign("Ads", account=advertiser.account())
    course(advertiser, campaign, [2] * 28)
    good, idle, cheap = (advertiser.ad(campaign, name, spend=spend) for name, spend in (("A", 6), ("B", 9), ("C", 1)))
    for ad in (idle, cheap):
        for offset in range(10):
            advertiser.session.get_one(AdDay, (ad.number, LAST_DAY - timedelta(days=offset))).conversions = Decimal(0)
    advertiser.session.flush()
    insight = told(advertiser, campaign)["ads_without_conversions"]
    assert "“B”" in insight.sentence
    assert good.name not in insight.sentence.split(": ")[1].split(". ")[0]
    assert [figure.value for figure in insight.figures] == [1, 90 * MICROS, 0.5625]
    assert insight.source.startswith("Ad days of Meta")


def test_a_campaign_without_any_conversion_offers_the_preview_of_a_pause(advertiser: Advertiser) -> None:
    campaign = advertiser.campaign("Idle", account=advertiser.account())
    course(advertiser, campaign, [0] * 28)
    insight = told(advertiser, campaign)["no_conversions"]
    assert "$1,120 in 28 days and brought no conversion" in insight.sentence
    assert insight.suggestion is not None
    assert insight.suggestion.href.endswith("&kind=pause")


def test_its_state_and_its_connection_are_named_where_they_limit_the_numbers(advertiser: Advertiser) -> None:
    account = advertiser.account()
    campaign = advertiser.campaign("Paused", account=account, status="paused")
    course(advertiser, campaign, [5] * 20)
    account.problem = "The account is disabled."
    insights = told(advertiser, campaign)
    assert insights["status"].sentence.startswith("It is paused")
    assert insights["not_read"].sentence.endswith("The account is disabled.")
    assert "pacing" not in insights


def test_a_plan_tells_that_there_is_nothing_to_measure(advertiser: Advertiser) -> None:
    plan = Campaign(channel_id=advertiser.channel().id, name="Plan", status="planned", currency="USD")
    advertiser.session.add(plan)
    advertiser.session.flush()
    assert list(told(advertiser, plan)) == ["status"]


def test_days_of_which_nothing_is_told_are_counted(advertiser: Advertiser) -> None:
    campaign = advertiser.campaign("Gappy", account=advertiser.account())
    course(advertiser, campaign, [5] * 28)
    advertiser.session.delete(advertiser.session.get_one(CampaignDay, (campaign.number, LAST_DAY - timedelta(days=3))))
    advertiser.session.flush()
    assert "1 day of this period nothing is told" in told(advertiser, campaign)["missing_days"].sentence


def test_the_card_offers_previews_to_those_who_may_change_campaigns(advertiser: Advertiser) -> None:
    campaign = advertiser.campaign("Idle <b>", account=advertiser.account())
    course(advertiser, campaign, [0] * 28)
    card = template_environment().from_string(
        "{% from 'campaigns/insights.html' import campaign_insights %}{{ campaign_insights(items, may) }}"
    )
    items = list(told(advertiser, campaign).values())
    assert "Preview pausing it" in card.render(items=items, may=True)
    shown = card.render(items=items, may=False)
    assert "brought no conversion" in shown
    assert "Preview pausing it" not in shown
    assert card.render(items=[], may=True).strip() == ""


def test_the_same_days_tell_the_same_twice(advertiser: Advertiser) -> None:
    campaign = advertiser.campaign("Same", account=advertiser.account())
    course(advertiser, campaign, [4, 7, 2] * 18)
    assert told(advertiser, campaign) == told(advertiser, campaign)
