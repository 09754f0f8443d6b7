"""Accounts are found through managers, however deep, and read through the manager that they were found under."""

import pytest
from adloom_google_ads import mapping, wire
from msgspec.structs import replace

from adloom_sdk import Account, AccountStatus, Kind
from adloom_sdk.errors import AccountDisabled, NotFound
from adloom_sdk.testing.faults import Fault
from sandbox.platforms.google_ads_bodies import MANAGER, MANAGER_BELOW
from tests.connectors.google_ads.benches import AUTUMN, bench


def by_name(accounts: list[Account]) -> dict[str, Account]:
    return {one.name: one for one in accounts}


def test_accounts_below_managers_are_found_with_the_manager_that_the_sign_in_has() -> None:
    found = by_name(bench().accounts())
    assert {one.currency for one in found.values() if not one.problem} == {"USD", "EUR", "JPY", "KWD", "KRW"}
    assert found["Northwind USD"].parent_id is None
    assert {found[f"Northwind {currency}"].parent_id for currency in ("EUR", "JPY", "KWD", "KRW")} == {MANAGER}
    assert found["Northwind EUR"].timezone == "Europe/Berlin"


def test_managers_and_closed_accounts_say_why_they_cannot_be_read() -> None:
    found = {one.id: one for one in bench().accounts()}
    assert "manager" in found[MANAGER].problem
    assert "manager" in found[MANAGER_BELOW].problem
    closed = [one for one in found.values() if one.status is AccountStatus.CLOSED]
    assert [one.problem for one in closed] == ["This Google Ads account was cancelled."]


def test_an_account_below_a_manager_is_read_through_it() -> None:
    at = bench()
    account = at.account("EUR")
    assert len(at.read(Kind.CAMPAIGNS, account)) == 6
    alone = Account(id=account.id, name="", currency="EUR", timezone="Europe/Berlin")
    with pytest.raises(NotFound, match="manager account"):
        at.read(Kind.CAMPAIGNS, alone)


def test_the_manager_that_the_person_entered_is_used_with_or_without_dashes() -> None:
    at = bench(config={"login_customer_id": "800-000-0001"})
    found = at.accounts()
    assert {one.currency for one in found if not one.problem} == {"EUR", "JPY", "KWD", "KRW"}
    alone = Account(id=at.account("EUR").id, name="", currency="EUR", timezone="Europe/Berlin")
    assert len(at.read(Kind.CAMPAIGNS, alone)) == 6


def test_an_account_that_refuses_to_tell_of_itself_is_listed_with_the_reason() -> None:
    at = bench()
    at.fake.faults.add(Fault(kind="account_disabled", path=MANAGER, times=1))
    found = {one.id: one for one in at.accounts()}
    assert "not enabled" in found[MANAGER].problem
    assert not by_name(list(found.values()))["Northwind USD"].problem


def test_a_closed_account_cannot_be_read() -> None:
    at = bench()
    closed = next(one for one in at.accounts() if one.status is AccountStatus.CLOSED)
    with pytest.raises(AccountDisabled):
        at.read(Kind.CAMPAIGNS, closed)


def test_an_account_may_be_named_with_dashes_or_as_a_resource() -> None:
    at = bench()
    account = at.account("EUR")
    wanted = at.read(Kind.CAMPAIGNS, account)
    dashed = f"{account.id[:3]}-{account.id[3:6]}-{account.id[6:]}"
    for shown in (dashed, f"customers/{account.id}"):
        assert at.read(Kind.CAMPAIGNS, replace(account, id=shown)) == wanted


def test_numbers_of_a_manager_are_refused_with_what_to_do_for_the_person() -> None:
    at = bench()
    manager = next(one for one in at.accounts() if one.id == MANAGER)
    with pytest.raises(NotFound, match="manager account") as caught:
        at.daily(manager, *AUTUMN)
    assert caught.value.code == "REQUESTED_METRICS_FOR_MANAGER"


def test_an_account_of_a_zone_that_nobody_knows_says_so() -> None:
    one = wire.CustomerClient(id="1", status="ENABLED", currency_code="USD", time_zone="Mars/Olympus")
    found = mapping.account(one, "1")
    assert (found.timezone, bool(found.problem)) == ("UTC", True)
