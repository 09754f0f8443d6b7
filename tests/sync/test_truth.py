"""What is stored is what the platform tells, to the micro: in every currency, over both changes of clocks, before and after it matures."""

from collections.abc import Callable
from datetime import date

import pytest

from tests.sync.conftest import Place, Sums
from tests.sync.made_up import NOW, MadeUp, days_before, made_up_world

CURRENCIES = ("USD", "EUR", "JPY", "KWD", "KRW")


@pytest.mark.parametrize("currency", CURRENCIES)
def test_a_first_sync_stores_the_newest_month_to_the_micro(
    place: Place, ledger: Callable[..., Sums], currency: str
) -> None:
    world = made_up_world()
    [account_id] = place.connect(world, currency)
    outcome = place.sync(account_id, MadeUp(world))
    assert (outcome.state, outcome.has_history_left) == ("done", True)
    told = ledger(world, currency, days_before(30), date(2026, 11, 22))
    last = max(told)
    stored = place.sums(account_id)
    assert stored == {day: told[day] for day in stored}
    assert (len(stored), max(stored)) == (30, last)
    assert place.sums(account_id, table="ad") == stored


def _pass_days(connector: MadeUp, days: int) -> None:
    connector.world.clock.advance(days * 86_400.0)


@pytest.mark.parametrize("currency", CURRENCIES)
def test_the_history_follows_and_daily_syncs_converge_to_the_settled_truth(
    place: Place, ledger: Callable[..., Sums], currency: str
) -> None:
    connector = MadeUp(made_up_world(history_days=270, campaigns=2), changes={"retention_days": 260})
    [account_id] = place.connect(connector.world, currency)
    place.sync(account_id, connector)
    history = place.sync(account_id, connector, kind="backfill")
    assert (history.state, history.has_history_left) == ("done", False)
    for _ in range(5):
        _pass_days(connector, 10)
        place.sync(account_id, connector)
    since, until = days_before(260), NOW.date()
    settled = ledger(connector.world, currency, since, until, settled=True)
    stored = {day: sums for day, sums in place.sums(account_id).items() if day <= until}
    assert stored == settled
    assert place.rows("SELECT count(*) FROM campaign_days WHERE finality < 2 AND day <= :day", day=until) == [(0,)]


def test_a_daily_sync_reads_the_restatement_window_again_and_not_more(place: Place) -> None:
    connector = MadeUp(made_up_world())
    [account_id] = place.connect(connector.world, "EUR")
    place.sync(account_id, connector)
    connector.requests.clear()
    _pass_days(connector, 3)
    place.sync(account_id, connector)
    days = [request.days() for request in connector.requests if request.since]
    assert min(since for since, _ in days) == days_before(28)
    assert max(until for _, until in days) == days_before(-3)


def test_a_second_run_rewrites_no_row(place: Place) -> None:
    connector = MadeUp(made_up_world())
    [account_id] = place.connect(connector.world, "EUR")
    place.sync(account_id, connector)
    place.sync(account_id, connector, kind="backfill")
    tables = ("campaign_days", "ad_days", "campaigns", "ad_groups", "ads", "creatives")
    versions = {table: place.rows(f"SELECT xmin::text, ctid::text FROM {table} ORDER BY ctid") for table in tables}
    again = place.sync(account_id, connector)
    assert (again.rows_changed, again.rows_read > 100) == (0, True)
    for table, rows in versions.items():
        assert place.rows(f"SELECT xmin::text, ctid::text FROM {table} ORDER BY ctid") == rows


def test_a_day_that_the_platform_no_longer_tells_is_removed(place: Place) -> None:
    connector = MadeUp(made_up_world())
    [account_id] = place.connect(connector.world, "EUR")
    place.sync(account_id, connector)
    gone = (connector.world.campaigns(connector.world.accounts[1])[0].id, days_before(5))
    connector.vanished.add(gone)
    before = place.sums(account_id)[gone[1]]
    assert place.sync(account_id, connector).rows_changed == 1
    assert place.sums(account_id)[gone[1]] < before
    assert place.rows("SELECT spend_micros FROM channel_days WHERE day = :day", day=gone[1]) == [
        (place.sums(account_id)[gone[1]][0],)
    ]


def test_what_has_days_without_being_listed_is_kept_under_its_id(place: Place, ledger: Callable[..., Sums]) -> None:
    connector = MadeUp(made_up_world(), changes={"capabilities": ("read.daily",)})
    [account_id] = place.connect(connector.world, "EUR")
    place.sync(account_id, connector)
    told = ledger(connector.world, "EUR", days_before(29), NOW.date())
    assert place.sums(account_id) == told
    assert place.sums(account_id, table="ad") == told
    assert {status for (status,) in place.rows("SELECT status FROM campaigns")} == {"other"}


def test_a_campaign_that_is_no_longer_listed_counts_as_removed_until_it_is_listed_again(place: Place) -> None:
    connector = MadeUp(made_up_world(), page_size=2)
    [account_id] = place.connect(connector.world, "EUR")
    place.sync(account_id, connector)
    hidden = connector.world.campaigns(connector.world.accounts[1])[1].id
    days = place.sums(account_id)
    for is_listed, status in ((False, "removed"), (True, "active")):
        connector.unlisted = set() if is_listed else {hidden}
        place.sync(account_id, connector)
        found = place.rows("SELECT status FROM campaigns WHERE platform_id = :id", id=hidden)
        assert (found, place.sums(account_id)) == ([(status,)], days)
