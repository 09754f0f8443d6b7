"""A first answer at once: the posterior's mode, the Gaussian around it, and a few steps of the sampler from there.

Entry point: `preview_mix`. The same form as `fit_mix` gives, marked `preview`; the full posterior replaces it.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types

from ml.frames import MarketingFrame
from ml.mix.diagnose import check_data, spending
from ml.mix.fit import MixOptions, build_problem
from ml.mix.lift import Experiment
from ml.mix.mode import Mode, find_mode
from ml.mix.results import MixFit
from ml.mix.sampler import HamiltonianBatch, Samples, laplace_factor
from ml.mix.summarise import summarise

MOST_CHAINS = 16
WARM_UP, DRAWS = 10, 12
PREVIEW_NOTE = "This is a first look. The full calculation follows and may move these numbers."


def preview_mix(
    frame: MarketingFrame,
    *,
    seed: int = 0,
    options: MixOptions | None = None,
    lift_tests: Sequence[Experiment] = (),
) -> MixFit:
    """What `fit_mix` will say, roughly, in a fraction of its time: for showing while the full posterior is worked out.

    Chains start at z = ẑ + F ε, with F F′ the inverse Hessian of the log posterior at its mode ẑ (Laplace), and move 22
    times, which mends most of the skew that a Gaussian cannot have. No hold-out is made, and no grade is better than
    *uncertain*: what reads *reliable* must have settled. Arguments and errors as for `fit_mix`.
    """
    options = options or MixOptions()
    started_s = time.thread_time()
    with threadpool_limits(1):
        warnings = check_data(frame)
        frame = spending(frame)
        rng = np.random.default_rng(seed)
        mode = find_mode(build_problem(frame, options=options, lift_tests=lift_tests), rng=rng, starts=1)
        samples = short_samples(mode, chains=min(options.chains, MOST_CHAINS), rng=rng)
        fit = summarise(frame, mode.posterior, samples, kept_draws=options.kept_draws, holdout_mape=None, seed=seed)
    notes = tuple(dict.fromkeys([PREVIEW_NOTE, *warnings, *fit.warnings]))
    return replace(_without_reliable(fit), warnings=notes, preview=True, cpu_s=time.thread_time() - started_s)


def short_samples(mode: Mode, *, chains: int, rng: np.random.Generator) -> Samples:
    """A few draws (12, chains, D) of Hamiltonian chains that start from the Gaussian approximation at the mode.

    They are too few for R-hat to say anything, which is therefore given as 1.
    """
    batch = HamiltonianBatch(mode.posterior, mode.z, laplace_factor(mode.posterior, mode.z), chains=chains, rng=rng)
    batch.warm_up(WARM_UP)
    return replace(batch.sample(DRAWS), rhat=1.0)


def _without_reliable(fit: MixFit) -> MixFit:
    reason = "This is a first look; the full calculation tells whether it holds."
    channels = tuple(
        replace(channel, grade="uncertain", grade_reason=reason) if channel.grade == "reliable" else channel
        for channel in fit.channels
    )
    return replace(fit, channels=channels)
