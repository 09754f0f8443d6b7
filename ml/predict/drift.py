"""Has the world moved away from what a model learnt? Features by the population stability index, promises by how often they held."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from scipy.stats import binom, chi2

from ml.errors import BadFrame, BadOption
from ml.frames import FloatArray

State: TypeAlias = Literal["steady", "watch", "drifted", "cannot_tell"]
Verdict: TypeAlias = Literal["as_promised", "too_narrow", "too_wide"]
PARTS = 10
WATCH, DRIFTED = 0.10, 0.25
SURE = 0.99
LEAST = 20
LEAST_SHARE = 1e-4


@dataclass(frozen=True)
class Feature:
    """How one feature was spread: inner `edges` between its parts, and the `shares` of values in them (missing ones last)."""

    edges: tuple[float, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True)
class Reference:
    """What the features of a model looked like when it was trained, on `values` rows of `subjects` independent things."""

    features: Mapping[str, Feature]
    subjects: int

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        """Plain numbers and lists."""
        named = {name: {"edges": list(one.edges), "shares": list(one.shares)} for name, one in self.features.items()}
        return {"features": named, "subjects": self.subjects}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "Reference":  # a JSON document
        """The reference that `to_dict` wrote."""
        features = {
            name: Feature(tuple(map(float, one["edges"])), tuple(map(float, one["shares"])))
            for name, one in stored["features"].items()
        }
        return cls(features, int(stored["subjects"]))


@dataclass(frozen=True)
class DriftReport:
    """`index` per feature; `held` of `outcomes` lay within a range that promised `promised` (None: none are over yet)."""

    state: State
    index: dict[str, float]
    moved: tuple[str, ...]
    held: float | None
    outcomes: int
    promised: float
    sentence: str

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        """Plain numbers and lists."""
        return {
            "state": self.state,
            "index": self.index,
            "moved": list(self.moved),
            "held": self.held,
            "outcomes": self.outcomes,
            "promised": self.promised,
            "sentence": self.sentence,
        }


def reference_of(names: tuple[str, ...], rows: FloatArray, *, subjects: int) -> Reference:
    """Remember how features (n, F) are spread: ten parts of equal size where the values allow it, and the missing ones.

    Raises `BadOption` where the names do not fit the columns.
    """
    if rows.ndim != 2 or rows.shape[1] != len(names):
        raise BadOption("There must be a name for every feature.", "Give as many names as columns.")
    return Reference({name: _feature(rows[:, column]) for column, name in enumerate(names)}, subjects)


def stability_index(feature: Feature, values: FloatArray, *, least_share: float = LEAST_SHARE) -> float:
    """Σ (now − then) · ln(now ÷ then) over the parts, for values (n,): 0 where nothing moved; from 0.25 on a different population.

    Shares are kept above `least_share`, which for few subjects should be half a subject's: an empty part says little then. (Source: Siddiqi, Credit Risk Scorecards, 2006; it is the symmetric Kullback–Leibler distance.)
    """
    now = np.maximum(_shares(values, np.array(feature.edges)), least_share)
    then = np.maximum(np.array(feature.shares), least_share)
    return float(((now - then) * np.log(now / then)).sum())


def check_drift(
    reference: Reference,
    names: tuple[str, ...],
    rows: FloatArray,
    *,
    subjects: int,
    inside: np.ndarray[Any, np.dtype[np.bool_]] | None = None,
    apart: int = 0,
    promised: float = 0.8,
) -> DriftReport:
    """Compare today's features (n, F) of `subjects` independent things with the reference, and ranges with what came.

    A feature has moved from an index of 0.25 on (0.10: watch), but never below what chance alone brings in 99 of 100 cases:
    χ²(parts − 1; 0.99) · (1/then + 1/now). `inside` (m,) tells which outcomes lay in their range, `apart` how many of them do not
    overlap; too narrow a range (binomial test, 1 %) is drift whatever the features say. Raises `BadFrame` for unknown features.
    """
    if set(names) != set(reference.features):
        raise BadFrame("These are not the features that the model knows.", "Train it again.")
    held = None if inside is None or not len(inside) else float(np.mean(inside))
    narrow = held is not None and judge_coverage(held, apart, promised=promised, sure=SURE) == "too_narrow"
    if subjects < LEAST or reference.subjects < LEAST:
        index: dict[str, float] = {}
    else:
        least = max(LEAST_SHARE, 0.5 / min(subjects, reference.subjects))
        index = {
            name: stability_index(reference.features[name], rows[:, column], least_share=least)
            for column, name in enumerate(names)
        }
    chance = {name: _by_chance(reference.features[name], reference.subjects, subjects) for name in index}
    moved = tuple(name for name, value in index.items() if value > max(DRIFTED, chance[name]))
    watched = tuple(name for name, value in index.items() if value > max(WATCH, chance[name]) and name not in moved)
    state = _state(narrow, moved, watched, is_known=bool(index) or held is not None)
    return DriftReport(
        state=state,
        index={name: round(value, 4) for name, value in index.items()},
        moved=moved or watched,
        held=held,
        outcomes=0 if inside is None else len(inside),
        promised=promised,
        sentence=_sentence(state, narrow, moved or watched, held, promised),
    )


def judge_coverage(share: float, apart: int, *, promised: float, sure: float = 0.95) -> Verdict:
    """Whether ranges held as often as promised: `share` of `apart` independent outcomes, by an exact two-sided binomial test.

    Too narrow where so few would be inside in less than (1 − sure)/2 of cases if the promise were true; too wide likewise.
    Raises `BadOption` for shares outside 0 … 1 or without an outcome.
    """
    if not 0 <= share <= 1 or not 0 < promised < 1 or apart < 1:
        raise BadOption("Shares lie between 0 and 1, and are shares of something.", "Give 0.8 for 80 %.")
    inside, tail = round(share * apart), (1 - sure) / 2
    if binom.cdf(inside, apart, promised) < tail:
        return "too_narrow"
    return "too_wide" if binom.sf(inside - 1, apart, promised) < tail else "as_promised"


def _feature(values: FloatArray) -> Feature:
    known = values[np.isfinite(values)]
    edges = np.unique(np.quantile(known, np.arange(1, PARTS) / PARTS)) if len(known) else np.zeros(0)
    return Feature(tuple(edges.tolist()), tuple(_shares(values, edges).tolist()))


def _shares(values: FloatArray, edges: FloatArray) -> FloatArray:
    is_known = np.isfinite(values)
    part = np.where(is_known, np.searchsorted(edges, np.where(is_known, values, 0.0), side="left"), len(edges) + 1)
    counted: FloatArray = np.bincount(part, minlength=len(edges) + 2) / max(len(values), 1)
    return counted


def _by_chance(feature: Feature, then: int, now: int) -> float:
    parts = max(sum(share > 0 for share in feature.shares), 2)
    return float(chi2.ppf(SURE, parts - 1)) * (1 / then + 1 / now)


def _state(narrow: bool, moved: tuple[str, ...], watched: tuple[str, ...], *, is_known: bool) -> State:
    if not is_known:
        return "cannot_tell"
    if narrow or moved:
        return "drifted"
    return "watch" if watched else "steady"


def _sentence(state: State, narrow: bool, moved: tuple[str, ...], held: float | None, promised: float) -> str:
    if state == "cannot_tell":
        return "Too little has happened since it was trained to tell whether it still fits."
    if narrow and held is not None:
        return f"Only {held:.0%} of outcomes lay within ranges that promise {promised:.0%}; it must be trained again."
    if moved:
        named = ", ".join(name.replace("_", " ") for name in moved[:3])
        verb = "have moved a lot" if state == "drifted" else "have moved a little"
        return f"Today's campaigns differ from those that it learnt from: {named} {verb}."
    return "Today's campaigns look like those that it learnt from."
