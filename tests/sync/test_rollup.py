"""Nothing is counted twice: what platforms, shops, analytics and imports tell of one day becomes one row per channel."""

from typing import Any

import pytest
from sqlalchemy import text

from adloom_sdk.testing.orders import OrderBook
from app.campaigns.channels import WHOLE_DAY, create_channel
from app.campaigns.days import forget_accounts
from app.campaigns.facts import refresh_rollup
from app.campaigns.models import Channel, DailyFact
from app.sync.queries import left_out_imports
from kit.ids import new_id
from tests.sync.conftest import Place
from tests.sync.made_up import NOW, MadeUp, days_before, made_up_world

DAY = days_before(5)
MEASURED = "spend_micros, revenue_micros, conversions, new_customers"


class Books:
    """A workspace whose platform days are in, to which imports and shops are added."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.connector = MadeUp(made_up_world())
        [self.account_id] = place.connect(self.connector.world, "EUR")
        place.sync(self.account_id, self.connector)
        self.told = place.sums(self.account_id)[DAY]

    def imported(self, channel: str, **measures: Any) -> None:
        """A fact of a file."""
        with self.place.session() as session:
            found = session.query(Channel).filter_by(key=channel).one_or_none()
            row = found or create_channel(session, key=channel, name=channel)
            values = {"spend_micros": 0, **measures}
            session.add(
                DailyFact(day=DAY, source_name=channel, campaign="", channel_id=row.id, import_id=new_id(), **values)
            )
            session.flush()
            refresh_rollup(session, since=DAY, until=DAY)

    def sells(self, key: str) -> tuple[int, int]:
        """Connect a shop or a property; its revenue and new customers of the day."""
        world = made_up_world(key=key)
        [account_id] = self.place.connect(world, "EUR")
        assert self.place.sync(account_id, MadeUp(world, sells=True)).state == "done"
        asked = "SELECT sum(revenue_micros)::bigint, sum(new_customers)::bigint FROM revenue_days WHERE account_id = :id AND day = :day"
        [row] = self.place.rows(asked, id=account_id, day=DAY)
        return row[0], row[1]

    def day(self) -> dict[str, tuple[Any, ...]]:
        """The day's rows by channel."""
        rows = self.place.rows(
            f"SELECT key, {MEASURED} FROM channel_days JOIN channels ON id = channel_id WHERE day = :day", day=DAY
        )
        return {row[0]: row[1:] for row in rows}


@pytest.fixture
def books(place: Place) -> Books:
    return Books(place)


def test_alone_platforms_give_spend_and_the_revenue_that_they_claim(books: Books) -> None:
    spend, _, _, conversions, value = books.told
    assert books.day() == {"facebook_ads": (spend, value, round(conversions), None)}


def test_imported_numbers_of_a_synced_channel_give_way_but_for_revenue_and_customers(books: Books) -> None:
    books.imported("facebook_ads", spend_micros=1, revenue_micros=77, conversions=9, new_customers=3)
    spend, _, _, conversions, _ = books.told
    assert books.day() == {"facebook_ads": (spend, 77, round(conversions), 3)}
    with books.place.session() as session:
        [notice] = left_out_imports(session)
    assert (
        notice.sentence
        == "On 1 day Facebook Ads has both imported and connected numbers; only the connected ones count."
    )


def test_other_channels_imports_stay_as_they_are(books: Books) -> None:
    books.imported("tv", spend_micros=5, revenue_micros=6, conversions=7)
    spend, _, _, conversions, value = books.told
    assert books.day() == {"facebook_ads": (spend, value, round(conversions), None), "tv": (5, 6, 7, None)}


def test_imported_revenue_of_the_whole_day_leaves_no_room_for_claims(books: Books) -> None:
    books.imported(WHOLE_DAY, revenue_micros=1000)
    spend, _, _, conversions, _ = books.told
    assert books.day() == {"facebook_ads": (spend, None, round(conversions), None), WHOLE_DAY: (0, 1000, None, None)}


def test_a_shop_s_revenue_is_the_business_s_and_nobody_else_s_counts(books: Books) -> None:
    books.imported("tv", spend_micros=5, revenue_micros=6, new_customers=4)
    books.imported(WHOLE_DAY, revenue_micros=1000)
    revenue, new_customers = books.sells("shopify")
    spend, _, _, conversions, _ = books.told
    assert books.day() == {
        "facebook_ads": (spend, None, round(conversions), None),
        "tv": (5, None, None, None),
        WHOLE_DAY: (0, revenue, None, new_customers),
    }


def test_a_shop_wins_over_analytics(books: Books) -> None:
    seen, _ = books.sells("ga4")
    assert books.day()[WHOLE_DAY][1] == seen
    sold, _ = books.sells("shopify")
    assert sold != seen
    assert books.day()[WHOLE_DAY][1] == sold


def test_two_shops_are_added_up(books: Books) -> None:
    one, _ = books.sells("shopify")
    other, _ = books.sells("shop_of_a_third_party")
    assert books.day()[WHOLE_DAY][1] == one + other


def test_an_account_that_is_no_longer_read_gives_no_revenue(books: Books) -> None:
    books.sells("shopify")
    with books.place.session() as session:
        session.execute(text("UPDATE ad_accounts SET is_selected = false WHERE connector_key = 'shopify'"))
        refresh_rollup(session, since=DAY, until=DAY)
    assert books.day()["facebook_ads"][1] == books.told[4]


def test_fractional_conversions_are_rounded_once_per_channel_and_day(books: Books) -> None:
    with books.place.session() as session:
        session.execute(text("UPDATE campaign_days SET conversions = 0.4 WHERE day = :day"), {"day": DAY})
        refresh_rollup(session, since=DAY, until=DAY)
    [(campaigns,)] = books.place.rows("SELECT count(*) FROM campaign_days WHERE day = :day", day=DAY)
    assert books.day()["facebook_ads"][2] == round(0.4 * campaigns)


def test_forgetting_an_account_takes_its_days_out_everywhere(books: Books) -> None:
    books.imported("facebook_ads", spend_micros=1, revenue_micros=77)
    with books.place.session() as session:
        forget_accounts(session, [books.account_id])
    assert books.day() == {"facebook_ads": (1, 77, None, None)}
    for table in ("campaign_days", "ad_days"):
        assert books.place.rows(f"SELECT count(*) FROM {table}") == [(0,)]


def test_refunds_and_sources_that_become_known_later_change_the_stored_days(place: Place) -> None:
    connector = MadeUp(made_up_world(key="shopify"), sells=True, changes={"restatement_days": 60})
    [account_id] = place.connect(connector.world, "EUR")
    place.sync(account_id, connector)
    connector.world.clock.advance(86_400.0 * 30)
    place.sync(account_id, connector)
    account = next(one for one in connector.world.accounts if one.currency == "EUR")
    since, until = days_before(29), NOW.date()
    told = {key: one.revenue_micros for key, one in OrderBook(connector.world).by_source(account, since, until).items()}
    asked = "SELECT day, source, revenue_micros FROM revenue_days WHERE day BETWEEN :since AND :until"
    stored = place.rows(asked, since=since, until=until)
    assert {(day, source): revenue for day, source, revenue in stored} == told
