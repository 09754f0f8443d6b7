"""Scenarios side by side: what each split is expected to bring, how sure that is, and which is likely the best."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ml.errors import BadBudget
from ml.mix.optimise import spend_of
from ml.mix.plan import RevenueEstimate, estimate, revenue_draws
from ml.mix.results import MixFit


@dataclass(frozen=True)
class ScenarioValue:
    """One scenario per day, in currency: `revenue` from ads and `uplift` against today's spend with 95 % intervals,
    `profit` = margin · revenue − spend, `roas` = revenue / spend (None without spend). `probability_better` than today and
    `probability_best` of all compared are judged by profit."""

    name: str
    allocation: dict[str, float]
    spend_per_day: float
    revenue: RevenueEstimate
    uplift: RevenueEstimate
    profit_per_day: float
    roas: float | None
    probability_better: float
    probability_best: float

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        return asdict(self)


def compare_scenarios(
    fit: MixFit, scenarios: Mapping[str, Mapping[str, float]], *, margin: float = 1.0
) -> tuple[ScenarioValue, ...]:
    """Each scenario (spend per channel and day; channels left out spend nothing) valued with the same posterior draws.

    profit_s = margin · Σ_c revenue_c,s − Σ_c spend_c per draw s (S,); probabilities are shares of draws. `margin` in (0, 1]
    is what stays of a sale before ads. Raises `BadBudget` for no scenario, an unknown channel, a bad amount or margin.
    Source: paired Monte Carlo over the posterior, so that what the scenarios share cancels.
    """
    if not scenarios:
        raise BadBudget("There is no scenario to compare.", "Name at least one split.")
    if not 0 < margin <= 1:
        raise BadBudget(f"A margin of {margin} is not possible.", "Enter a share above 0 and up to 1, as 0.4.")
    spends = np.array([spend_of(fit, allocation) for allocation in scenarios.values()])
    current = fit.current_per_day()
    before = revenue_draws(fit, current)
    revenue = np.array([revenue_draws(fit, spend) for spend in spends])
    profit = margin * revenue - spends.sum(1)[:, None]
    today = margin * before - float(current.sum())
    winner = np.argmax(profit, axis=0)
    return tuple(
        ScenarioValue(
            name=name,
            allocation=dict(zip(fit.names, spends[index].tolist(), strict=True)),
            spend_per_day=float(spends[index].sum()),
            revenue=estimate(revenue[index]),
            uplift=estimate(revenue[index] - before),
            profit_per_day=float(profit[index].mean()),
            roas=float(revenue[index].mean() / spends[index].sum()) if spends[index].sum() > 0 else None,
            probability_better=float((profit[index] > today).mean()),
            probability_best=float((winner == index).mean()),
        )
        for index, name in enumerate(scenarios)
    )
