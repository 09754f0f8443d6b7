"""Credits the sales of touch paths to channels, by every model at once and with intervals: `attribute_paths`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias, get_args

import numpy as np
import scipy.sparse as sp

from ml.attribution import models
from ml.attribution.bootstrap import interval, resampled_counts
from ml.attribution.markov import LARGEST_ORDER, markov_credit
from ml.attribution.paths import TouchPaths
from ml.attribution.result import ModelCredit, ModelName, PathAttribution
from ml.attribution.shapley_lift import lift_game
from ml.errors import BadOption, NoConversions
from ml.frames import BoolArray, FloatArray

ALL_MODELS: tuple[ModelName, ...] = get_args(ModelName)
FEW_CONVERSIONS = 30
Worth: TypeAlias = Literal["conversions", "lift"]
Crediting: TypeAlias = Callable[[FloatArray], FloatArray]  # people per path (n, b) → credit (models, 2, C, b)


@dataclass(frozen=True)
class PathOptions:
    """How paths are credited.

    `half_life_days` of time decay; `first_share` and `last_share` of the position model, the rest goes to the middle;
    `markov_order` 1 to 3 (order 3 costs about a hundred times order 1 per draw); `shapley_worth`: "conversions" counts
    sales only, "lift" compares the rates of people with and without a channel; `direct`: names of channels that
    last_non_direct passes over; `draws` re-drawn samples behind the intervals (0: none) of `level`. Raises `BadOption`.
    """

    models: tuple[ModelName, ...] = ALL_MODELS
    half_life_days: float = 7.0
    first_share: float = 0.4
    last_share: float = 0.4
    markov_order: int = 1
    shapley_worth: Worth = "conversions"
    direct: tuple[str, ...] = ("direct",)
    draws: int = 200
    level: float = 0.95

    def __post_init__(self) -> None:
        unknown = [name for name in self.models if name not in ALL_MODELS]
        if unknown or not self.models or len(set(self.models)) != len(self.models):
            raise BadOption(
                "The list of models is empty or names one twice or unknown.", f"Use {', '.join(ALL_MODELS)}."
            )
        if not 1 <= self.markov_order <= LARGEST_ORDER:
            raise BadOption(f"A chain of order {self.markov_order} is not supported.", "Choose an order of 1 to 3.")
        if self.shapley_worth not in get_args(Worth):
            raise BadOption(f"There is no worth named {self.shapley_worth}.", "Choose conversions or lift.")
        if self.draws < 0 or self.draws == 1:
            raise BadOption(f"{self.draws} draws give no interval.", "Choose 0, or at least 2; 200 is usual.")
        if not 0 < self.level < 1:
            raise BadOption(f"An interval of level {self.level} makes no sense.", "Choose a level between 0 and 1.")


def attribute_paths(paths: TouchPaths, *, options: PathOptions | None = None, seed: int = 0) -> PathAttribution:
    """Credit per channel and model for sales and value (currency units), with bootstrap intervals over people.

    Every model gives out exactly the sales that have a touch; those without one are reported beside it, as `untouched`.
    Credit says which touches accompanied sales. It does not say what would not have sold otherwise: that is the mix
    model's and an experiment's question (reconcile.py sets them side by side).
    Raises `NoConversions` where no path has both a touch and a sale, `BadOption` for options outside their domain.
    """
    chosen = options or PathOptions()
    touched = paths.converted & (paths.lengths > 0)
    if not touched.any():
        raise NoConversions(paths.paths)
    without = paths.converted & ~touched
    credits_by_model, notes = _credits(paths, chosen, seed)
    return PathAttribution(
        channels=paths.channels,
        credits=credits_by_model,
        currency=paths.currency,
        people=paths.people,
        conversions=paths.conversions,
        value=paths.total_value,
        untouched_conversions=float(paths.count[without].sum()),
        untouched_value=float((paths.count * paths.value)[without].sum()),
        level=chosen.level,
        draws=chosen.draws,
        seed=seed,
        notes=(*paths.notes, *_notes(paths, touched), *notes),
    )


def _credits(paths: TouchPaths, options: PathOptions, seed: int) -> tuple[tuple[ModelCredit, ...], list[str]]:
    crediting, sampling_error = _crediting(paths, options, seed)
    now = paths.count[:, None].astype(float)
    estimate = crediting(now)[..., 0]
    blocks = [crediting(counts) for counts in resampled_counts(paths, draws=options.draws, seed=seed)]
    samples = np.moveaxis(np.concatenate(blocks, axis=-1), -1, 0) if blocks else np.zeros((0, *estimate.shape))
    low, high = interval(samples, estimate, level=options.level)
    rows = tuple(
        ModelCredit(
            model,
            *(estimate[index, 0], low[index, 0], high[index, 0]),
            *(estimate[index, 1], low[index, 1], high[index, 1]),
            sampling_error if model == "shapley" else None,
        )
        for index, model in enumerate(options.models)
    )
    below = [name for name, worst in zip(paths.channels, estimate[:, 0].min(axis=0), strict=True) if worst < 0]
    notes = [f"People who also met {', '.join(below)} bought less often, so the lift is negative."] if below else []
    return rows, notes


def _crediting(paths: TouchPaths, options: PathOptions, seed: int) -> tuple[Crediting, FloatArray | None]:
    """A function from people per path (n, b) to credit (models, 2, C, b), and the sampling error of Shapley values."""
    rules = _rules(paths, options)
    by_rule = _rule_crediting(paths, list(rules.values()))
    game = lift_game(paths, seed=seed) if "shapley" in options.models and "shapley" not in rules else None
    chain = markov_credit(paths, order=options.markov_order) if "markov" in options.models else None

    def credit(counts: FloatArray) -> FloatArray:
        found = dict(zip(rules, by_rule(counts), strict=True))
        if chain is not None:
            found["markov"] = np.stack(chain(counts))
        if game is not None:
            found["shapley"] = np.stack(game.credit(counts))
        return np.stack([found[name] for name in options.models])

    return credit, game.sampling_error(paths.count.astype(float)) if game is not None else None


def _rules(paths: TouchPaths, options: PathOptions) -> dict[ModelName, FloatArray]:
    """Shares per touch (T,) of the chosen models that are rules about one path."""
    rules: dict[ModelName, Callable[[TouchPaths], FloatArray]] = {
        "first": models.first_touch,
        "last": models.last_touch,
        "last_non_direct": partial(models.last_non_direct, direct=options.direct),
        "linear": models.linear,
        "time_decay": partial(models.time_decay, half_life_days=options.half_life_days),
        "position": partial(models.position_based, first=options.first_share, last=options.last_share),
    }
    if options.shapley_worth == "conversions":
        rules["shapley"] = models.equal_per_channel
    return {name: rules[name](paths) for name in options.models if name in rules}


def _rule_crediting(paths: TouchPaths, shares: list[FloatArray]) -> Crediting:
    """A function from people per path (n, b) to credit (rules, 2, C, b): one sparse product for all rules."""
    sold = np.flatnonzero(paths.converted)
    place = np.cumsum(paths.converted) - 1
    of_sale = paths.converted[paths.path_of_touch]
    row, code = place[paths.path_of_touch[of_sale]], paths.codes[of_sale]
    size = (len(sold), len(shares) * len(paths.channels))
    cell = np.concatenate([code + index * len(paths.channels) for index in range(len(shares))] or [code[:0]])
    share = np.concatenate([part[of_sale] for part in shares] or [np.zeros(0)])
    table = sp.csr_array((share, (np.tile(row, len(shares)), cell)), shape=size)
    table.eliminate_zeros()  # transposed below, so that each path's weights are read once for all models
    value = paths.value[sold][:, None]

    def credit(counts: FloatArray) -> FloatArray:
        people = counts[sold]
        both = [np.asarray(table.T @ weight) for weight in (people, people * value)]
        return np.stack(both).reshape(2, len(shares), len(paths.channels), counts.shape[1]).swapaxes(0, 1)

    return credit


def _notes(paths: TouchPaths, touched: BoolArray) -> list[str]:
    notes = []
    sales, with_touch = paths.conversions, float(paths.count[touched].sum())
    if with_touch < FEW_CONVERSIONS:
        notes.append(f"Only {with_touch:,.0f} sales have a touch. Do not move budget on figures this thin.")
    if with_touch < 0.5 * sales:
        notes.append(f"{1 - with_touch / sales:.0%} of sales have no recorded touch and are credited to no channel.")
    if bool(paths.converted.all()):
        notes.append("Every path ends in a sale. Markov and lift need the paths of people who did not buy as well.")
    if with_touch > 0 and not (paths.value[touched] > 0).any():
        notes.append("No sale has a value, so credit is given in sales only.")
    return notes
