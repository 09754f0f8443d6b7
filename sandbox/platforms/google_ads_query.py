"""The part of Google's query language that the fake understands: SELECT fields FROM resource WHERE conditions LIMIT number."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

_QUERY = re.compile(
    r"\s*SELECT\s+(?P<fields>.+?)\s+FROM\s+(?P<source>\w+)(?:\s+WHERE\s+(?P<where>.+?))?(?:\s+LIMIT\s+(?P<limit>\d+))?\s*$",
    re.S | re.I,
)
_BETWEEN = re.compile(r"segments\.date\s+BETWEEN\s+'([\d-]+)'\s+AND\s+'([\d-]+)'", re.I)
_CONDITION = re.compile(r"^\s*([\w.]+)\s*(=|!=|<=|>=|<|>)\s*'?([^']*?)'?\s*$")
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_CAMPAIGN = (
    "id,resource_name,name,status,advertising_channel_type,start_date_time,end_date_time,campaign_budget,"
    "contains_eu_political_advertising"
)
_BUDGET = "id,resource_name,name,status,amount_micros,total_amount_micros,period,explicitly_shared,reference_count"
_AD_GROUP = (
    "id,resource_name,name,status,type,cpc_bid_micros,cpm_bid_micros,target_cpa_micros,target_roas,tracking_url_template,"
    "final_url_suffix"
)
_AD = (
    "resource_name,status,ad.id,ad.resource_name,ad.name,ad.type,ad.final_urls,ad.image_ad.image_url,"
    "ad.responsive_search_ad.headlines,ad.responsive_search_ad.descriptions,ad.responsive_display_ad.headlines,"
    "ad.responsive_display_ad.descriptions"
)
_METRICS = "cost_micros,impressions,clicks,conversions,conversions_value,video_trueview_views"
_CLIENT = "id,resource_name,client_customer,descriptive_name,level,manager,currency_code,time_zone,status"


def _fields(resource: str, names: str) -> set[str]:
    return {f"{resource}.{name}" for name in names.split(",")}


_ABOUT_CAMPAIGNS = _fields("campaign", _CAMPAIGN) | _fields("campaign_budget", _BUDGET)
_NUMBERS = _fields("metrics", _METRICS) | {"segments.date"}
_ABOUT_GROUPS = _ABOUT_CAMPAIGNS | _fields("ad_group", _AD_GROUP)
KNOWN = {
    "campaign": _ABOUT_CAMPAIGNS | _NUMBERS,
    "ad_group": _ABOUT_GROUPS | _NUMBERS,
    "ad_group_ad": _ABOUT_GROUPS | _fields("ad_group_ad", _AD) | _NUMBERS,
    "customer_client": _fields("customer_client", _CLIENT),
}


class BadQuery(Exception):
    """The query is wrong; `code` is Google's word for how."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Query:
    """A query that was understood."""

    source: str
    fields: tuple[str, ...]
    days: tuple[date, date]
    conditions: tuple[tuple[str, str, str], ...]
    is_segmented: bool
    limit: int | None

    @property
    def mask(self) -> str:
        """What was asked for, in the names of JSON."""
        return ",".join(camel(field) for field in self.fields)

    def admits(self, row: dict[str, Any]) -> bool:
        """Whether a row, by its full names, meets every condition."""
        return all(_meets(row.get(field), sign, value) for field, sign, value in self.conditions)

    def shaped(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row as JSON: what was asked for and has a value, and the name of every resource that is in it."""
        shaped: dict[str, Any] = {}
        for path, name in self._paths:
            value = row.get(name)
            if value is None:
                continue
            inner = shaped
            for part in path[:-1]:
                inner = inner.setdefault(part, {})
            inner[path[-1]] = value
        return shaped

    @property
    def _paths(self) -> tuple[tuple[tuple[str, ...], str], ...]:
        return _paths_of(self.fields)


def parsed(text: str) -> Query:
    """Understand a query. Raises BadQuery."""
    found = _QUERY.match(text)
    if found is None or found["source"] not in KNOWN:
        raise BadQuery("UNEXPECTED_INPUT", "Error in query: unexpected input.")
    source = found["source"]
    fields = tuple(field.strip() for field in found["fields"].split(","))
    where = found["where"] or ""
    between = _BETWEEN.search(where)
    rest = [part for part in _BETWEEN.sub("", where).split(" AND ") if part.strip()]
    conditions = tuple(_condition(part) for part in rest)
    asked = [*fields, *(field for field, _, _ in conditions)]
    unknown = [field for field in asked if field not in KNOWN[source]]
    if unknown:
        raise BadQuery("UNRECOGNIZED_FIELD", f"Unrecognized field in the query: '{unknown[0]}'.")
    is_segmented = any(field.startswith(("metrics.", "segments.")) for field in fields)
    if is_segmented and between is None:
        raise BadQuery("EXPECTED_CORE_DATE_FIELD_IN_WHERE_CLAUSE", "segments.date must be limited to a finite range.")
    return Query(
        source, fields, _window(between), conditions, is_segmented, int(found["limit"]) if found["limit"] else None
    )


def camel(name: str) -> str:
    """ "campaign_budget.amount_micros" as "campaignBudget.amountMicros"."""
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)


def _window(between: re.Match[str] | None) -> tuple[date, date]:
    if between is None:
        return date.min, date.min
    try:
        since, until = date.fromisoformat(between[1]), date.fromisoformat(between[2])
    except ValueError:
        raise BadQuery("INVALID_VALUE_WITH_BETWEEN_OPERATOR", "Invalid date in the query.") from None
    if since > until:
        raise BadQuery("INVALID_VALUE_WITH_BETWEEN_OPERATOR", "The range of dates is not in order.")
    return since, until


def _condition(text: str) -> tuple[str, str, str]:
    found = _CONDITION.match(text)
    if found is None:
        raise BadQuery("UNEXPECTED_INPUT", f"Error in query: unexpected input {text.strip()}.")
    return found[1], found[2], found[3]


def _meets(value: Any, sign: str, wanted: str) -> bool:
    if wanted.isdigit() and str(value).isdigit():
        return _COMPARED[sign](int(value), int(wanted))
    return _COMPARED[sign](str(value), wanted)


_PATHS: dict[tuple[str, ...], tuple[tuple[tuple[str, ...], str], ...]] = {}


def _paths_of(fields: tuple[str, ...]) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Where each value goes; the names of resources come unasked."""
    if fields not in _PATHS:
        resources = dict.fromkeys(field.partition(".")[0] for field in fields)
        named = [f"{resource}.resource_name" for resource in resources if resource not in {"metrics", "segments"}]
        if any(field.startswith("ad_group_ad.ad.") for field in fields):
            named.append("ad_group_ad.ad.resource_name")
        _PATHS[fields] = tuple((tuple(camel(name).split(".")), name) for name in dict.fromkeys([*named, *fields]))
    return _PATHS[fields]
