"""The catalogue's promises: what adds up, and what a missing part means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.performance.catalogue import BASES, METRICS, relative_change

KNOWN = st.integers(min_value=1, max_value=10**15)


def test_every_metric_is_made_of_known_bases_and_explains_itself() -> None:
    for metric in METRICS.values():
        assert set(metric.bases) <= set(BASES)
        assert metric.explanation.endswith(".")


@given(st.fixed_dictionaries(dict.fromkeys(BASES, KNOWN)), st.fixed_dictionaries(dict.fromkeys(BASES, KNOWN)))
def test_additive_metrics_of_parts_add_up(first: dict[str, int], second: dict[str, int]) -> None:
    both = {base: first[base] + second[base] for base in BASES}
    for metric in METRICS.values():
        if metric.is_additive:
            assert metric.value(both) == metric.value(first) + metric.value(second)  # type: ignore[operator]  # known bases


@pytest.mark.parametrize("missing", [None, 0])
def test_a_quotient_without_a_denominator_is_unknown_and_not_zero(missing: int | None) -> None:
    sums = dict.fromkeys(BASES, 5) | {"conversions": missing}
    assert METRICS["cpa"].value(sums) is None


def test_an_unknown_numerator_makes_the_metric_unknown() -> None:
    sums: dict[str, int | None] = dict.fromkeys(BASES, 5) | {"revenue_micros": None}
    assert METRICS["roas"].value(sums) is None
    assert METRICS["revenue"].value(sums) is None


def test_change_needs_something_to_compare_with() -> None:
    assert relative_change(110, 100) == pytest.approx(0.1)
    assert relative_change(110, 0) is None
    assert relative_change(None, 100) is None
