"""The kit's points, and what is peculiar to Breadcrumb."""

# ruff: noqa: S101 - tests assert

import pytest
from adloom_breadcrumb import mapping
from adloom_breadcrumb.connector import Breadcrumb
from adloom_breadcrumb.fake import FakeBreadcrumb

from adloom_sdk import Account, DailyMetric, EntityStatus, Kind, Level, ReadRequest
from adloom_sdk.errors import SchemaDrift
from adloom_sdk.testing.kit import conformance_tests

test_conformance = conformance_tests(Breadcrumb, FakeBreadcrumb)


def daily(**fields: int | str) -> DailyMetric:
    """One row, mapped for an account in dinars."""
    account = Account(id="1", name="A", currency="KWD", timezone="Asia/Kuwait")
    request = ReadRequest(kind=Kind.DAILY, account=account, level=Level.AD)
    return mapping.daily(mapping.Row(**{"day": 20261127, "id": 5, "campaign": 4, **fields}), request)


def test_a_dash_is_not_measured_and_zero_is_zero() -> None:
    assert daily(orders="-").conversions is None
    assert daily(orders=0).conversions == 0


def test_a_number_that_is_no_day_is_said() -> None:
    with pytest.raises(SchemaDrift, match="20261332"):
        daily(day=20261332)


def test_a_status_that_is_new_is_other_and_keeps_its_number() -> None:
    account = Account(id="1", name="A", currency="EUR", timezone="UTC")
    found = mapping.campaign(mapping.Thing(id=4, status=9), ReadRequest(kind=Kind.CAMPAIGNS, account=account))
    assert (found.status, found.raw_status) == (EntityStatus.OTHER, "9")


def test_dinars_have_a_thousand_parts() -> None:
    assert daily(spend_minor=1234).spend_micros == 1_234_000
