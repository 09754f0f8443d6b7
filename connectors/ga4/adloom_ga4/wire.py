"""Google's JSON as far as it is used. Reports are columns of texts; an empty one has neither `rows` nor `rowCount`."""

from typing import Any

import msgspec


class Body(msgspec.Struct, rename="camel"):
    """Base: what Google adds later is ignored."""


class AccountSummary(Body, rename="camel"):
    account: str
    display_name: str | None = None


class Summaries(Body, rename="camel"):
    account_summaries: list[AccountSummary] | None = None
    next_page_token: str | None = None


class AccountOnly(Body, rename="camel"):
    name: str


class Accounts(Body, rename="camel"):
    accounts: list[AccountOnly] | None = None
    next_page_token: str | None = None


class Property(Body, rename="camel"):
    name: str
    display_name: str | None = None
    parent: str | None = None
    account: str | None = None
    time_zone: str | None = None
    currency_code: str | None = None
    property_type: str | None = None
    delete_time: str | None = None


class Properties(Body, rename="camel"):
    properties: list[Property] | None = None
    next_page_token: str | None = None


class Header(Body, rename="camel"):
    name: str


class Value(Body, rename="camel"):
    value: str | int | float | None = None


class Row(Body, rename="camel"):
    dimension_values: list[Value] | None = None
    metric_values: list[Value] | None = None


class Metadata(Body, rename="camel"):
    currency_code: str | None = None
    time_zone: str | None = None


class Report(Body, rename="camel"):
    dimension_headers: list[Header] | None = None
    metric_headers: list[Header] | None = None
    rows: list[Row] | None = None
    row_count: int | str | None = None
    metadata: Metadata | None = None

    def rows_in_all(self) -> int | None:
        """How many rows there are on all pages; None where Google does not tell."""
        told = str(self.row_count)
        return int(told) if told.isdigit() else None

    def columns(self) -> list[str]:
        """The names of the columns: dimensions, then metrics."""
        return [header.name for header in (*(self.dimension_headers or ()), *(self.metric_headers or ()))]

    def named(self, row: Row) -> dict[str, str]:
        """A row by the names of its columns."""
        values = [*(row.dimension_values or ()), *(row.metric_values or ())]
        told = ("" if value.value is None else str(value.value) for value in values)
        return dict(zip(self.columns(), told, strict=False))


class Quota(Body, rename="camel"):
    consumed: int = 0
    remaining: int | None = None


class PropertyQuota(Body, rename="camel"):
    tokens_per_hour: Quota | None = None
    tokens_per_day: Quota | None = None
    tokens_per_project_per_hour: Quota | None = None


class Envelope(Body, rename="camel"):
    """The part of a report's reply that tells what is left to ask for."""

    property_quota: PropertyQuota | None = None


class Status(Body, rename="camel"):
    code: int | None = None
    message: str = ""
    status: str = ""
    details: list[dict[str, Any]] = []


class Refusal(Body, rename="camel"):
    error: Status
