"""How far off the forecast may be: bands and simulated futures, learnt from the errors of past forecasts.

Errors are relative on the root scale, ρ = (√actual − √median) ÷ √max(median, share of the usual revenue), so that bands grow
with the revenue, stay above 0, and stay open where next to nothing is expected. `usual` is the history's average revenue.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import nnls

from ml.errors import CannotFit
from ml.frames import FloatArray

BLOCK_DAYS = 14
STRETCH_DAYS = 7
LEVELS = (0.80, 0.95)
Z80, Z95 = 1.2816, 1.9600
UNSEEN_SEASON = 0.04  # of the root: a wave of ± 11 % of revenue, with which bands of young simulated shops hold
SMALLEST_DEVIATION = 1e-6  # keeps bands open where the past was foreseen exactly
SMALLEST_SHARE = 0.04
STRAY_POWER = 2.0  # beyond the horizon tried, where a season not yet seen sets in, the level strays as its square
FEW_WINDOWS, FEW_WINDOWS_INNER, FEW_WINDOWS_TAIL = 1.5, 0.05, 0.2  # set on simulated shops, see `learn_errors`
MATURITY_POWER = 8.0


@dataclass(frozen=True, eq=False)
class PastErrors:
    """ρ of K past forecasts, `errors` (K, h), nan where not observed, with what tells how much each of them says.

    `weights` (K,) are highest for forecasts that knew about as much as today's will; `windows` is the number of horizons
    that lie side by side in the days that were foreseen: overlapping forecasts are not independent.
    """

    errors: FloatArray
    weights: FloatArray
    windows: float

    @classmethod
    def equal(cls, errors: Sequence[FloatArray]) -> "PastErrors":
        """Past forecasts that count alike and are independent of each other."""
        stacked = np.stack(list(errors))
        return cls(stacked, np.ones(len(stacked)), float(len(stacked)))

    @classmethod
    def from_origins(cls, errors: Sequence[FloatArray], origins: Sequence[int]) -> "PastErrors":
        """Forecasts from histories of `origins` periods: weight (origin ÷ latest origin)⁸, a history's share to the power 8.

        A forecast from half the history knew less of seasons and of spend, and lies further back; it says next to nothing
        of today's. Source of weighting: Barber et al. (2023), "Conformal prediction beyond exchangeability".

        >>> PastErrors.from_origins([np.zeros(30), np.zeros(30)], [60, 120]).weights.round(4).tolist()
        [0.0039, 1.0]
        """
        stacked, length = np.stack(list(errors)), np.asarray(origins, float)
        windows = 1 + float(np.ptp(length)) / stacked.shape[1]
        return cls(stacked, (length / length.max()) ** MATURITY_POWER, windows)

    def without(self, index: int) -> "PastErrors":
        """All but one."""
        kept = np.arange(len(self.errors)) != index
        return replace(self, errors=self.errors[kept], weights=self.weights[kept])


@dataclass(frozen=True, eq=False)
class ErrorModel:
    """ρ(h) = noise + √(level · g(h)) · ξ + √drift · random walk(h), with ξ one draw per future and g(h) = max(1, h ÷ tried)².

    `noise` (m,) are errors centred on blocks of `block` periods, with the variance that they had before, to draw stretches
    from; `level` and `drift` are variances; `tried` is how many periods the past forecasts looked ahead. `factor80` and `factor95` are the conformal multiples of the standard deviation s(h)
    that held 80 % and 95 % of the past errors.
    """

    noise: FloatArray
    level: float
    drift: float
    tried: int
    factor80: float
    factor95: float
    block: int = BLOCK_DAYS
    unseen: FloatArray = field(default_factory=lambda: np.zeros(0))

    def reach(self, periods: int, share: float) -> FloatArray:
        """How far ρ(h) goes astray in `share` (0.80 or 0.95) of cases: √((factor · s(h))² + z² · unseen season)."""
        factor, z = (self.factor80, Z80) if share == LEVELS[0] else (self.factor95, Z95)
        reach: FloatArray = np.hypot(factor * self.deviation(periods), z * np.sqrt(self.unseen_variance(periods)))
        return reach

    def unseen_variance(self, periods: int) -> FloatArray:
        """Variance of the level for seasons never seen, h = 1 … periods; 0 where none was given."""
        return self.unseen[:periods] if len(self.unseen) else np.zeros(periods)

    def level_variance(self, periods: int) -> FloatArray:
        """level · g(h), h = 1 … periods."""
        variance: FloatArray = self.level * np.maximum(1.0, np.arange(1, periods + 1) / self.tried) ** STRAY_POWER
        return variance

    def deviation(self, periods: int) -> FloatArray:
        """s(h) = √(noise variance + level · g(h) + drift · h), h = 1 … periods."""
        drift = self.drift * np.arange(1, periods + 1)
        deviation: FloatArray = np.sqrt(np.var(self.noise) + self.level_variance(periods) + drift) + SMALLEST_DEVIATION
        return deviation


def relative_errors(actual: FloatArray, median: FloatArray, usual: float) -> FloatArray:
    """ρ of one past forecast, (h,); negative revenue counts as 0, periods not observed stay nan.

    >>> relative_errors(np.array([121.0, 81.0]), np.array([100.0, 100.0]), usual=100.0).round(6).tolist()
    [0.1, -0.1]
    """
    errors: FloatArray = (np.sqrt(np.maximum(actual, 0.0)) - np.sqrt(median)) / _unit(median, usual)
    return errors


def learn_errors(past: PastErrors, cadence_days: int) -> ErrorModel:
    """Weighted split-conformal error model from past forecasts.

    The weighted means over blocks of two weeks tell how the level goes astray with the horizon, what is left is noise. Then
    the weighted quantiles of the scores |ρ| ÷ s(h) of all past forecasts, over all horizons, give the multiples. Few windows
    seldom show how far astray a level can go, and the model was chosen on them: level and drift are raised by
    1 + 1.5 ÷ windows, which widens totals (the multiples take it back for single periods), then the 80 % multiple by
    1 + 0.05 ÷ windows and the 95 % one by 1 + 0.2 ÷ windows.
    Source: Lei et al. (2018), "Distribution-free predictive inference for regression", with locally weighted residuals;
    forecasts from one origin are not exchangeable, so that the coverage is checked in benchmarks/ml_forecast.py.
    Raises `CannotFit` where too few of those periods were observed.
    """
    periods = past.errors.shape[1]
    block = max(min(BLOCK_DAYS // cadence_days, periods), 1)
    noise, blocks = _split(past, block)
    level, drift = _level_and_drift(blocks, float(np.var(noise)), 1 + FEW_WINDOWS / past.windows)
    model = ErrorModel(noise, level, drift, periods, 1.0, 1.0, block)
    scores = np.abs(past.errors) / model.deviation(periods)
    seen = np.isfinite(scores)
    weights = np.broadcast_to(past.weights[:, None], scores.shape)[seen]
    factor80, factor95 = np.quantile(scores[seen], LEVELS, weights=weights, method="inverted_cdf")
    inner, tail = (1 + few / past.windows for few in (FEW_WINDOWS_INNER, FEW_WINDOWS_TAIL))
    return replace(model, factor80=float(factor80 * inner), factor95=float(max(factor80 * inner, factor95 * tail)))


@dataclass(frozen=True, eq=False)
class _Blocks:
    """Means of blocks of errors (b,), the number of errors in each, how many periods ahead its middle lies, its weight."""

    means: FloatArray
    sizes: FloatArray
    ahead: FloatArray
    weights: FloatArray


def _split(past: PastErrors, block: int) -> tuple[FloatArray, _Blocks]:
    """Centred noise (m,), scaled to its weighted variance, and the blocks it was centred on; a block of which less than
    half was observed is left out."""
    noise, squares, rows = [], [], []
    for start in range(0, past.errors.shape[1], block):
        part = past.errors[:, start : start + block]
        for row, weight in zip(part, past.weights.tolist(), strict=True):
            errors = row[np.isfinite(row)]
            if len(errors) > part.shape[1] / 2:
                mean, size = float(errors.mean()), len(errors)
                noise.append((errors - mean) * np.sqrt(size / max(size - 1, 1)))
                squares.append(float(np.mean(noise[-1] ** 2)))
                rows.append((mean, float(size), start + (part.shape[1] + 1) / 2, weight))
    if not noise:
        raise CannotFit(
            "Too few of the last days have rows to check a forecast on.", "Import the missing days and run this again."
        )
    blocks, pooled = _Blocks(*np.array(rows).T), np.concatenate(noise)
    variance = float(np.average(squares, weights=blocks.sizes * blocks.weights))
    return pooled * np.sqrt(variance / max(float(np.var(pooled)), 1e-300)), blocks


def _level_and_drift(blocks: _Blocks, variance: float, raised: float) -> tuple[float, float]:
    """Weighted non-negative least squares of the squared block means, less what noise adds to them, on (1, h)."""
    squares = blocks.means**2 - variance / blocks.sizes
    weights = np.sqrt(blocks.sizes * blocks.weights)
    design = np.column_stack([weights, weights * blocks.ahead])
    (level, drift), _ = nnls(design, weights * squares)
    return raised * float(level), raised * float(drift)


def _unit(median: FloatArray, usual: float) -> FloatArray:
    """What ρ is relative to, on the root scale."""
    unit: FloatArray = np.sqrt(np.maximum(median, SMALLEST_SHARE * usual))
    return unit


def unseen_season(history_days: int, periods: int, cadence_days: int) -> FloatArray:
    """Variance of the level, (h,), for a yearly wave that the history is too short to show: a² (1 − cos(2π d ÷ 365)), d days ahead.

    That is how far a wave of deviation a and unknown phase moves in d days. It holds while the same day of the year was never
    seen, and stays afterwards, because one turn seen at its very start says little.
    """
    ahead = np.minimum(np.arange(1, periods + 1) * cadence_days, 365 / 2)
    wave = UNSEEN_SEASON**2 * (1 - np.cos(2 * np.pi * ahead / 365))
    seen = history_days + ahead > 365
    variance: FloatArray = np.maximum.accumulate(np.where(seen, 0.0, wave))
    return variance


def simulate_paths(
    model: ErrorModel,
    median: FloatArray,
    mean: FloatArray,
    usual: float,
    *,
    paths: int,
    cadence_days: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Possible futures in currency per period, (paths, h), that lie around `median` (h,) and average `mean` (h,)
    wherever more than next to nothing is expected.

    Noise comes in stretches of a week drawn from past errors, so that neighbouring days keep their likeness. It was centred on
    blocks, which took 1 ÷ block of its variance away as their means; every stretch gets it back as a whole, or else sums of
    days would stray too little. The level goes astray as a whole. All errors are widened or narrowed so that 80 % of them lie within the conformal band.
    Totals of any period are to be read off these paths: adding up daily bands would pretend that days err independently,
    or all together.
    """
    periods = len(median)
    stretch = max(min(STRETCH_DAYS // cadence_days, len(model.noise)), 1)
    starts = rng.integers(0, len(model.noise) - stretch + 1, (paths, -(-periods // stretch)))
    drawn = model.noise[starts[:, :, None] + np.arange(stretch)]
    shift = np.std(model.noise) * rng.standard_normal(starts.shape)
    noise = np.sqrt(1 - 1 / model.block) * drawn + np.sqrt(1 / model.block) * shift[:, :, None]
    noise = noise.reshape(paths, -1)[:, :periods]
    level = rng.standard_normal((paths, 1)) * np.sqrt(model.level_variance(periods))
    drift = np.sqrt(model.drift) * np.cumsum(rng.standard_normal((paths, periods)), axis=1)
    errors = noise + level + drift
    typical = float(np.quantile(np.abs(errors) / model.deviation(periods), LEVELS[0])) or 1.0
    errors = errors * (model.factor80 / typical)
    errors += rng.standard_normal((paths, 1)) * np.sqrt(model.unseen_variance(periods))
    moved = np.sqrt(median) + errors * _unit(median, usual)
    futures = np.maximum(moved, 0.0) ** 2
    earning = median > SMALLEST_SHARE * usual
    scaled: FloatArray = futures * np.where(earning, mean / np.maximum(futures.mean(0), 1e-12 * usual), 1.0)
    return scaled


def band(model: ErrorModel, median: FloatArray, usual: float, share: float) -> tuple[FloatArray, FloatArray]:
    """Low and high per period that hold `share` (0.80 or 0.95): (√median ∓ reach(h) · unit)², the low one at least 0."""
    reach = model.reach(len(median), share) * _unit(median, usual)
    middle = np.sqrt(median)
    return np.maximum(middle - reach, 0.0) ** 2, (middle + reach) ** 2
