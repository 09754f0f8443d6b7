"""Money of other currencies: dated rates from the European Central Bank, converted in the roll-up, and a sentence where none is told."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from adloom_sdk.testing.serving import served
from app.campaigns.facts import refresh_rollup
from app.campaigns.rates import put_rates, without_rate
from app.sync.ecb import SOURCE, parse
from app.sync.exchange import keep_rates, lacks_rates
from kit.errors import Unavailable
from sandbox.platforms.ecb import EuropeanCentralBank, rate_on
from tests.sync.conftest import Place
from tests.sync.made_up import NOW, MadeUp, days_before, made_up_world

TODAY = NOW.date()


@pytest.fixture
def bank() -> Iterator[str]:
    """The bank behind a socket."""
    with served(EuropeanCentralBank(made_up_world(key="ecb"))) as address:
        yield address


def _fetch(place: Place, address: str, *, currency: str = "EUR") -> int:
    with place.session() as session:
        return keep_rates(session, currency=currency, today=TODAY, base_url=address).rows


def _in_euros(currency: str, day: date) -> Decimal:
    while day.weekday() > 4 or day >= TODAY:
        day -= timedelta(days=1)
    return (1 / Decimal(rate_on(currency, day))).quantize(Decimal("1e-12"))


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD", "KRW"])
def test_days_of_another_currency_count_once_there_is_a_rate_and_weekends_take_the_one_before(
    place: Place, bank: str, currency: str
) -> None:
    connector = MadeUp(made_up_world())
    [account_id] = place.connect(connector.world, currency)
    place.sync(account_id, connector)
    assert place.rows("SELECT count(*) FROM channel_days") == [(0,)]
    with place.session() as session:
        assert lacks_rates(session)
        [found] = without_rate(session)
        assert (
            found.sentence == f"30 days of {found.name} are not counted: there is no exchange rate for {currency} yet."
        )
    assert _fetch(place, bank) > 20
    converted = dict(place.rows("SELECT day, spend_micros FROM channel_days"))
    for day, sums in place.sums(account_id).items():
        assert converted[day] == round(sums[0] * _in_euros(currency, day)), day
    with place.session() as session:
        assert not lacks_rates(session)
        assert without_rate(session) == []
    assert _fetch(place, bank) == 0


def test_a_rate_has_its_date_and_source(place: Place, bank: str) -> None:
    connector = MadeUp(made_up_world())
    [account_id] = place.connect(connector.world, "USD")
    place.sync(account_id, connector)
    _fetch(place, bank)
    day = days_before(3)
    [(rate, source)] = place.rows(
        "SELECT rate, source FROM exchange_rates WHERE currency = 'USD' AND day = :day", day=day
    )
    assert (rate, source) == (_in_euros("USD", day), SOURCE)


def test_the_own_currency_is_not_converted_and_needs_no_bank(place: Place) -> None:
    connector = MadeUp(made_up_world())
    [account_id] = place.connect(connector.world, "EUR")
    place.sync(account_id, connector)
    assert _fetch(place, "http://127.0.0.1:9") == 0
    assert dict(place.rows("SELECT day, spend_micros FROM channel_days")) == {
        day: sums[0] for day, sums in place.sums(account_id).items()
    }


def test_a_workspace_that_changes_its_currency_is_converted_anew(place: Place, bank: str) -> None:
    connector = MadeUp(made_up_world())
    [account_id] = place.connect(connector.world, "EUR")
    place.sync(account_id, connector)
    _fetch(place, bank, currency="USD")
    day = days_before(3)
    rate = Decimal(rate_on("USD", day)).quantize(Decimal("1e-12"))
    [(spend,)] = place.rows("SELECT spend_micros FROM channel_days WHERE day = :day", day=day)
    assert spend == round(place.sums(account_id)[day][0] * rate)


def test_a_corrected_rate_changes_the_days_from_then_on(place: Place) -> None:
    connector = MadeUp(made_up_world())
    [account_id] = place.connect(connector.world, "USD")
    place.sync(account_id, connector)
    day = days_before(20)
    for rate in ("0.5", "0.25"):
        with place.session() as session:
            changed = put_rates(session, {("USD", day): Decimal(rate)}, source="by hand")
            assert (changed.rows, changed.since) == (1, day)
            refresh_rollup(session, since=days_before(40), until=TODAY)
    converted = dict(place.rows("SELECT day, spend_micros FROM channel_days"))
    stored = place.sums(account_id)
    assert min(converted) == min(one for one in stored if one >= day)
    assert all(abs(converted[one] - stored[one][0] / 4) <= 1 for one in converted)


def test_a_bank_that_is_away_or_says_nonsense_is_asked_again(place: Place) -> None:
    connector = MadeUp(made_up_world())
    [account_id] = place.connect(connector.world, "USD")
    place.sync(account_id, connector)
    with pytest.raises(Unavailable):
        _fetch(place, "http://127.0.0.1:9")
    for document in (b"<html></html>", b"<!DOCTYPE lol [<!ENTITY a 'b'>]><a>&a;</a>"):
        with pytest.raises(ValueError, match="document"):
            parse(document)
