"""Why revenue changed: the parts add up, and the one that moved is named."""

import json
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.anomalies import Explanation, Funnel, explain_change
from ml.errors import BadFrame, CannotCompare
from tests.ml.detect.series import days, on, sales

COLUMNS = ("spend", "impressions", "clicks", "conversions", "revenue")


def funnel(seed: int = 1, factors: Mapping[str, float] = MappingProxyType({})) -> dict[str, np.ndarray]:
    """A hundred days of a funnel whose named factor is multiplied on days 80 to 82, and what follows from it."""
    rng = np.random.default_rng(seed)
    rates = {
        "spend": sales(100, seed=seed) / 10,
        "impressions": np.full(100, 110.0),
        "clicks": np.full(100, 0.02),
        "conversions": np.full(100, 0.03),
        "revenue": np.full(100, 70.0),
    }
    running = np.ones(100)
    columns = {}
    for name, rate in rates.items():
        moved = rate * np.exp(0.03 * rng.standard_normal(100))
        moved[80:83] *= factors.get(name, 1.0)
        running = running * moved
        columns[name] = running
    return columns


def explained(**factors: float) -> Explanation:
    return explain_change(days(100), Funnel(**funnel(1, factors)), starts_on=on(80), ends_on=on(82))


@pytest.mark.parametrize(
    ("moved", "factor", "main"),
    [
        ("spend", 0.5, "spend"),
        ("impressions", 0.6, "cpm"),
        ("clicks", 1.6, "ctr"),
        ("conversions", 0.5, "cvr"),
        ("revenue", 1.5, "aov"),
    ],
)
def test_the_factor_that_moved_is_named(moved: str, factor: float, main: str) -> None:
    answer = explained(**{moved: factor})
    assert answer.main == main
    assert answer.change == pytest.approx(factor - 1, abs=0.15)
    part = next(part for part in answer.parts if part.factor == main)
    assert part.share == pytest.approx(1.0, abs=0.25)


def test_a_dearer_cpm_is_a_rise_that_costs_revenue() -> None:
    part = next(part for part in explained(impressions=0.5).parts if part.factor == "cpm")
    assert part.change == pytest.approx(1.0, abs=0.2)
    assert part.log_part < 0


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 100), factor=st.floats(0.2, 3.0))
def test_parts_add_up_to_the_whole(seed: int, factor: float) -> None:
    columns = funnel(seed, {"clicks": factor, "revenue": 1 / factor})
    answer = explain_change(days(100), Funnel(**columns), starts_on=on(80), ends_on=on(82))
    assert sum(part.log_part for part in answer.parts) == pytest.approx(np.log1p(answer.change), abs=1e-9)


def test_noise_has_no_cause_and_paused_spend_is_spend() -> None:
    assert explained().main is None
    columns = funnel()
    for name in COLUMNS:
        columns[name][80:83] = 0.0
    answer = explain_change(days(100), Funnel(**columns), starts_on=on(80), ends_on=on(82))
    assert answer.main == "spend"
    json.dumps(answer.to_dict())


def test_days_without_values_and_negative_values_are_refused() -> None:
    columns = funnel()
    with pytest.raises(CannotCompare):
        explain_change(days(100), Funnel(**columns), starts_on=on(200), ends_on=on(201))
    with pytest.raises(CannotCompare):
        explain_change(days(20), Funnel(**{k: v[:20] for k, v in columns.items()}), starts_on=on(18), ends_on=on(19))
    columns["revenue"] = columns["revenue"].copy()
    columns["revenue"][3] = -5
    with pytest.raises(BadFrame, match="negative"):
        explain_change(days(100), Funnel(**columns), starts_on=on(80), ends_on=on(82))
