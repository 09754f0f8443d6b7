"""From (metrics, dimensions, filters, window) to rows: the one query builder over daily facts and their roll-up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, cast, func, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import BigInteger, Date

from app.campaigns.models import Channel, ChannelDay, DailyFact
from app.performance.catalogue import METRICS, Metric
from app.performance.windows import Window
from kit.conditions import ConditionField, compile_condition, text_field
from kit.errors import FieldError, InvalidInput

DIMENSIONS = ("day", "week", "month", "channel", "campaign")
MAX_ROWS = 50_000
# Spelled out in the SQL: as bound parameters, PostgreSQL would not see that SELECT and GROUP BY mean the same expression.
_UNITS: dict[str, ColumnElement[str]] = {unit: literal_column(f"'{unit}'") for unit in ("week", "month")}


@dataclass(frozen=True)
class Query:
    """What to compute. Dimensions are subsets of DIMENSIONS; filters are a condition tree over channel and campaign."""

    metrics: Sequence[str]
    window: Window
    dimensions: Sequence[str] = ()
    filters: Mapping[str, Any] | None = None
    order_by: str | None = None
    descending: bool = False
    limit: int = 1000


def run_query(session: Session, query: Query) -> list[dict[str, Any]]:
    """The rows of a query: one key per dimension and per metric; unknown values are None."""
    metrics = _metrics(query.metrics)
    rows = session.execute(statement_for(query)).mappings()
    return [_shaped(dict(row), query, metrics) for row in rows]


def statement_for(query: Query) -> Select[Any]:
    """The SELECT of a query. Campaigns are told apart by the facts only; everything else reads the roll-up."""
    metrics = _metrics(query.metrics)
    for dimension in query.dimensions:
        if dimension not in DIMENSIONS:
            raise _unknown("dimension", dimension, DIMENSIONS)
    by_campaign = "campaign" in query.dimensions or _mentions_campaign(query.filters)
    source: type[DailyFact | ChannelDay] = DailyFact if by_campaign else ChannelDay
    dimensions = [_dimension(source, name).label(name) for name in query.dimensions]
    bases = dict.fromkeys(base for metric in metrics for base in metric.bases)
    sums = [cast(func.sum(getattr(source, base)), BigInteger).label(base) for base in bases]
    fields = _fields(source)
    statement = (
        select(*dimensions, *sums)
        .join(Channel, Channel.id == source.channel_id)
        .where(source.day.between(query.window.since, query.window.until), compile_condition(query.filters, fields))
        .limit(min(query.limit, MAX_ROWS))
    )
    if dimensions:
        statement = statement.group_by(*dimensions)
    return statement.order_by(*_ordering(query, metrics, source))


def _metrics(keys: Sequence[str]) -> list[Metric]:
    if not keys:
        raise InvalidInput(
            "Ask for at least one metric.", f"Metrics: {', '.join(METRICS)}.", [FieldError("is empty", "metrics")]
        )
    for key in keys:
        if key not in METRICS:
            raise _unknown("metric", key, METRICS)
    return [METRICS[key] for key in keys]


def _unknown(kind: str, name: str, known: Any) -> InvalidInput:
    return InvalidInput(
        f"There is no {kind} “{name}”.",
        f"Use one of: {', '.join(known)}.",
        [FieldError("is unknown", f"{kind}s", value=name)],
    )


def _mentions_campaign(tree: Any) -> bool:
    if isinstance(tree, Mapping):
        return tree.get("attr") == "campaign" or any(_mentions_campaign(part) for part in tree.values())
    return isinstance(tree, list) and any(_mentions_campaign(part) for part in tree)


def _dimension(source: type[DailyFact | ChannelDay], name: str) -> ColumnElement[Any] | InstrumentedAttribute[Any]:
    if name == "channel":
        return Channel.key
    if name == "campaign":
        return DailyFact.campaign
    if name == "day":
        return source.day
    return cast(func.date_trunc(_UNITS[name], source.day), Date)


def _fields(source: type[DailyFact | ChannelDay]) -> dict[str, ConditionField]:
    fields = {"channel": text_field(Channel.key.expression)}
    if source is DailyFact:
        fields["campaign"] = text_field(DailyFact.campaign.expression)
    else:
        fields["campaign"] = fields["channel"]  # never compiled: a filter on campaigns reads the facts
    return fields


def _ordering(
    query: Query, metrics: Sequence[Metric], source: type[DailyFact | ChannelDay]
) -> list[ColumnElement[Any]]:
    """By the asked column, then by the dimensions, so that pages of the same query never shuffle."""
    ordering: list[ColumnElement[Any]] = []
    if query.order_by is not None:
        ordering.append(_order_column(query, metrics, source))
    return [*ordering, *(_dimension(source, name).asc() for name in query.dimensions)]


def _order_column(query: Query, metrics: Sequence[Metric], source: type[DailyFact | ChannelDay]) -> ColumnElement[Any]:
    by_key = {metric.key: metric for metric in metrics}
    if query.order_by in query.dimensions:
        column: ColumnElement[Any] = _dimension(source, str(query.order_by)).expression
    elif query.order_by in by_key:
        metric = by_key[query.order_by]
        column = func.sum(getattr(source, metric.base))
        if metric.per is not None:
            column = column / func.nullif(func.sum(getattr(source, metric.per)), 0)
    else:
        raise _unknown("order_by", str(query.order_by), [*query.dimensions, *by_key])
    return column.desc().nulls_last() if query.descending else column.asc().nulls_last()


def _shaped(row: dict[str, Any], query: Query, metrics: Sequence[Metric]) -> dict[str, Any]:
    shaped: dict[str, Any] = {name: row[name] for name in query.dimensions}
    return shaped | {metric.key: metric.value(row) for metric in metrics}
