"""Industry benchmarks: every figure says whose it is."""

from datetime import date

import pytest

from ml.errors import BadOption
from ml.norms import ALL_INDUSTRIES, NORMS, compare_with_norm, find_norms


def test_every_figure_has_source_date_region_and_sample() -> None:
    for norm in NORMS:
        source = norm.source
        assert all((source.publisher, source.title, source.region, source.sample, source.statistic, source.read_at))
        assert source.first_on < source.last_on
        assert norm.value > 0
        assert norm.unit != "share" or norm.value < 1


def test_no_figure_is_given_twice() -> None:
    keys = [(norm.metric, norm.platform, norm.industry, norm.source.title) for norm in NORMS]
    assert len(set(keys)) == len(keys)


def test_the_newest_figure_comes_first_and_unknown_ones_are_none() -> None:
    found = find_norms("ctr", platform="search ads", industry=ALL_INDUSTRIES)
    assert [norm.source.last_on for norm in found] == sorted((norm.source.last_on for norm in found), reverse=True)
    assert len(found) == 3
    assert find_norms("ctr", platform="carrier pigeons") == ()


def test_a_comparison_names_the_source_and_what_is_old() -> None:
    norm = find_norms("cpc", platform="search ads", industry="travel")[0]
    comparison = compare_with_norm(2.8, norm)
    assert comparison.position == "above"
    assert comparison.ratio == pytest.approx(2.0)
    assert "LocaliQ" in comparison.sentence
    assert "18,316" in comparison.sentence
    assert norm.is_old(date(2026, 11, 21))
    assert not find_norms("ctr", industry=ALL_INDUSTRIES)[0].is_old(date(2026, 11, 21))


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_only_numbers_can_be_compared(value: float) -> None:
    with pytest.raises(BadOption):
        compare_with_norm(value, NORMS[0])
