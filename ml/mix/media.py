"""The media part of the mix model: what each channel adds in each period, for a batch of parameter vectors, and its gradient.

Layout: a batch is z (K, 5 C + 1); arrays inside are channel-first, (C, K, …), so that BLAS does the heavy work.
"""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from ml.adstock import lag_weights
from ml.frames import FloatArray

LOG_ROI, LOG_LAG, LOGIT_SHAPE, LOG_HALF, LOG_SLOPE = range(5)
PER_CHANNEL = 5

LONGEST_LAG_DAYS = 84
LAG_NODES = 16
SHORTEST_MEAN_LAG_DAYS, LONGEST_MEAN_LAG_DAYS = 0.08, 45.0
SHAPE_NODES = np.array([0.0, 0.35, 0.7, 1.0])
RANK = 20  # of the compressed log-adstock tables; the largest error found was under 0.5 % of a channel's level
FLOOR = 3e-4  # added to the level, in units of the channel's usual spend, so that its logarithm exists without spend


@dataclass(frozen=True, eq=False)
class MediaTerms:
    """One evaluation: `share` (C, K, n) the Hill curve's value, `top` (C, K) its ceiling in scaled revenue per period, and
    what the gradient needs."""

    share: FloatArray
    share_sum: FloatArray
    top: FloatArray
    log_ratio: FloatArray
    slope: FloatArray
    d_lag: FloatArray
    d_shape: FloatArray

    def total(self) -> FloatArray:
        """Scaled revenue per period from all channels, (K, n)."""
        summed: FloatArray = np.einsum("ck,ckn->kn", self.top, self.share)
        return summed


class MediaBasis:
    """Log adstock of every channel as a smooth function of mean lag and shape, tabulated once per data set.

    For channel c the table log A_c(lag, shape)ₜ on a grid is compressed by SVD to `RANK` series; between the nodes the
    coefficients follow a cubic spline in log lag and a cubic polynomial in shape. The inner loop then needs one small
    matrix product per channel instead of a convolution.
    """

    def __init__(
        self,
        spend: FloatArray,
        cadence_days: int,
        revenue_scale: float,
        *,
        usual_spend: FloatArray | None = None,
        first_weeks: FloatArray | None = None,
    ) -> None:
        """`spend` (n, C) per period, every column with some spend; `revenue_scale` the unit of the model's revenue.

        `usual_spend` (C,), the unit of half levels, is the average of periods with spend, and `first_weeks` (C,), what
        was spent per period before the data begin, that of the first four weeks, where they are not given.
        """
        self.periods, self.channels = spend.shape
        self.cadence_days = cadence_days
        self.revenue_scale = revenue_scale
        if usual_spend is None:
            usual_spend = np.array([column[column > 0].mean() for column in spend.T])
        if first_weeks is None:
            first_weeks = spend[: max(4, 28 // cadence_days)].mean(0)
        self.usual_spend, self.first_weeks = usual_spend, first_weeks
        self.total_spend = spend.sum(0) / revenue_scale
        lags_days = np.geomspace(SHORTEST_MEAN_LAG_DAYS, LONGEST_MEAN_LAG_DAYS, LAG_NODES)
        self.log_lag_nodes = np.log(lags_days / cadence_days)
        self._lag_spline = CubicSpline(self.log_lag_nodes, np.eye(LAG_NODES))
        self._lag_spline_slope = self._lag_spline.derivative()
        self._shape_polynomials = _cardinal_polynomials(SHAPE_NODES)
        self._table, self._series = _compress(self._log_adstock(spend / self.usual_spend))

    def _log_adstock(self, level: FloatArray) -> FloatArray:
        """(C, lag nodes × shape nodes, n) by FFT; before the first period spend was `first_weeks`."""
        length = int(np.ceil(LONGEST_LAG_DAYS / self.cadence_days))
        padded = np.vstack([np.tile(self.first_weeks / self.usual_spend, (length, 1)), level])
        size = 1 << int(np.ceil(np.log2(len(padded) + length)))
        kernels = np.array(
            [lag_weights(np.exp(log_lag), shape, length) for log_lag in self.log_lag_nodes for shape in SHAPE_NODES]
        )
        spectrum = np.fft.rfft(padded.T, size)[:, None] * np.fft.rfft(kernels, size)
        carried = np.fft.irfft(spectrum, size)[..., length : length + self.periods]
        return np.log(np.maximum(carried, 0.0) + FLOOR)

    def terms(self, z: FloatArray) -> MediaTerms:
        """Evaluate a batch z (K, 5 C + 1)."""
        q = self.unpack(z)
        shape = 1 / (1 + np.exp(-q[LOGIT_SHAPE]))
        weights, d_lag, d_shape = self._coefficients(q[LOG_LAG], shape)
        slope = np.exp(q[LOG_SLOPE])
        log_ratio = weights @ self._series
        log_ratio -= q[LOG_HALF][..., None]
        share = log_ratio * -slope[..., None]
        np.clip(share, -60.0, 60.0, out=share)
        np.exp(share, out=share)
        share += 1.0
        np.reciprocal(share, out=share)
        share_sum = share.sum(-1)
        return MediaTerms(
            share=share,
            share_sum=share_sum,
            top=np.exp(q[LOG_ROI]) * self.total_spend[:, None] / share_sum,
            log_ratio=log_ratio,
            slope=slope,
            d_lag=d_lag,
            d_shape=d_shape * (shape * (1 - shape))[..., None],
        )

    def pull_back(self, terms: MediaTerms, gradient: FloatArray) -> FloatArray:
        """Gradient with respect to the channels' parameters, (5, C, K), from that with respect to total media, (K, n)."""
        by_share = np.einsum("kn,ckn->ck", gradient, terms.share)
        inner = gradient[None] - (by_share / terms.share_sum)[..., None]
        inner *= terms.share
        inner *= 1.0 - terms.share
        inner *= (terms.top * terms.slope)[..., None]
        by_series = inner @ self._series.transpose(0, 2, 1)
        return np.stack(
            [
                terms.top * by_share,
                (by_series * terms.d_lag).sum(-1),
                (by_series * terms.d_shape).sum(-1),
                -inner.sum(-1),
                np.einsum("ckn,ckn->ck", inner, terms.log_ratio),
            ]
        )

    def share_gradient(self, terms: MediaTerms, weights: FloatArray) -> FloatArray:
        """Gradient of Σₜ weightsₜ · shareₜ with respect to log lag, logit shape, log half and log slope, (4, C, K)."""
        inner = weights * terms.share * (1.0 - terms.share) * terms.slope[..., None]
        by_series = inner @ self._series.transpose(0, 2, 1)
        return np.stack(
            [
                (by_series * terms.d_lag).sum(-1),
                (by_series * terms.d_shape).sum(-1),
                -inner.sum(-1),
                np.einsum("ckn,ckn->ck", inner, terms.log_ratio),
            ]
        )

    def unpack(self, z: FloatArray) -> FloatArray:
        """(5, C, K) view of the channels' parameters of a batch z (K, 5 C + 1)."""
        return z[:, :-1].reshape(len(z), self.channels, PER_CHANNEL).transpose(2, 1, 0)

    def _coefficients(self, log_lag: FloatArray, shape: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Weights of the compressed series and their slopes in log lag and in shape, each (C, K, RANK)."""
        inside = np.clip(log_lag, self.log_lag_nodes[0], self.log_lag_nodes[-1])
        by_lag, by_lag_slope = self._lag_spline(inside), self._lag_spline_slope(inside)
        powers = shape[..., None] ** np.arange(4)
        by_shape = powers @ self._shape_polynomials
        by_shape_slope = (powers[..., :3] * np.arange(1, 4)) @ self._shape_polynomials[1:]
        return (
            self._combine(by_lag, by_shape),
            self._combine(by_lag_slope, by_shape),
            self._combine(by_lag, by_shape_slope),
        )

    def _combine(self, by_lag: FloatArray, by_shape: FloatArray) -> FloatArray:
        nodes = by_lag[..., :, None] * by_shape[..., None, :]
        combined: FloatArray = nodes.reshape(*by_lag.shape[:2], -1) @ self._table
        return combined


def _compress(tables: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Rank-`RANK` factors (C, nodes, R) and (C, R, n) of tables (C, nodes, n)."""
    left, values, right = np.linalg.svd(tables, full_matrices=False)
    rank = min(RANK, values.shape[1])
    return left[..., :rank] * values[:, None, :rank], np.ascontiguousarray(right[:, :rank])


def _cardinal_polynomials(nodes: FloatArray) -> FloatArray:
    """Coefficients (power, node) of the polynomials that are 1 at one node and 0 at the others."""
    return np.asarray(np.linalg.inv(np.vander(nodes, increasing=True)), float)
