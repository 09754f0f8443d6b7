"""P(accept) per customer and offer: rates drawn towards each other, or a logistic model with features, whichever predicts better."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import betaln, expit

from ml.frames import FloatArray
from ml.predict.offers.history import OfferHistory

FOLDS = 5
LEAST_GAIN = 0.002  # of the log loss
TIE = 0.001  # within which the wider prior is taken: its intervals are the more honest ones
PRIOR_SDS = (0.1, 0.3, 1.0)  # of effects that differ by offer, on standardised features
SHARED_SD = 1.0
SMALLEST_LEVEL_SD = 0.05
CLOSEST = 1e-9
STRENGTH_RANGE = (np.log(2.0), np.log(1e4))
RATES_MODEL, FEATURES_MODEL = "Beta-Binomial by offer", "Logistic with features"


class Acceptance(Protocol):
    """Draws of P(accept)."""

    @property
    def name(self) -> str: ...

    def draw(self, features: FloatArray, draws: int, rng: np.random.Generator) -> FloatArray:
        """P(accept), (draws, n, offers), of customers with standardised `features` (n, f)."""


@dataclass(frozen=True, eq=False)
class Rates:
    """An offer's rate ~ Beta(s·μ + accepted, s·(1−μ) + turned down), the same for all customers. `counts` (k, 2)."""

    counts: FloatArray
    mean: float
    strength: float
    name: str = RATES_MODEL

    def expected(self) -> FloatArray:
        """Posterior mean rate per offer, (k,)."""
        accepted, refused = self.counts.T
        return np.asarray((self.strength * self.mean + accepted) / (self.strength + accepted + refused))

    def draw(self, features: FloatArray, draws: int, rng: np.random.Generator) -> FloatArray:
        accepted, refused = self.counts.T
        shape = (self.strength * self.mean + accepted, self.strength * (1 - self.mean) + refused)
        rates = rng.beta(*shape, (draws, len(self.counts)))
        return np.asarray(np.broadcast_to(rates[:, None], (draws, len(features), len(self.counts))))


@dataclass(frozen=True, eq=False)
class Logistic:
    """logit P = level of the offer + shared effects + the offer's own effects; Laplace posterior of mean (d,), root (d, d)."""

    mean: FloatArray
    root: FloatArray
    offers: int
    name: str = FEATURES_MODEL

    def draw(self, features: FloatArray, draws: int, rng: np.random.Generator) -> FloatArray:
        theta = self.mean + rng.standard_normal((draws, len(self.mean))) @ self.root.T
        level, shared, own = _parts(theta, self.offers, features.shape[1])
        return np.asarray(expit(level[:, None] + ((shared[:, None] + own) @ features.T).transpose(0, 2, 1)))


def learn_acceptance(history: OfferHistory, names: tuple[str, ...], *, seed: int) -> Acceptance:
    """The model that predicts accepting better in five-fold cross-validation; rates alone where features gain under 0.2 %.

    `names` (k,) of the offers in question; occasions with other offers still inform what offers have in common.
    """
    place = {name: row for row, name in enumerate(all_names(history, names))}
    index = np.array([place[name] for name in history.offer])
    rates = fit_rates(index, history.accepted, len(place))
    if not history.features.shape[1]:
        return rates
    fold = np.random.default_rng(seed).integers(0, FOLDS, len(index))
    plain = _cross_validated(index, history, fold, len(place), None)
    losses = [_cross_validated(index, history, fold, len(place), sd) for sd in PRIOR_SDS]
    if min(losses) > (1 - LEAST_GAIN) * plain:
        return rates
    widest = max(sd for sd, loss in zip(PRIOR_SDS, losses, strict=True) if loss <= (1 + TIE) * min(losses))
    return fit_logistic(index, history.accepted, history.features, len(place), widest)


def all_names(history: OfferHistory, names: tuple[str, ...]) -> tuple[str, ...]:
    """The offers in question first, then any others of the history."""
    return (*names, *sorted(set(history.offer.tolist()) - set(names)))


def fit_rates(index: np.ndarray[tuple[int], np.dtype[np.int64]], accepted: FloatArray, offers: int) -> Rates:
    """Empirical Bayes: μ the rate over all offers, s between 2 and 10,000 maximises Σ ln B(sμ+a, s(1−μ)+r) − ln B(sμ, s(1−μ))
    plus −½ ln s, which keeps offers apart where the data say little. An offer never shown gets Beta(sμ, s(1−μ))."""
    yes = np.bincount(index, accepted, offers)
    no = np.bincount(index, 1 - accepted, offers)
    mean = float((yes.sum() + 0.5) / (len(index) + 1))

    def loss(log_strength: float) -> float:
        a, b = np.exp(log_strength) * mean, np.exp(log_strength) * (1 - mean)
        return float(-np.sum(betaln(a + yes, b + no) - betaln(a, b)) + 0.5 * log_strength)

    best = minimize_scalar(loss, bounds=STRENGTH_RANGE, method="bounded")
    return Rates(np.column_stack([yes, no]), mean, float(np.exp(best.x)))


def fit_logistic(
    index: np.ndarray[tuple[int], np.dtype[np.int64]],
    accepted: FloatArray,
    features: FloatArray,
    offers: int,
    own_sd: float,
) -> Logistic:
    """Posterior mode and Laplace covariance; effects ~ N(0, 1) shared and N(0, own_sd²) by offer, levels ~ N(μ, τ²) with the
    spread τ = (s·μ(1−μ))^−½ of the rates' own hierarchy, so that an offer seldom shown is taken to be like the others."""
    width = features.shape[1]
    design = np.zeros((len(index), offers * (1 + width) + width))
    rows = np.arange(len(index))
    design[rows, index] = 1.0
    design[:, offers : offers + width] = features
    for column in range(width):
        design[rows, offers + width + index * width + column] = features[:, column]
    rates = fit_rates(index, accepted, offers)
    overall = rates.mean
    level_sd = max((rates.strength * overall * (1 - overall)) ** -0.5, SMALLEST_LEVEL_SD)
    centre = np.zeros(design.shape[1])
    centre[:offers] = np.log(max(overall, CLOSEST) / max(1 - overall, CLOSEST))
    sd = np.concatenate([np.full(offers, level_sd), np.full(width, SHARED_SD), np.full(offers * width, own_sd)])
    mean = _mode(design, accepted, centre, sd)
    p = expit(design @ mean)
    precision = (design.T * (p * (1 - p))) @ design + np.diag(1 / sd**2)
    root = np.linalg.inv(np.linalg.cholesky(precision)).T
    return Logistic(mean, root, offers)


def _mode(design: FloatArray, accepted: FloatArray, centre: FloatArray, sd: FloatArray) -> FloatArray:
    def loss(theta: FloatArray) -> tuple[float, FloatArray]:
        eta, away = design @ theta, (theta - centre) / sd
        value = float(np.sum(np.logaddexp(0, eta) - accepted * eta) + 0.5 * away @ away)
        return value, design.T @ (expit(eta) - accepted) + away / sd

    return np.asarray(minimize(loss, centre, jac=True, method="L-BFGS-B").x, float)


def _parts(theta: FloatArray, offers: int, width: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    own = theta[:, offers + width :].reshape(len(theta), offers, width)
    return theta[:, :offers], theta[:, offers : offers + width], own


def _cross_validated(
    index: np.ndarray[tuple[int], np.dtype[np.int64]],
    history: OfferHistory,
    fold: np.ndarray[tuple[int], np.dtype[np.int64]],
    offers: int,
    own_sd: float | None,
) -> float:
    said = np.empty(len(index))
    for number in range(FOLDS):
        train, test = fold != number, fold == number
        if own_sd is None:
            said[test] = fit_rates(index[train], history.accepted[train], offers).expected()[index[test]]
            continue
        model = fit_logistic(index[train], history.accepted[train], history.features[train], offers, own_sd)
        level, shared, own = (part[0] for part in _parts(model.mean[None], offers, history.features.shape[1]))
        effects = (shared + own[index[test]]) * history.features[test]
        said[test] = expit(level[index[test]] + effects.sum(1))
    p = np.clip(said, CLOSEST, 1 - CLOSEST)
    return float(-np.mean(history.accepted * np.log(p) + (1 - history.accepted) * np.log1p(-p)))
