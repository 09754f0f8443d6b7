"""The next best offer of every customer, or none: expected value, how sure that is, and how to go on learning."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.errors import BadFrame, BadOption, MlError
from ml.frames import BoolArray, FloatArray
from ml.predict.churn.calibration import Calibration, calibration_of
from ml.predict.lifetime.document import plain_json
from ml.predict.offers.acceptance import all_names, learn_acceptance
from ml.predict.offers.history import FEWEST_SHOWN, NO_OFFER, Offer, OfferHistory, offer_history

FORMAT = 1
DRAWS = 400
CHUNK = 5_000
SURE = 0.9
TEST_SHARE = 0.2

Action: TypeAlias = Literal["offer", "test", "none"]


@dataclass(frozen=True, eq=False)
class OfferAdvice:
    """n customers × k offers, (n, k) each unless said otherwise, currency units.

    `value` expected gain over no offer, `low` and `high` its 80 % interval, `p_accept` the probability to accept, `p_gain` that
    the gain is above 0, `p_best` (n, k + 1) that the offer, or none (last), is best: shares for whoever wants to go on
    learning. `action` (n,): "offer" where a gain is at least 90 % sure of some offer, "test" where it is only likely (show it to
    one in five), "none" where no value is above 0. `best` (n,) the offer of the largest value among those, "" for none.
    """

    model: str
    ids: NDArray[np.str_]
    offers: tuple[str, ...]
    p_accept: FloatArray
    value: FloatArray
    low: FloatArray
    high: FloatArray
    p_gain: FloatArray
    p_best: FloatArray
    best: NDArray[np.str_]
    action: NDArray[np.str_]
    has_control: bool
    tested: Calibration | None
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        """JSON-safe form; seven significant digits."""
        return {"format": FORMAT, "test_share": TEST_SHARE, **plain_json(self)}


def next_best_offers(
    history: OfferHistory,
    offers: Sequence[Offer],
    ids: Sequence[object] | NDArray[np.generic],
    features: ArrayLike | None = None,
    *,
    seed: int = 0,
) -> OfferAdvice:
    """The best of `offers` (k) for each of n customers `ids` with `features` (n, f) as in the history, or none.

    Gain = P(accept)·margin − cost; where the history has 100 people or more without an offer, minus P(buy anyway)·usual margin.
    P(accept) is drawn 400 times from its posterior (hierarchical Beta-Binomial or logistic with features, whichever predicts
    better), so that offers seldom shown have wide intervals, are tested and not rolled out, and are not written off either:
    the posterior does not mind that past offers were chosen by their results. The history's last fifth tests the calibration.

    Raises `BadOption` for no offers or one twice, `BadFrame` for no customers or features of another form.
    """
    names = tuple(offer.name for offer in offers)
    if not names or len(set(names)) != len(names):
        raise BadOption("There are no offers, or one is named twice.", "Name each offer once.")
    who = np.asarray(ids).astype(str)
    table = np.zeros((len(who), 0)) if features is None else np.asarray(features, float)
    if who.ndim != 1 or not len(who) or len(table) != len(who):
        raise BadFrame("Customers and their features differ in length, or are none.", "Give one row per customer.")
    model = learn_acceptance(history, names, seed=seed)
    parts = _valued(history, offers, history.standardised(table), model, seed)
    value = parts["value"]
    safe: BoolArray = (parts["p_gain"] >= SURE) & (value > 0)
    gains, sure = value.max(1) > 0, np.asarray(safe.any(1))
    best = np.where(sure[:, None] & ~safe, -np.inf, value).argmax(1)
    return OfferAdvice(
        model=model.name,
        ids=who,
        offers=names,
        **parts,
        best=np.where(gains, np.array(names)[best], NO_OFFER),
        action=np.where(gains, np.where(sure, "offer", "test"), "none"),
        has_control=history.has_control,
        tested=_tested(history, names, seed),
        warnings=_warnings(history, names),
    )


def _valued(
    history: OfferHistory, offers: Sequence[Offer], features: FloatArray, model: Any, seed: int
) -> dict[str, FloatArray]:
    rng = np.random.default_rng(seed)
    names = all_names(history, tuple(offer.name for offer in offers))
    pieces = []
    for start in range(0, len(features), CHUNK):
        p = model.draw(features[start : start + CHUNK], DRAWS, rng)
        anyway = p[:, :, names.index(NO_OFFER)] if history.has_control else None
        pieces.append(_summed_up(p[:, :, : len(offers)], anyway, offers))
    return {key: np.concatenate([piece[key] for piece in pieces]) for key in pieces[0]}


def _summed_up(p: FloatArray, anyway: FloatArray | None, offers: Sequence[Offer]) -> dict[str, FloatArray]:
    margin, cost = np.array([offer.margin for offer in offers]), np.array([offer.cost for offer in offers])
    gain = p * margin - cost
    if anyway is not None:
        usual = np.array([offer.margin if offer.usual_margin is None else offer.usual_margin for offer in offers])
        gain = gain - anyway[:, :, None] * usual
    low, high = np.quantile(gain, [0.1, 0.9], axis=0)
    top = np.where(gain.max(2) > 0, gain.argmax(2), len(offers))
    share = np.stack([(top == row).mean(0) for row in range(len(offers) + 1)], axis=1)
    return {
        "p_accept": p.mean(0),
        "value": gain.mean(0),
        "low": low,
        "high": high,
        "p_gain": (gain > 0).mean(0),
        "p_best": share,
    }


def _tested(history: OfferHistory, names: tuple[str, ...], seed: int) -> Calibration | None:
    """Calibration on the last fifth of the history, which must be in the order of time; None where too little remains."""
    cut = len(history.offer) * 4 // 5
    early, late = slice(None, cut), slice(cut, None)
    try:
        known = offer_history(history.offer[early], history.accepted[early], history.features[early])
    except MlError:
        return None
    model = learn_acceptance(known, names, seed=seed)
    place = {name: row for row, name in enumerate(all_names(known, names))}
    rows = np.flatnonzero([name in place for name in history.offer[late]]) + cut
    if len(rows) < FEWEST_SHOWN // 5:
        return None
    rng, said = np.random.default_rng(seed), np.empty(len(rows))
    offer = np.array([place[name] for name in history.offer[rows]])
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        p = model.draw(known.standardised(history.features[rows[part]]), DRAWS // 4, rng).mean(0)
        said[part] = np.take_along_axis(p, offer[part][:, None], 1)[:, 0]
    return calibration_of(history.accepted[rows], said)


def _warnings(history: OfferHistory, names: tuple[str, ...]) -> tuple[str, ...]:
    notes = []
    if not history.has_control:
        notes.append(
            "Fewer than 100 people without an offer are known, so those who would have bought anyway count as gained. "
            "Leave one in ten without an offer to find out."
        )
    rare = [name for name in names if int((history.offer == name).sum()) < FEWEST_SHOWN]
    if rare:
        notes.append(f"Shown fewer than {FEWEST_SHOWN} times, so far from certain: {', '.join(rare)}.")
    return tuple(notes)
