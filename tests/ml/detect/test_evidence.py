"""Evidence: rare is not yet changed."""

import numpy as np
import pytest

from ml.anomalies.evidence import LEAST_EVIDENCE, limits, log_evidence
from ml.anomalies.options import DetectionOptions
from ml.anomalies.series import Scale
from ml.anomalies.tails import Tail, fit_tail
from ml.errors import BadOption

LOG = Scale("log", 1000.0)


@pytest.fixture(scope="module")
def tail() -> Tail:
    return fit_tail(np.random.default_rng(0).standard_normal(400), 1.0, (1, 3))


def evidence(tail: Tail, z: float, noise: float, scale: Scale = LOG, usual: float = 0.0) -> float:
    return float(log_evidence(np.array([z]), np.array([usual]), np.array([noise]), scale=scale, tail=tail, days=1)[0])


def test_the_same_rarity_speaks_for_a_change_only_where_it_is_large(tail: Tail) -> None:
    assert evidence(tail, 3.5, noise=0.03) < 0 < LEAST_EVIDENCE < evidence(tail, 3.5, noise=0.12)


@pytest.mark.parametrize("kind", ["log", "root", "plain"])
def test_what_lies_farther_off_never_speaks_less(tail: Tail, kind: str) -> None:
    scale = Scale(kind, 1000.0)  # type: ignore[arg-type]  # one of the kinds
    usual = float(scale.forward(np.array([1000.0]))[0])
    rising = [evidence(tail, z, 0.1, scale, usual) for z in np.arange(2.0, 300.0, 1.0)]
    assert (np.diff(rising) >= -1e-9).all()
    assert rising[-1] > LEAST_EVIDENCE


def test_limits_rise_where_the_noise_is_small_and_hold_both_directions(tail: Tail) -> None:
    options = DetectionOptions()
    quiet, loud = (limits(0.0, noise, scale=LOG, tail=tail, days=1, options=options) for noise in (0.03, 0.12))
    assert quiet.rise > loud.rise
    assert quiet.fall > loud.fall
    assert 0.1 < quiet.rise * 0.03 < 0.3


def test_a_rate_of_false_alarms_outside_its_range_is_refused() -> None:
    with pytest.raises(BadOption):
        DetectionOptions(alarms_per_month=0.0)
