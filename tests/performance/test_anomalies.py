"""Days that do not fit are found in real facts, explained, kept once, and withdrawn when the data are corrected."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from app.campaigns.facts import refresh_rollup
from app.campaigns.models import Channel, ChannelDay, DailyFact, Event
from app.campaigns.platform_models import Campaign, CampaignDay, ExchangeRate
from app.performance.anomaly_wording import sentence
from app.performance.models import AnomalyReading, AnomalyRow
from kit.clock import utc_now
from kit.db import ScopedSession
from kit.ids import new_id
from tests.campaigns.advertiser import Advertiser
from tests.performance.anomaly_shop import Bend, SteadyShop, days_ago, scaled, today

BAD_DAY = 10


@pytest.fixture
def shop(session: ScopedSession) -> SteadyShop:
    return SteadyShop(session)


def halved(number: int = BAD_DAY) -> Bend:
    return scaled([days_ago(number)], conversions=0.5, revenue=0.5)


def starts(rows: list[AnomalyRow]) -> list[date]:
    return [row.starts_on for row in rows]


def test_a_bad_day_is_found_with_its_range_and_its_cause(shop: SteadyShop) -> None:
    shop.stored(halved())
    shop.look()
    drop = shop.found("revenue")[-1]
    assert (drop.starts_on, drop.ends_on, drop.kind) == (days_ago(BAD_DAY), days_ago(BAD_DAY), "spike")
    assert drop.document["change"] == pytest.approx(-0.5, abs=0.1)
    assert drop.actual < drop.document["low"] < drop.expected < drop.document["high"]
    assert drop.document["causes"]["main"] == "conversion_rate"
    assert drop.document["chance_per_day"] < 0.01
    assert days_ago(BAD_DAY) in starts(shop.found("conversions", of_business=False))
    assert shop.found("spend") == []


def test_a_bad_day_is_told_in_a_sentence_with_its_numbers(shop: SteadyShop) -> None:
    shop.stored(halved())
    shop.look()
    drop = shop.found("revenue")[-1]
    told = sentence(drop, None, "EUR").replace("\u00a0", " ")
    weekday = f"{days_ago(BAD_DAY):%A}"
    assert told.startswith(f"Revenue on {weekday[:3]} ")
    assert f"% below what is usual for a {weekday} (€" in told
    assert "; ordinary is €" in told


def test_days_in_a_row_are_one_stretch_and_a_new_level_is_told_apart(shop: SteadyShop) -> None:
    stretch = {days_ago(n) for n in (40, 41, 42)}
    later = {days_ago(n) for n in range(1, 15)}

    def bend(day: date, _channel: str, sums: dict[str, float]) -> dict[str, float]:
        factor = 0.6 if day in stretch else 1.8 if day in later else 1.0
        return sums | {"spend": sums["spend"] * factor}

    shop.stored(bend)
    shop.look()
    low, high = shop.found("spend")
    assert (low.kind, low.starts_on, low.ends_on) == ("stretch", min(stretch), max(stretch))
    assert (high.kind, high.starts_on, high.ends_on) == ("level_shift", min(later), days_ago(1))
    assert "rose to a new level" in sentence(high, None, "USD")


def test_a_channel_that_falls_silent_is_found(shop: SteadyShop) -> None:
    silent = {days_ago(n) for n in range(1, 4)}
    shop.stored(lambda day, channel, sums: None if channel == "facebook_ads" and day in silent else sums)
    shop.look()
    (found,) = shop.found("spend", of_business=False)
    assert (found.starts_on, found.actual) == (min(silent), 0)


def test_the_same_data_are_looked_at_once_a_day(shop: SteadyShop, session: ScopedSession) -> None:
    shop.stored(halved())
    assert shop.look().is_new
    before = [(row.id, row.found_at) for row in shop.found("revenue")]
    assert not shop.look().is_new
    session.execute(update(AnomalyReading).values(looked_on=days_ago(1)))
    again = shop.look()
    assert (again.is_new, again.found, again.withdrawn) == (True, 0, 0)
    assert [(row.id, row.found_at) for row in shop.found("revenue")] == before


def test_corrected_data_withdraw_what_was_found_and_a_relapse_is_news(shop: SteadyShop, session: ScopedSession) -> None:
    shop.stored(halved())
    shop.look()
    drop = shop.found("revenue")[-1]
    drop.seen_at, drop.seen_by = utc_now(), new_id()
    shop.stored()
    assert shop.look().withdrawn >= 1
    session.refresh(drop)
    assert drop.withdrawn_at is not None
    shop.stored(halved())
    shop.look()
    session.refresh(drop)
    assert {drop.withdrawn_at, drop.seen_at} == {None}


def test_what_was_seen_stays_seen_when_new_data_come(shop: SteadyShop, session: ScopedSession) -> None:
    shop.stored(halved())
    shop.look()
    drop = shop.found("revenue")[-1]
    drop.seen_at, drop.seen_by = utc_now(), new_id()
    shop.stored(scaled([days_ago(BAD_DAY)], conversions=0.48, revenue=0.48))
    shop.look()
    session.refresh(drop)
    assert drop.seen_at is not None
    assert drop.document["change"] < -0.45


def test_today_never_rings(shop: SteadyShop) -> None:
    for channel in ("google_ads", "facebook_ads"):
        shop.sums[today(), channel] = dict.fromkeys(("spend", "impressions", "clicks", "conversions", "revenue"), 1.0)
    shop.stored()
    shop.look()
    assert today() not in {row.ends_on for row in shop.session.scalars(select(AnomalyRow))}
    assert shop.reading("revenue").until == days_ago(1)


def test_a_day_that_the_merchant_explained_does_not_ring(shop: SteadyShop, session: ScopedSession) -> None:
    session.add(Event(day=days_ago(BAD_DAY), name="Stock-out"))
    shop.stored(halved())
    shop.look()
    assert days_ago(BAD_DAY) not in starts(shop.found("revenue"))


def test_what_cannot_be_judged_says_why(session: ScopedSession) -> None:
    short = SteadyShop(session, days=20)
    short.stored()
    short.look()
    assert "at least 28" in short.reading("revenue").reason
    assert short.found("revenue") == []


def test_a_channel_that_is_switched_on_and_off_is_left_alone(shop: SteadyShop, session: ScopedSession) -> None:
    def pulsed(day: date, channel: str, sums: dict[str, float]) -> dict[str, float]:
        return sums | {"spend": 0.0} if channel == "facebook_ads" and day.toordinal() % 14 < 4 else sums

    shop.stored(pulsed)
    shop.look()
    reasons = session.execute(
        select(Channel.key, AnomalyReading.reason).join(Channel, Channel.id == AnomalyReading.channel_id)
    ).all()
    assert {key for key, reason in reasons if "switched on and off" in reason} == {"facebook_ads"}


def test_weekly_rows_are_refused_in_words(shop: SteadyShop) -> None:
    shop.days = 400
    shop.__post_init__()
    shop.stored(lambda day, _channel, sums: sums if day.weekday() == 0 else None)
    shop.look()
    assert "stand for weeks" in shop.reading("revenue").reason


def test_without_data_nothing_is_found_and_data_that_went_take_their_anomalies_along(
    shop: SteadyShop, session: ScopedSession
) -> None:
    assert shop.look().judged == 0
    shop.stored(halved())
    shop.look()
    session.execute(delete(DailyFact))
    refresh_rollup(session, since=days_ago(800), until=today())
    shop.look()
    assert shop.found("revenue") == []
    assert session.scalars(select(AnomalyReading)).all() == []


@pytest.mark.parametrize(
    "strange",
    [{"revenue": -3.0}, {"spend": 0.0, "impressions": 0.0, "clicks": 0.0}, {"revenue": 1e9}, {"clicks": 0.0}],
)
def test_strange_numbers_are_found_or_refused_and_never_break_the_look(
    shop: SteadyShop, strange: dict[str, float]
) -> None:
    shop.stored(scaled([days_ago(n) for n in (3, 4, 30)], **strange))
    assert shop.look().judged > 0


def test_an_older_find_is_kept_when_its_days_are_no_longer_judged(shop: SteadyShop, session: ScopedSession) -> None:
    shop.stored()
    old = AnomalyRow(
        metric="revenue",
        kind="spike",
        starts_on=days_ago(150),
        ends_on=days_ago(150),
        actual=1.0,
        expected=2.0,
        score=-9.0,
        document={"change": -0.5},
        data_version=1,
        found_at=utc_now(),
    )
    session.add(old)
    shop.look()
    session.refresh(old)
    assert old.withdrawn_at is None


def run_platform(
    session: ScopedSession, *, ends: int = 1, finality: Any = lambda _ago: 2, low_days: range = range(0)
) -> Campaign:
    """A campaign of 120 steady days that ended `ends` days ago; on `low_days` (days ago) half its conversions are told."""
    advertiser = Advertiser(session)
    account = advertiser.account()
    campaign = advertiser.campaign("Always on", account=account)
    for ago in range(120, ends - 1, -1):
        wobble = 1 + 0.03 * ((ago * 7919) % 11 - 5) / 5
        conversions = 60 * wobble * (0.5 if ago in low_days else 1)
        session.add(
            CampaignDay(
                campaign_number=campaign.number,
                day=days_ago(ago),
                spend_micros=round(500 * wobble * 1_000_000),
                impressions=round(50_000 * wobble),
                clicks=round(1000 * wobble),
                conversions=Decimal(round(conversions)),
                conversion_value_micros=round(conversions * 30 * 1_000_000),
                finality=finality(ago),
            )
        )
    if session.scalar(select(ExchangeRate.day).limit(1)) is None:
        advertiser.rate("USD", "1")
    session.flush()
    refresh_rollup(session, since=days_ago(200), until=today())
    return campaign


def test_conversions_that_platforms_tell_late_are_judged_a_week_later(shop: SteadyShop, session: ScopedSession) -> None:
    run_platform(session, finality=lambda ago: 1 if ago < 28 else 2, low_days=range(1, 4))
    shop.look()
    assert shop.found("conversions") == []
    assert shop.found("revenue") == []
    assert shop.reading("spend").until == days_ago(1)
    assert shop.reading("conversions").until == days_ago(8)
    session.execute(update(CampaignDay).values(finality=2))
    refresh_rollup(session, since=days_ago(200), until=today())
    shop.look()
    assert days_ago(3) in starts(shop.found("conversions"))


def test_totals_wait_for_the_source_that_is_behind(shop: SteadyShop, session: ScopedSession) -> None:
    run_platform(session)
    run_platform(session, ends=5)
    shop.look()
    assert shop.reading("spend").until == days_ago(5)
    assert shop.found("spend") == []


def test_a_source_that_stopped_long_ago_holds_nothing_back(shop: SteadyShop, session: ScopedSession) -> None:
    run_platform(session)
    run_platform(session, ends=40)
    shop.look()
    assert shop.reading("spend").until == days_ago(1)
    assert session.scalar(select(ChannelDay.day).limit(1)) is not None
    assert any(row.starts_on == days_ago(39) and row.kind == "level_shift" for row in shop.found("spend"))


def test_the_history_that_is_judged_ends_where_the_data_end(session: ScopedSession) -> None:
    shop = SteadyShop(session)
    old = timedelta(days=50)
    shop.sums = {(day, key): sums for (day, key), sums in shop.sums.items() if day < today() - old}
    shop.stored(halved(60))
    shop.look()
    assert shop.reading("revenue").until == days_ago(51)
    assert days_ago(60) in starts(shop.found("revenue"))
