"""The read-outs against the recorded figures of gbstats."""

import json

import pytest

from benchmarks.ml_experiments import REFERENCES, SHARED, reference_errors

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.exists(), reason="the yardstick data (ADLOOM_SHARED_DATA) are not here"),
]


@pytest.mark.parametrize("name", REFERENCES)
def test_every_recorded_figure_is_met(name: str) -> None:
    exact, risk = reference_errors(json.loads((SHARED / name).read_text()))
    assert exact <= 1e-6
    assert risk <= 1e-3
