"""How much likelier a change worth an alarm makes what was seen than chance alone does.

A rare day is not yet a changed one: where days differ by 3 %, one that lies 12 % off is rare and still nothing. The Bayes factor
weighs both, so that alarms are strict where little noise would let small things ring, and bold where the noise is large.
"""

from typing import NamedTuple

import numpy as np

from ml.anomalies.options import DetectionOptions
from ml.anomalies.series import Scale
from ml.anomalies.tails import Tail
from ml.frames import FloatArray

LEAST_EVIDENCE = 3.0  # log: a change makes it twenty times likelier than chance
SMALLEST, LARGEST, STEPS = 0.2, 0.9, 12  # rises of 22 % to 146 %, falls of 18 % to 59 %, in logs
HEIGHTS = np.concatenate([np.arange(1.5, 5.0, 0.125), np.geomspace(5.0, 400.0, 20)])  # where limits are looked for
CHANGES = np.concatenate([-np.linspace(SMALLEST, LARGEST, STEPS), np.linspace(SMALLEST, LARGEST, STEPS)])


def log_evidence(
    deviation: FloatArray, expected: FloatArray, spread: FloatArray, *, scale: Scale, tail: Tail, days: int
) -> FloatArray:
    """log of Σ_c ⅟C·g(z − δ_c ÷ σ) ÷ g(z), (k,): the Bayes factor of a change against none.

    `deviation` z (k,) in the units of the tail, `expected` e (k,) on the working scale, `spread` σ (k,) the working units of one z.
    δ_c is what a change of the plain value by the factor c does on the working scale; the factors lie evenly in logs from e⁻⁰·⁹ to
    e⁻⁰·² and from e⁰·² to e⁰·⁹, and deviations beyond the largest count as the largest. g is the density of ordinary means over
    `days` days (tails.py). Source: Kass & Raftery (1995), Bayes factors.
    """
    usual = scale.back(expected)[:, None]
    changed = scale.forward(usual + scale.base(usual) * np.expm1(CHANGES))
    moved = (changed - expected[:, None]) / spread[:, None]
    z = np.clip(deviation, moved.min(1), moved.max(1))
    likelier = tail.log_density_at(z[:, None] - moved, days) - tail.log_density_at(z, days)[:, None]
    return np.asarray(np.logaddexp.reduce(likelier, axis=1) - np.log(len(CHANGES)))


class Limits(NamedTuple):
    """The least deviations that ring, in the units of the tail: upwards and downwards."""

    rise: float
    fall: float


def limits(
    expected: float,
    spread: float,
    *,
    scale: Scale,
    tail: Tail,
    days: int,
    options: DetectionOptions,
) -> Limits:
    """What a mean over `days` days that is usually `expected` (working scale) must reach to ring: rare enough, large enough and with
    enough evidence. `spread` is the working units of one z. The largest deviation looked at where nothing does."""
    z = np.concatenate([HEIGHTS, -HEIGHTS]) * tail.unit
    usual = np.full(len(z), expected)
    rings = tail.log_chance_beyond(z, days) <= options.log_chance
    rings &= np.abs(scale.change(usual + z * spread, usual)) >= options.least_change
    evidence = log_evidence(z, usual, np.full(len(z), spread), scale=scale, tail=tail, days=days)
    rise, fall = np.split(rings & (evidence >= LEAST_EVIDENCE), 2)
    return Limits(*(float(HEIGHTS[side.argmax() if side.any() else -1]) * tail.unit for side in (rise, fall)))
