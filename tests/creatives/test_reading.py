"""What is found of ads: each against its own first days, less what the others did; what cannot be told says why."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from app.campaigns.facts import refresh_rollup
from app.campaigns.platform_models import Ad, AdDay
from app.creatives.models import CreativeReading
from app.creatives.queries import Filters, Listed
from app.creatives.service import list_ads
from kit.db import ScopedSession
from kit.errors import InvalidInput
from tenants.isolation.planes import Planes
from tests.creatives.gallery import Gallery
from tests.people import Person


@pytest.fixture
def session(planes: Planes, premium_owner: Person) -> Iterator[ScopedSession]:
    with planes.tenant(premium_owner.tenant) as session:
        yield session


@pytest.fixture
def gallery(session: ScopedSession) -> Gallery:
    return Gallery(session)


def found(session: ScopedSession, filters: Filters | None = None) -> dict[str, Listed]:
    listed = list_ads(session, filters or Filters(), limit=100, offset=0)
    return {one.ad.name: one for one in listed.rows}


def levels(session: ScopedSession) -> dict[str, str]:
    return {name: one.reading.level for name, one in found(session).items()}


def test_each_ad_is_judged_by_its_own_first_days_and_the_worn_out_stand_first(
    session: ScopedSession, gallery: Gallery
) -> None:
    gallery.usual()
    assert gallery.read() == 4
    assert list(levels(session).items()) == [
        ("Tired video", "fatigued"),
        ("Tiring carousel", "tiring"),
        ("Evergreen", "fresh"),
        ("Newcomer", "not_enough_data"),
    ]
    tired = found(session)["Tired video"].reading
    assert tired.low is not None
    assert tired.high is not None
    assert tired.low < 0.5 < tired.high
    assert {driver["name"] for driver in tired.document["drivers"]} == {"frequency", "spend", "impressions"}
    assert "ran on 6 days" in found(session)["Newcomer"].reading.document["reason"]


def test_a_bad_time_for_all_ads_wears_none_out(session: ScopedSession, gallery: Gallery) -> None:
    for name in ("One", "Two", "Three"):
        gallery.ad(name, first=0.03, last=0.015)
    gallery.read()
    assert set(levels(session).values()) == {"fresh"}


def test_an_ad_that_sells_as_ever_is_not_called_worn_out(session: ScopedSession, gallery: Gallery) -> None:
    gallery.ad("Peers")
    gallery.ad("Sells on", first=0.03, last=0.012, conversions=12)
    gallery.read()
    assert levels(session)["Sells on"] == "tiring"


def test_ads_that_were_not_shown_of_late_are_left_out(session: ScopedSession, gallery: Gallery) -> None:
    gallery.ad("Over", ends_before=40)
    gallery.ad("Runs")
    gallery.read()
    assert list(levels(session)) == ["Runs"]


def test_today_does_not_count_for_it_is_not_over(session: ScopedSession, gallery: Gallery) -> None:
    number = gallery.ad("Evergreen", days=30)
    session.add(AdDay(ad_number=number, day=gallery.today, spend_micros=1, impressions=4000, clicks=0, finality=0))
    session.flush()
    gallery.read()
    assert found(session)["Evergreen"].reading.until == gallery.today - timedelta(days=1)
    assert levels(session) == {"Evergreen": "fresh"}


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"clicks": None}, "does not tell"),
        ({"impressions": 0, "clicks": 0}, ""),
        ({"clicks": 9000}, "more clicks than impressions"),
    ],
)
def test_days_that_make_no_sense_are_not_judged(
    session: ScopedSession, gallery: Gallery, told: dict[str, int | None], reason: str
) -> None:
    gallery.ad("Odd", **told)  # type: ignore[arg-type]  # measures of a day
    gallery.read()
    if not reason:  # without impressions nobody knows that it ran
        assert levels(session) == {}
        return
    assert levels(session) == {"Odd": "not_enough_data"}
    assert reason in found(session)["Odd"].reading.document["reason"]


def test_reading_again_does_nothing_until_a_fact_changes(session: ScopedSession, gallery: Gallery) -> None:
    gallery.ad("Evergreen")
    assert gallery.read() == 1
    assert gallery.read() is None
    assert list_ads(session, Filters(), limit=1, offset=0).is_current
    session.execute(update(AdDay).values(impressions=0, clicks=0))
    refresh_rollup(session, since=gallery.today, until=gallery.today)
    assert not list_ads(session, Filters(), limit=1, offset=0).is_current
    assert gallery.read() == 0
    assert levels(session) == {}


def test_an_ad_that_goes_takes_what_was_found_with_it(session: ScopedSession, gallery: Gallery) -> None:
    gallery.ad("Evergreen")
    gallery.read()
    session.execute(delete(AdDay))
    session.execute(delete(Ad))
    assert session.query(CreativeReading).count() == 0


def test_a_list_is_narrowed_by_level_channel_and_campaign(session: ScopedSession, gallery: Gallery) -> None:
    gallery.usual()
    account, channel = gallery.rows.account("Other"), gallery.rows.channel("tiktok", "TikTok")
    other = gallery.rows.campaign("Elsewhere", account=account, channel=channel)
    gallery.ad("Somewhere else", campaign=other)
    gallery.read()
    assert set(found(session, Filters(level="fatigued"))) == {"Tired video"}
    assert set(found(session, Filters(channel="tiktok"))) == {"Somewhere else"}
    assert set(found(session, Filters(campaign=other.id))) == {"Somewhere else"}
    narrowed = list_ads(session, Filters(level="fatigued", channel="tiktok"), limit=10, offset=0)
    assert (narrowed.total, narrowed.counts) == (0, {"fresh": 1})


@pytest.mark.parametrize("filters", [Filters(level="exhausted"), Filters(channel="carrier_pigeon")])
def test_what_cannot_be_asked_is_refused(session: ScopedSession, filters: Filters) -> None:
    with pytest.raises(InvalidInput):
        list_ads(session, filters, limit=10, offset=0)
