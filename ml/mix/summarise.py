"""From posterior draws to the numbers that are reported: contributions, returns, curves, series with their bands, grades."""

import numpy as np
from scipy.special import polygamma

from ml.frames import FloatArray, MarketingFrame
from ml.mix.diagnose import grade_channel, level_break, usable_periods
from ml.mix.intervals import middle_mean, narrowest_interval
from ml.mix.media import LOG_HALF, LOG_LAG, LOG_ROI, LOG_SLOPE, MediaTerms
from ml.mix.posterior import MixPosterior
from ml.mix.results import ChannelResult, FitQuality, MixFit, PosteriorDraws, ResponseCurve
from ml.mix.sampler import Samples
from ml.mix.verdicts import fit_checks

CURVE_POINTS = 41
CURVE_REACH = 1.5
CURRENT_DAYS = 90
BAND = 1.96
CONVERGED_RHAT = 1.1
SETTLED_RHAT = 1.3


def summarise(
    frame: MarketingFrame,
    posterior: MixPosterior,
    samples: Samples,
    *,
    kept_draws: int,
    holdout_mape: float | None,
    seed: int,
) -> MixFit:
    """The fit's result but for its CPU time. ROI uses all draws; series and curves an even selection of `kept_draws`."""
    flat = samples.flat()
    kept = flat[np.linspace(0, len(flat) - 1, min(kept_draws, len(flat))).astype(int)]
    terms = posterior.basis.terms(kept)
    draws = _compact(posterior, terms, kept)
    roi = np.exp(posterior.basis.unpack(flat)[LOG_ROI]).T
    series = np.einsum("ck,ckn->nc", terms.top, terms.share) / len(kept) * posterior.basis.revenue_scale
    series *= middle_mean(roi) * frame.spend.sum(0) / np.maximum(series.sum(0), 1e-300)
    fitted, low, high = _fitted_band(posterior, terms)
    baseline = fitted - series.sum(1)
    counted = usable_periods(frame)
    quality = FitQuality(
        r2=_explained(frame.revenue[counted], fitted[counted]), holdout_mape=holdout_mape, rhat=samples.rhat
    )
    channels = _channels(frame, posterior, roi, draws, terms, settled=samples.rhat <= SETTLED_RHAT)
    return MixFit(
        currency=frame.currency,
        cadence_days=frame.cadence_days,
        dates=frame.dates,
        revenue=frame.revenue,
        channels=channels,
        baseline=float(baseline.sum()),
        baseline_series=baseline,
        contribution_series=series,
        fitted=fitted,
        fitted_low=low,
        fitted_high=high,
        fit=quality,
        warnings=_warnings(samples.rhat, baseline),
        draws=draws,
        seed=seed,
        cpu_s=0.0,
        checks=fit_checks(quality, baseline, channels),
    )


def current_spend_per_day(frame: MarketingFrame) -> FloatArray:
    """Average spend per day of the last 90 days by channel, (C,)."""
    periods = max(round(CURRENT_DAYS / frame.cadence_days), 1)
    recent: FloatArray = frame.spend[-periods:].mean(0) / frame.cadence_days
    return recent


def _compact(posterior: MixPosterior, terms: MediaTerms, kept: FloatArray) -> PosteriorDraws:
    basis = posterior.basis
    q = basis.unpack(kept)
    return PosteriorDraws(
        roi=np.exp(q[LOG_ROI]).T,
        top=terms.top.T * basis.revenue_scale / basis.cadence_days,
        half=np.exp(q[LOG_HALF]).T * basis.usual_spend / basis.cadence_days,
        slope=np.exp(q[LOG_SLOPE]).T,
        mean_lag_days=np.exp(q[LOG_LAG]).T * basis.cadence_days,
    )


def _fitted_band(posterior: MixPosterior, terms: MediaTerms) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Expected revenue (n,), and the band (n,), (n,) that holds 95 % of single periods' revenue around it."""
    media = terms.total()
    residual = posterior.revenue - media
    levels = posterior.baseline.series(residual) + media
    noise = posterior.baseline.noise_sd(residual)[:, None]
    wobble = noise**2 * (1 + posterior.baseline.variance() / (posterior.temper * posterior.baseline.noise.information))
    spread = BAND * np.sqrt(wobble.mean(0) + levels.var(0)) * posterior.basis.revenue_scale
    fitted = levels.mean(0) * posterior.basis.revenue_scale
    return fitted, fitted - spread, fitted + spread


def _channels(
    frame: MarketingFrame,
    posterior: MixPosterior,
    roi: FloatArray,
    draws: PosteriorDraws,
    terms: MediaTerms,
    *,
    settled: bool,
) -> tuple[ChannelResult, ...]:
    columns = {
        **_returns(frame, posterior, roi, terms),
        "mean_lag_days": np.median(draws.mean_lag_days, axis=0),
        "saturation": draws.response(current_spend_per_day(frame)).mean(0) / draws.top.mean(0),
        "current_per_day": current_spend_per_day(frame),
        "highest_per_day": frame.spend.max(0) / frame.cadence_days,
    }
    steady_level = level_break(frame) is None
    results = []
    for index, name in enumerate(frame.channels):
        numbers = {key: float(values[index]) for key, values in columns.items()}
        low, evidence = numbers["roi_low"], numbers["evidence"]
        grade, reason = grade_channel(
            roi[:, index], low, evidence, days=frame.days, settled=settled, steady_level=steady_level
        )
        curve = _curve(draws, index, numbers["highest_per_day"])
        results.append(ChannelResult(channel=name, grade=grade, grade_reason=reason, curve=curve, **numbers))
    return tuple(results)


def _returns(
    frame: MarketingFrame, posterior: MixPosterior, roi: FloatArray, terms: MediaTerms
) -> dict[str, FloatArray]:
    """Spend, contribution, ROI and marginal ROI with their 95 % intervals, and the evidence, each (C,) by field name."""
    spend, mean = frame.spend.sum(0), middle_mean(roi)
    low, high = narrowest_interval(roi)
    slack = (terms.share * (1 - terms.share)).sum(-1)
    marginal = (slack * terms.top * terms.slope / posterior.basis.total_spend[:, None]).T
    marginal_low, marginal_high = narrowest_interval(marginal)
    return {
        "spend": spend,
        "contribution": mean * spend,
        "contribution_low": low * spend,
        "contribution_high": high * spend,
        "share": mean * spend / frame.revenue.sum(),
        "roi_mean": mean,
        "roi_median": np.median(roi, axis=0),
        "roi_low": low,
        "roi_high": high,
        "mroi_mean": middle_mean(marginal),
        "mroi_low": marginal_low,
        "mroi_high": marginal_high,
        "evidence": np.clip(1 - np.var(np.log(roi), axis=0) / _prior_log_variance(posterior), 0.0, 1.0),
    }


def _curve(draws: PosteriorDraws, index: int, highest: float) -> ResponseCurve:
    levels = np.linspace(0.0, CURVE_REACH * highest, CURVE_POINTS)
    only = PosteriorDraws(*(getattr(draws, name)[:, [index]] for name in draws.__dataclass_fields__))
    responses = only.response(levels[None])[:, 0]
    low, high = narrowest_interval(responses)
    return ResponseCurve(spend_per_day=levels, revenue_per_day=responses.mean(0), low=low, high=high)


def _prior_log_variance(posterior: MixPosterior) -> float:
    """Variance of log ROI under the prior: that of log |t| with ν degrees (trigamma ½ and ν/2, a quarter each) plus the
    scale's."""
    degrees = posterior.priors.roi_degrees
    half_t = float(polygamma(1, 0.5) + polygamma(1, degrees / 2)) / 4
    return half_t + posterior.priors.log_roi_scale[1] ** 2


def _explained(actual: FloatArray, fitted: FloatArray) -> float:
    return float(1 - ((actual - fitted) ** 2).sum() / ((actual - actual.mean()) ** 2).sum())


def _warnings(rhat: float, baseline: FloatArray) -> tuple[str, ...]:
    notes = []
    if rhat > CONVERGED_RHAT:
        notes.append("The calculation has not settled fully. Treat the ranges as rough.")
    if (baseline < 0).mean() > 0.05:
        notes.append(
            "Sales without ads come out below zero in places, which cannot be. An event or a channel may be missing."
        )
    return tuple(notes)
