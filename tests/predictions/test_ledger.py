"""What is written down stays as it was, is scored once its days are final, and says so when nothing can be said."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from app.campaigns.platform_models import CampaignDay, RevenueDay
from app.predictions.models import Prediction, PredictionScore
from app.predictions.schemas import Kind
from app.predictions.scoring import score_due
from app.predictions.service import disjoint, record, record_all, track_record, track_records
from kit.db import ScopedSession
from tests.campaigns.advertiser import MICROS, Advertiser
from tests.predictions.seller import Seller, days, said, today


def score_of(session: ScopedSession, prediction: Prediction) -> PredictionScore | None:
    session.flush()
    return session.get(PredictionScore, prediction.id)


def score(session: ScopedSession) -> int:
    return score_due(session, today=today(), currency="USD")


def test_a_prediction_is_written_down_once_and_never_changes(session: ScopedSession) -> None:
    first = record(session, said("a"))
    again = record(session, said("a", point=2000 * MICROS, high=3000 * MICROS))
    assert again.id == first.id
    assert again.point == Decimal(1000 * MICROS)
    assert record_all(session, [said("a"), said("b"), said("b")]) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"point": float("nan")},
        {"high": float("inf")},
        {"low": 1200 * MICROS},
        {"level": 1.0},
        {"since": today()},
    ],
)
def test_a_number_without_a_sound_range_is_no_prediction(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"range|finite"):
        said("a", **wrong)


def test_amounts_of_a_trillion_are_kept_exactly(session: ScopedSession) -> None:
    micros = 10**12 * MICROS
    kept = record(session, said("big", point=micros, low=0, high=micros))
    assert kept.point == Decimal(micros)


def test_a_forecast_is_scored_by_what_came_in(session: ScopedSession, seller: Seller) -> None:
    inside, outside = record(session, said("in")), record(session, said("out", low=990 * MICROS))
    seller.takes(dict.fromkeys(days(inside.since, today()), 140))
    assert score(session) == 2
    found = score_of(session, inside)
    assert found is not None
    assert (found.actual, found.error, found.inside) == (Decimal(980 * MICROS), Decimal(-20 * MICROS), True)
    assert score_of(session, outside).inside is False  # type: ignore[union-attr]  # it was scored
    assert score(session) == 0


def test_days_that_are_not_over_or_not_read_yet_wait(session: ScopedSession, seller: Seller) -> None:
    ahead = record(session, said("ahead", until=today() + timedelta(days=3)))
    unread = record(session, said("unread"))
    seller.takes(dict.fromkeys(days(unread.since, unread.until - timedelta(days=1)), 140))
    assert score(session) == 0
    assert score_of(session, ahead) is None


def test_days_that_a_shop_may_still_correct_wait_until_they_are_final(session: ScopedSession, seller: Seller) -> None:
    prediction = record(session, said("settling"))
    seller.takes(dict.fromkeys(days(prediction.since, today()), 140))
    account = Advertiser(session).account("Shop", connector="shopify")
    session.add(
        RevenueDay(account_id=account.id, day=prediction.until, source="", revenue_micros=140 * MICROS, finality=1)
    )
    session.flush()
    assert score(session) == 0
    session.execute(update(RevenueDay).values(finality=2))
    assert score(session) == 1


def test_after_sixty_days_what_is_known_counts_and_what_never_came_is_told(
    session: ScopedSession, seller: Seller
) -> None:
    until = today() - timedelta(days=70)
    old = record(session, said("old", since=until - timedelta(days=6), until=until))
    assert score(session) == 1
    assert score_of(session, old).reason == "No data came in for these days."  # type: ignore[union-attr]  # it was scored


def test_another_currency_cannot_be_compared(session: ScopedSession) -> None:
    prediction = record(session, said("euros", currency="EUR"))
    score(session)
    assert "USD" in score_of(session, prediction).reason  # type: ignore[union-attr]  # it was scored


@pytest.mark.parametrize(("spend", "is_scored"), [(10, True), (20, False)])
def test_a_planned_forecast_counts_only_where_the_plan_came_true(
    session: ScopedSession, seller: Seller, spend: int, is_scored: bool
) -> None:
    plan = {"is_planned": True, "planned_spend_micros": 70 * MICROS}
    prediction = record(session, said("planned", assumed=plan))
    seller.takes(dict.fromkeys(days(prediction.since, today()), 140), spend=spend)
    score(session)
    found = score_of(session, prediction)
    assert found is not None
    assert (found.inside is not None) == is_scored
    assert bool(found.reason) != is_scored


@pytest.mark.parametrize(("moves", "words"), [((10, 20), "hold-out"), ((10, 60), "not followed")])
def test_a_plan_is_told_followed_or_not_but_never_credited_without_a_test(
    session: ScopedSession, seller: Seller, moves: tuple[int, int], words: str
) -> None:
    before, after = moves
    move = {"channel": "Facebook Ads", "from_micros": before * MICROS, "to_micros": after * MICROS}
    prediction = record(session, said("plan", kind=Kind.BUDGET_MOVE, assumed={"is_planned": True, "channels": [move]}))
    seller.takes(dict.fromkeys(days(prediction.since, today()), 140), spend=19)
    score(session)
    assert words in score_of(session, prediction).reason  # type: ignore[union-attr]  # it was scored


def campaign_said(seller: Seller, key: str, **changes: Any) -> Any:
    campaign = seller.campaigns[0]
    fields = {
        "kind": Kind.CAMPAIGN_CONVERSIONS,
        "unit": "count",
        "currency": None,
        "point": 21,
        "low": 0,
        "high": 1000,
        "subject_id": campaign.id,
        "subject": campaign.name,
        "assumed": {"is_planned": False, "spend_micros": 420 * MICROS},
    }
    return said(key, **(fields | changes))


def test_a_campaigns_conversions_and_roas_are_scored_by_its_own_days(session: ScopedSession, seller: Seller) -> None:
    seller.run_campaigns(1, days=30)
    conversions = record(session, campaign_said(seller, "conversions"))
    roas = record(session, campaign_said(seller, "roas", kind=Kind.CAMPAIGN_ROAS, unit="ratio"))
    sums = session.execute(
        select(CampaignDay.conversions, CampaignDay.conversion_value_micros, CampaignDay.spend_micros).where(
            CampaignDay.day.between(conversions.since, conversions.until)
        )
    ).all()
    score(session)
    assert score_of(session, conversions).actual == sum(row[0] or 0 for row in sums)  # type: ignore[union-attr]  # it was scored
    worth = sum(row[1] or 0 for row in sums) / sum(row[2] for row in sums)
    assert float(score_of(session, roas).actual or 0) == pytest.approx(worth, abs=1e-6)  # type: ignore[union-attr]  # it was scored


def test_what_a_platform_may_still_correct_waits(session: ScopedSession, seller: Seller) -> None:
    seller.run_campaigns(1, days=30)
    record(session, campaign_said(seller, "settling"))
    session.execute(update(CampaignDay).values(finality=1))
    assert score(session) == 0


def test_a_campaign_that_spent_nothing_has_no_roas_and_no_conversions(session: ScopedSession, seller: Seller) -> None:
    seller.run_campaigns(2, days=30)
    quiet = seller.campaigns[0]
    session.execute(
        update(CampaignDay)
        .where(CampaignDay.campaign_number == quiet.number)
        .values(spend_micros=0, conversions=None, conversion_value_micros=None)
    )
    conversions = record(session, campaign_said(seller, "none"))
    roas = record(session, campaign_said(seller, "no roas", kind=Kind.CAMPAIGN_ROAS, unit="ratio"))
    score(session)
    assert score_of(session, conversions).actual == 0  # type: ignore[union-attr]  # it was scored
    assert "no ROAS" in score_of(session, roas).reason  # type: ignore[union-attr]  # it was scored


def test_a_campaign_that_is_gone_leaves_a_reason(session: ScopedSession, seller: Seller) -> None:
    seller.run_campaigns(1, days=30)
    prediction = record(session, campaign_said(seller, "gone"))
    session.execute(delete(CampaignDay))
    session.delete(seller.campaigns[0])
    session.flush()
    score(session)
    assert "no longer here" in score_of(session, prediction).reason  # type: ignore[union-attr]  # it was scored


def weeks(session: ScopedSession, held: int, missed: int) -> None:
    """So many predictions of separate weeks, scored."""
    for index in range(held + missed):
        until = today() - timedelta(days=3 + 7 * index)
        high = 1100 if index < held else 950
        record(
            session,
            said(f"week {index}", since=until - timedelta(days=6), until=until, point=940 * MICROS, high=high * MICROS),
        )


def record_after(session: ScopedSession, seller: Seller, held: int, missed: int) -> Any:
    weeks(session, held, missed)
    first = today() - timedelta(days=7 * (held + missed) + 20)
    seller.takes(dict.fromkeys(days(first, today()), 140))
    score(session)
    return track_record(session, Kind.FORECAST_REVENUE)


def test_below_ten_outcomes_there_is_no_verdict(session: ScopedSession, seller: Seller) -> None:
    found = record_after(session, seller, held=9, missed=0)
    assert found.verdict == "too_few"
    assert found.share_inside is None
    assert "Too few to tell" in found.sentence


@pytest.mark.parametrize(
    ("held", "missed", "verdict"),
    [(10, 2, "as_promised"), (6, 14, "too_narrow"), (30, 0, "too_wide")],
)
def test_from_ten_on_the_share_inside_is_compared_with_the_promise(
    session: ScopedSession, seller: Seller, held: int, missed: int, verdict: str
) -> None:
    found = record_after(session, seller, held, missed)
    assert (found.scored, found.inside, found.periods) == (held + missed, held, held + missed)
    assert found.share_inside == pytest.approx(held / (held + missed))
    assert found.median_error == pytest.approx(40 / 940)
    assert found.verdict == verdict
    assert "80 %" in found.sentence.replace("\u00a0", " ")


def test_overlapping_days_are_little_evidence(session: ScopedSession, seller: Seller) -> None:
    for index in range(20):
        record(session, said(f"same week {index}", high=950 * MICROS, point=940 * MICROS))
    seller.takes(dict.fromkeys(days(today() - timedelta(days=20), today()), 140))
    score(session)
    found = track_record(session, Kind.FORECAST_REVENUE)
    assert (found.scored, found.periods, found.share_inside) == (20, 1, 0.0)
    assert found.verdict == "unclear"
    assert "1 stretch" in found.sentence


def test_records_come_in_one_order_and_only_where_there_is_anything(session: ScopedSession, seller: Seller) -> None:
    assert track_records(session) == []
    seller.run_campaigns(1, days=30)
    record(session, campaign_said(seller, "conversions"))
    record(session, said("forecast"))
    assert [one.kind for one in track_records(session)] == ["forecast_revenue", "campaign_conversions"]
    assert all(one.waiting == 1 for one in track_records(session))


def test_windows_are_chosen_so_that_most_stand_apart() -> None:
    day = today()
    long = (day, day + timedelta(days=30))
    short = [(day + timedelta(days=7 * n), day + timedelta(days=7 * n + 6)) for n in range(4)]
    assert disjoint([long, *short]) == 4
    assert disjoint([]) == 0
