"""Valuing an allocation with a stored fit: what the optimiser's sliders ask while they are dragged."""

from collections.abc import Mapping

import numpy as np

from app.mix.errors import as_product_error
from app.mix.schemas import ScenarioReply
from ml.errors import MlError
from ml.mix.intervals import central_interval
from ml.mix.optimise import expected_revenue
from ml.mix.results import MixFit


def value_allocation(fit: MixFit, per_day: Mapping[str, float]) -> ScenarioReply:
    """Expected revenue a day at `per_day` (channels left out spend nothing), and against what is spent today."""
    try:
        revenue = expected_revenue(fit, per_day)
    except MlError as problem:
        raise as_product_error(problem) from problem
    spend = np.array([per_day.get(name, 0.0) for name in fit.names])
    by_channel = fit.draws.response(spend)
    uplift = by_channel.sum(1) - fit.draws.response(fit.current_per_day()).sum(1)
    low, high = central_interval(uplift)
    return ScenarioReply(
        total_per_day=float(spend.sum()),
        expected_revenue_per_day=revenue.mean,
        revenue_low=revenue.low,
        revenue_high=revenue.high,
        expected_uplift_per_day=float(uplift.mean()),
        uplift_low=float(low),
        uplift_high=float(high),
        probability_better=float((uplift > 0).mean()),
        channels=[
            {"channel": name, "per_day": float(amount), "revenue_per_day": float(mean)}
            for name, amount, mean in zip(fit.names, spend, by_channel.mean(0), strict=True)
        ],
    )
