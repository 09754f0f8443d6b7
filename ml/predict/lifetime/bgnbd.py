"""BG/NBD: how often customers buy and whether they still do. Fit, P(alive), expected purchases, P(no purchase).

Fader, Hardie & Lee 2005, “‘Counting your customers’ the easy way: an alternative to the Pareto/NBD model”, Marketing Science 24.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.special import betaincinv, expit, gammaln, hyp2f1, psi

from ml.errors import BadOption
from ml.frames import FloatArray
from ml.predict.lifetime.maximise import Mode, Route, find_mode
from ml.predict.lifetime.summary import RfmSummary

QUADRATURE_NODES = 16
BETA_NODES = 200
NO_COVARIANCE = np.zeros((4, 4))


@dataclass(frozen=True, eq=False)
class BgNbd:
    """A customer buys at rate λ ~ Gamma(r, α) and leaves after a purchase with probability p ~ Beta(a, b).

    `alpha` in units of `unit_days` days. `covariance` (4, 4) of (log r, log α, log a, log b) from the Laplace posterior.
    `route` says how the mode was found, `converged` that it is one.
    """

    r: float
    alpha: float
    a: float
    b: float
    unit_days: float = 7.0
    covariance: FloatArray = field(default_factory=lambda: NO_COVARIANCE)
    route: Route = "direct"
    converged: bool = True

    @property
    def log_parameters(self) -> FloatArray:
        return np.log([self.r, self.alpha, self.a, self.b])

    def draw(self, rng: np.random.Generator) -> "BgNbd":
        """Parameters drawn from the Laplace posterior."""
        r, alpha, a, b = np.exp(rng.multivariate_normal(self.log_parameters, self.covariance))
        return BgNbd(float(r), float(alpha), float(a), float(b), self.unit_days)


def fit_bgnbd(summary: RfmSummary) -> BgNbd:
    """The posterior mode of BG/NBD for n customers; always an answer, `route` and `converged` say how good.

    Likelihood of x repeat purchases, the last at t_x, age T:
    Γ(r+x)αʳ/Γ(r) · Γ(a+b)Γ(b+x)/(Γ(b)Γ(a+b+x)) · [ (α+T)^−(r+x) + (x>0) · a/(b+x−1) · (α+t_x)^−(r+x) ].
    Parameters on the log scale, T scaled to a mean of 1, analytic gradient, normal priors of sd 4 around r = ½, α = r ÷ the
    cohort's rate, a = 1, b = 3. Source: Fader, Hardie & Lee 2005, eq. 6; agrees with the published CDNOW values to 0.3 %.
    """
    scale = max(float(summary.age.mean()), 1e-9)
    likelihood = _Likelihood(summary, scale)
    rate = max(float(summary.frequency.sum()), 0.5) / max(float(summary.age.sum()) / scale, 1e-9)
    centre = np.log([0.5, 0.5 / rate, 1.0, 3.0])
    starts = [centre, np.log([2.0, 2.0 / rate, 0.3, 3.0]), np.log([0.2, 0.2 / rate, 2.0, 2.0])]
    return _from_mode(find_mode(likelihood, centre, starts), scale, summary.unit_days)


def _from_mode(mode: Mode, scale: float, unit_days: float) -> BgNbd:
    r, alpha, a, b = np.exp(mode.at)
    return BgNbd(
        float(r), float(alpha * scale), float(a), float(b), unit_days, mode.covariance, mode.route, mode.converged
    )


class _Likelihood:
    """−log likelihood and gradient over log parameters; rows that are equal are counted once."""

    def __init__(self, summary: RfmSummary, scale: float) -> None:
        order = np.lexsort((summary.age, summary.recency, summary.frequency))
        rows = np.stack([summary.frequency, summary.recency / scale, summary.age / scale])[:, order]
        fresh = np.flatnonzero((np.diff(rows, prepend=-1.0) != 0).any(0))
        self.x, self.recency, self.age = rows[:, fresh]
        self.weight = np.diff(fresh, append=len(order)).astype(float)
        self.levels, inverse = np.unique(self.x, return_inverse=True)
        self.level_weight = np.bincount(inverse, self.weight)
        self.repeated = self.x > 0

    def __call__(self, theta: FloatArray) -> tuple[float, FloatArray]:
        r, alpha, a, b = np.exp(theta)
        value, by_level = self._levels(r, alpha, a, b)
        log_age, log_recency = np.log(alpha + self.age), np.log(alpha + self.recency)
        shape = r + self.x
        stay = np.where(self.repeated, b + self.x - 1.0, 1.0)
        odds = np.where(self.repeated, np.log(a / stay) + shape * (log_age - log_recency), -np.inf)
        left, n = expit(odds), self.weight
        value += float(n @ (np.logaddexp(0.0, odds) - shape * log_age))
        rows = np.array(
            [
                n @ (-(1 - left) * log_age - left * log_recency),
                n @ (-shape * ((1 - left) / (alpha + self.age) + left / (alpha + self.recency))),
                n @ left / a,
                -(n @ (left / stay)),
            ]
        )
        return -value, -(by_level + rows) * np.array([r, alpha, a, b])

    def _levels(self, r: float, alpha: float, a: float, b: float) -> tuple[float, FloatArray]:
        x, n = self.levels, self.level_weight
        bought = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        stayed = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        lost = psi(a + b) - psi(a + b + x)
        slopes = (psi(r + x) - psi(r) + np.log(alpha), np.full_like(x, r / alpha), lost, lost + psi(b + x) - psi(b))
        return float(n @ (bought + stayed)), np.array([float(n @ slope) for slope in slopes])


def p_alive(model: BgNbd, summary: RfmSummary) -> FloatArray:
    """P(still a customer), (n,): 1 ÷ (1 + (x>0) · a/(b+x−1) · ((α+T)/(α+t_x))^(r+x)).

    Someone without a repeat purchase is a customer with certainty in this model. Source: Fader, Hardie & Lee 2008, note 4.
    """
    x = summary.frequency
    stretch = np.log((model.alpha + summary.age) / (model.alpha + summary.recency))
    repeated = x > 0
    odds = np.log(model.a / np.where(repeated, model.b + x - 1.0, 1.0)) + (model.r + x) * stretch
    return np.asarray(np.where(repeated, expit(-odds), 1.0))


def p_no_purchase(model: BgNbd, summary: RfmSummary, days: float) -> FloatArray:
    """P(no purchase in the next `days` days), (n,): 1 − P(alive) · (1 − ((α+T)/(α+T+t))^(r+x)).

    Given alive, λ ~ Gamma(r+x, α+T), and one leaves only after a purchase. Raises `BadOption` for a negative horizon.
    """
    t = _units(model, days)
    quiet = np.exp(-(model.r + summary.frequency) * np.log1p(t / (model.alpha + summary.age)))
    return np.asarray(1.0 - p_alive(model, summary) * (1.0 - quiet))


def expected_purchases(model: BgNbd, summary: RfmSummary, days: float, *, discount_per_year: float = 0.0) -> FloatArray:
    """Expected purchases of each customer in the next `days` days, (n,), each worth (1 + d)^−years when it is made.

    With A = α+T and z = s/(A+s), an alive customer buys at the rate (r+x)/A · (1−z)^a · ₂F₁(a+b−r−1, a; a+b+x; z) at time s,
    by Euler's transformation of Fader et al. 2005, eq. 10, differentiated: no pole at a = 1, no overflow at large x. It is
    integrated by 16 Gauss nodes over log(1 + s/A), once per distinct (x, T), and times P(alive). Raises `BadOption` for a
    negative horizon or a discount of −100 % or less.
    """
    t = _units(model, days)
    if not discount_per_year > -1:
        raise BadOption(f"A discount of {discount_per_year:.0%} is not possible.", "Use 0.1 for 10 % a year.")
    force = np.log1p(discount_per_year) * model.unit_days / 365.25
    keys = np.stack([summary.frequency, summary.age], axis=1)
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    fresh = (np.diff(keys[order], axis=0, prepend=-1.0) != 0).any(1)
    distinct = keys[order][fresh]
    inverse = np.empty(len(keys), np.int64)
    inverse[order] = np.cumsum(fresh) - 1
    return np.asarray(p_alive(model, summary) * _while_alive(model, distinct[:, 0], distinct[:, 1], t, force)[inverse])


def _while_alive(model: BgNbd, x: FloatArray, age: FloatArray, t: float, force: float) -> FloatArray:
    nodes, weights = leggauss(QUADRATURE_NODES)
    start = model.alpha + age
    longest = np.log1p(t / start)
    total = np.zeros_like(x)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        u = node * longest
        rate = _thinning(model, x, u)
        total += weight * rate * np.exp(u - force * start * np.expm1(u))
    return np.asarray((model.r + x) * longest * total)


def _thinning(model: BgNbd, x: FloatArray, u: FloatArray) -> FloatArray:
    """The rate of purchases at time s = A(eᵘ − 1), relative to the rate now, within 0 … 1."""
    a, b, r = model.a, model.b, model.r
    with np.errstate(all="ignore"):
        rate = np.exp(-a * u) * hyp2f1(a + b - r - 1.0, a, a + b + x, -np.expm1(-u))
    bad = ~((rate >= 0) & (rate <= 1 + 1e-9))
    if bad.any():
        rate[bad] = _thinning_by_quantiles(model, x[bad], u[bad])
    return np.asarray(rate)


def _thinning_by_quantiles(model: BgNbd, x: FloatArray, u: FloatArray) -> FloatArray:
    """E[(1 + p(eᵘ−1))^−(r+x+1)] over p ~ Beta(a, b+x), at 200 quantiles: where the series fails."""
    levels = (np.arange(BETA_NODES) + 0.5) / BETA_NODES
    left = betaincinv(model.a, (model.b + x)[:, None], levels[None])
    powers = -(model.r + x + 1.0)[:, None] * np.log1p(left * np.expm1(u)[:, None])
    return np.asarray(np.exp(powers).mean(1))


def _units(model: BgNbd, days: float) -> float:
    if not (np.isfinite(days) and days >= 0):
        raise BadOption(f"A horizon of {days} days is not possible.", "Use a number of days from 0.")
    return days / model.unit_days
