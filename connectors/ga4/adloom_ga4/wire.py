"""Google's JSON as far as it is used. Reports are columns of texts; an empty one has neither `rows` nor `rowCount`."""

from typing import Any

import msgspec


class Body(msgspec.Struct, rename="camel"):
    """Base: what Google adds later is ignored."""


class AccountSummary(Body, rename="camel"):
    account: str
    display_name: str | None = None


class Summaries(Body, rename="camel"):
    account_summaries: list[AccountSummary] = []
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
    properties: list[Property] = []
    next_page_token: str | None = None


class Header(Body, rename="camel"):
    name: str


class Value(Body, rename="camel"):
    value: str = ""


class Row(Body, rename="camel"):
    dimension_values: list[Value] = []
    metric_values: list[Value] = []


class Metadata(Body, rename="camel"):
    currency_code: str | None = None
    time_zone: str | None = None


class Report(Body, rename="camel"):
    dimension_headers: list[Header] = []
    metric_headers: list[Header] = []
    rows: list[Row] = []
    row_count: int = 0
    metadata: Metadata | None = None

    def named(self, row: Row) -> dict[str, str]:
        """A row by the names of its columns."""
        headers = [*self.dimension_headers, *self.metric_headers]
        values = [*row.dimension_values, *row.metric_values]
        return {header.name: value.value for header, value in zip(headers, values, strict=False)}


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
