"""The query builder on a real database: dimensions, filters and order, the same numbers from facts and roll-up, refusals."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from app.performance.query import Query, run_query
from app.performance.windows import Window
from kit.db import ScopedSession
from kit.errors import InvalidInput
from tests.performance.shop import LAST_DAY, MICROS, Fact, store

MONTH = Window(LAST_DAY - timedelta(days=29), LAST_DAY)
Shop = Callable[..., list[Fact]]


def rows(session: ScopedSession, *metrics: str, **options: Any) -> list[dict[str, Any]]:
    return run_query(session, Query(metrics=metrics or ("spend", "revenue", "roas"), window=MONTH, **options))


def test_without_dimensions_there_is_one_row_for_all(session: ScopedSession, shop: Shop) -> None:
    facts = [fact for fact in shop() if fact.day >= MONTH.since]
    (row,) = rows(session, "spend", "roas")
    spend = sum(fact.spend for fact in facts)
    assert row["spend"] == spend * MICROS
    assert row["roas"] == pytest.approx(sum(fact.revenue or 0 for fact in facts) / spend)


@pytest.mark.parametrize("dimension", ["day", "week", "month", "channel", "campaign"])
def test_every_dimension_adds_up_to_the_whole(session: ScopedSession, shop: Shop, dimension: str) -> None:
    shop()
    (whole,) = rows(session)
    parts = rows(session, dimensions=[dimension])
    assert len(parts) > 1
    for metric in ("spend", "revenue"):
        assert sum(part[metric] for part in parts) == whole[metric]


def test_campaigns_roll_up_to_their_channel(session: ScopedSession, shop: Shop) -> None:
    shop()
    by_campaign = rows(session, dimensions=["channel", "campaign"])
    for channel in rows(session, dimensions=["channel"]):
        campaigns = [row for row in by_campaign if row["channel"] == channel["channel"]]
        assert sum(row["spend"] for row in campaigns) == channel["spend"]


def test_filters_choose_channels_and_campaigns(session: ScopedSession, shop: Shop) -> None:
    shop()
    only_google = {"attr": "channel", "op": "eq", "value": "google_ads"}
    not_brand = {"not": {"attr": "campaign", "op": "contains", "value": "brand"}}
    assert [row["channel"] for row in rows(session, dimensions=["channel"], filters=only_google)] == ["google_ads"]
    (generic,) = rows(session, "spend", filters={"all": [only_google, not_brand]})
    assert generic["spend"] == 30 * 50 * MICROS


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("metric", ["spend", "roas"])
def test_rows_come_in_the_asked_order_and_unknown_ones_last(
    session: ScopedSession, metric: str, descending: bool
) -> None:
    store(session, [Fact(LAST_DAY, name, spend=n, revenue=n * n or None) for n, name in enumerate(("a", "b", "c"))])
    values = [row[metric] for row in rows(session, dimensions=["channel"], order_by=metric, descending=descending)]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=descending)
    assert None not in values[: len(known)]


def test_days_come_in_order_and_the_limit_holds(session: ScopedSession, shop: Shop) -> None:
    shop()
    days = [row["day"] for row in rows(session, dimensions=["day"], limit=5)]
    assert days == [MONTH.since + timedelta(days=offset) for offset in range(5)]
    assert all(isinstance(day, date) for day in days)


@pytest.mark.parametrize(
    "options",
    [
        {"dimensions": ["country"]},
        {"order_by": "cpm"},
        {"filters": {"attr": "spend", "op": "gt", "value": 1}},
        {"filters": {"attr": "channel", "op": "like", "value": "x"}},
        {"filters": {"attr": "channel; DROP TABLE channels", "op": "eq", "value": "x"}},
    ],
)
def test_what_is_not_on_the_list_is_refused_before_any_sql(session: ScopedSession, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        rows(session, "spend", **options)


@pytest.mark.parametrize("metrics", [(), ("profit",)])
def test_metrics_must_be_in_the_catalogue(session: ScopedSession, metrics: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput):
        run_query(session, Query(metrics=metrics, window=MONTH))
