"""What offers were shown to whom, and who accepted: the input, checked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.errors import BadFrame, BadOption, TooFewCustomers, TooFewOutcomes
from ml.frames import FloatArray

FEWEST_SHOWN = 100
FEWEST_ACCEPTED = 10
LARGEST_AMOUNT = 1e12
NO_OFFER = ""


@dataclass(frozen=True)
class Offer:
    """An offer: what a sale under it leaves (`margin`, after any discount) and what showing it costs, currency units.

    `usual_margin` is what a sale leaves without the offer; it counts only where the history has people without an offer.
    """

    name: str
    margin: float
    cost: float = 0.0
    usual_margin: float | None = None

    def __post_init__(self) -> None:
        amounts = (self.margin, self.cost, self.margin if self.usual_margin is None else self.usual_margin)
        if not all(np.isfinite(amount) and abs(amount) <= LARGEST_AMOUNT for amount in amounts) or self.cost < 0:
            raise BadOption(
                f"Margin or cost of “{self.name}” is not an amount.", "Use numbers, and a cost of 0 or more."
            )
        if self.name == NO_OFFER:
            raise BadOption(
                "An offer has no name.", "Name every offer; leave the name empty only for people without one."
            )


@dataclass(frozen=True, eq=False)
class OfferHistory:
    """m occasions: `offer` (m,) the name shown, "" for nobody's offer (control), `accepted` (m,) 0 or 1, and `features` (m, f)
    standardised numbers of the customer then, 0 where unknown, with `centre` and `spread` (f,) that standardise."""

    offer: NDArray[np.str_]
    accepted: FloatArray
    features: FloatArray
    centre: FloatArray
    spread: FloatArray

    @property
    def has_control(self) -> bool:
        """Whether enough people without an offer are known to tell what would have been bought anyway."""
        return int((self.offer == NO_OFFER).sum()) >= FEWEST_SHOWN

    def standardised(self, features: ArrayLike) -> FloatArray:
        """Other customers' features (n, f) on the same scale. Raises `BadFrame` for another number of columns."""
        values = np.atleast_2d(np.asarray(features, float))
        if values.ndim != 2 or values.shape[1] != len(self.centre) or np.isinf(values).any():
            raise BadFrame("The customers' features differ from those of the history.", "Give the same columns.")
        return np.nan_to_num((values - self.centre) / self.spread, nan=0.0)


def offer_history(
    offer: Sequence[str] | NDArray[np.str_], accepted: ArrayLike, features: ArrayLike | None = None
) -> OfferHistory:
    """The history of m occasions. Features (m, f) may hold nan (unknown: taken as the average); none where not given.

    Raises `BadFrame` for unequal lengths, answers other than 0 and 1 or infinite features; `TooFewCustomers` below 100
    occasions with an offer; `TooFewOutcomes` where fewer than 10 of them were accepted, or turned down.
    """
    names, answers = np.asarray(offer).astype(str), np.asarray(accepted, float)
    values = np.zeros((len(names), 0)) if features is None else np.asarray(features, float)
    if names.ndim != 1 or names.shape != answers.shape or values.ndim != 2 or len(values) != len(names):
        raise BadFrame("Offers, answers and features differ in length.", "Give one of each per occasion.")
    if not np.isin(answers, (0, 1)).all() or np.isinf(values).any():
        raise BadFrame("Answers must be 0 or 1, and features numbers.", "Check the columns.")
    _check_enough(answers[names != NO_OFFER])
    known = np.isfinite(values).any(0)
    centre, spread = np.zeros(values.shape[1]), np.ones(values.shape[1])
    centre[known], spread[known] = np.nanmean(values[:, known], 0), np.nanstd(values[:, known], 0)
    spread[spread == 0] = 1.0
    return OfferHistory(names, answers, np.nan_to_num((values - centre) / spread, nan=0.0), centre, spread)


def _check_enough(answers: FloatArray) -> None:
    if len(answers) < FEWEST_SHOWN:
        raise TooFewCustomers(len(answers), FEWEST_SHOWN, "occasions on which an offer was shown")
    for outcome, count in (("accepted", int(answers.sum())), ("turned down", int(len(answers) - answers.sum()))):
        if count < FEWEST_ACCEPTED:
            raise TooFewOutcomes(outcome, count, FEWEST_ACCEPTED)
