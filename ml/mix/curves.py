"""Response curves of a fit as functions: the posterior mean per channel, for any constant spend per day."""

from dataclasses import dataclass

import numpy as np

from ml.frames import FloatArray
from ml.mix.results import PosteriorDraws
from ml.saturation import hill_marginal


@dataclass(frozen=True, eq=False)
class MeanCurves:
    """The mean over the draws of top · hill(x): the split that maximises it maximises expected revenue."""

    draws: PosteriorDraws

    def revenue(self, spend_per_day: FloatArray) -> FloatArray:
        """Expected revenue per day, (C,) or (C, m), at spend per day of the same shape."""
        mean: FloatArray = self.draws.response(spend_per_day).mean(0)
        return mean

    def marginal(self, spend_per_day: FloatArray) -> FloatArray:
        """Expected revenue of the next unit of spend, (C,), at spend per day (C,) above 0."""
        level = np.maximum(spend_per_day, 1e-9)[None]
        mean: FloatArray = (self.draws.top * hill_marginal(level, self.draws.half, self.draws.slope)).mean(0)
        return mean
