"""Campaigns' days as matrices: what every prediction of a campaign starts from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.errors import BadFrame, TooShort
from ml.frames import DayArray, FloatArray

MOST_DAYS = 4000
IntArray = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class CampaignLabels:
    """Where a campaign belongs: its platform, the channel it counts for, and what it is optimised for."""

    platform: str = ""
    channel: str = ""
    objective: str = ""


@dataclass(frozen=True, eq=False)
class CampaignHistory:
    """D days of N campaigns. `spend`, `conversions` and `value` are (D, N), ≥ 0, money in one currency for all; `first` (N,) is
    the index of each campaign's first day. `tells_conversions` and `tells_value` (N,): False where a platform never told any."""

    keys: tuple[str, ...]
    labels: tuple[CampaignLabels, ...]
    dates: DayArray
    spend: FloatArray
    conversions: FloatArray
    value: FloatArray
    first: IntArray
    tells_conversions: np.ndarray[Any, np.dtype[np.bool_]]
    tells_value: np.ndarray[Any, np.dtype[np.bool_]]

    @property
    def days(self) -> int:
        return len(self.dates)

    def index(self, key: str) -> int:
        """The column of a campaign; raises `KeyError`."""
        if key not in self.keys:
            raise KeyError(key)
        return self.keys.index(key)

    def until(self, days: int) -> "CampaignHistory":
        """The first `days` days alone, with the campaigns that had begun by then."""
        begun = np.flatnonzero(self.first < days)
        return CampaignHistory(
            keys=tuple(self.keys[i] for i in begun),
            labels=tuple(self.labels[i] for i in begun),
            dates=self.dates[:days],
            spend=self.spend[:days, begun],
            conversions=self.conversions[:days, begun],
            value=self.value[:days, begun],
            first=self.first[begun],
            tells_conversions=self.tells_conversions[begun],
            tells_value=self.tells_value[begun],
        )


def campaign_history(
    *,
    campaigns: Sequence[str],
    dates: DayArray,
    spend: FloatArray,
    conversions: FloatArray,
    value: FloatArray,
    labels: Mapping[str, CampaignLabels] | None = None,
    until: np.datetime64 | None = None,
) -> CampaignHistory:
    """Rows of (campaign, day) as matrices.

    All columns have one length n. `spend` and `value` in currency, `conversions` a count; NaN in the last two means that the
    platform told none. Days without a row between the first and the last are days without delivery (0). Negative values, which
    refunds bring, are kept; what a window adds up to is counted as 0 at least. `until` is the last day that may appear.
    Raises `BadFrame` with the row for columns of different lengths, repeated (campaign, day), spend that is no number or below 0,
    conversions below 0, infinite numbers and days after `until`; `TooShort` without a row. (Source: own.)
    """
    days = np.asarray(dates, "datetime64[D]")
    columns = [np.asarray(column, float) for column in (spend, conversions, value)]
    if any(len(column) != len(days) for column in (*columns, campaigns)):
        raise BadFrame("The columns have different lengths.", "Give every column one entry per row.")
    if not len(days):
        raise TooShort(0, 28)
    _check(days, columns, until)
    keys, column_of = np.unique(np.asarray(campaigns, str), return_inverse=True)
    row_of = (days - days.min()).astype(int)
    if row_of.max() >= MOST_DAYS:
        raise BadFrame("The days span more than ten years.", "Check the dates of the first rows.")
    _check_unique(row_of, column_of, len(keys))
    shape = (int(row_of.max()) + 1, len(keys))
    matrices = [_matrix(shape, row_of, column_of, column) for column in columns]
    first = np.full(len(keys), shape[0], np.int64)
    np.minimum.at(first, column_of, row_of)
    known = labels or {}
    return CampaignHistory(
        keys=tuple(keys.tolist()),
        labels=tuple(known.get(key, CampaignLabels()) for key in keys.tolist()),
        dates=days.min() + np.arange(shape[0]),
        spend=matrices[0],
        conversions=matrices[1],
        value=matrices[2],
        first=first,
        tells_conversions=_tells(columns[1], column_of, len(keys)),
        tells_value=_tells(columns[2], column_of, len(keys)),
    )


def _check(days: DayArray, columns: Sequence[FloatArray], until: np.datetime64 | None) -> None:
    spend, conversions, value = columns
    _refuse(np.isnat(days), "The day is missing.")
    _refuse(~np.isfinite(spend), "The spend is not a number.")
    _refuse(spend < 0, "The spend is below 0.")
    _refuse(np.isinf(conversions) | np.isinf(value), "A number is infinite.")
    _refuse(conversions < 0, "The conversions are below 0.")
    if until is not None:
        _refuse(days > until, "The day lies in the future.")


def _refuse(bad: np.ndarray[Any, np.dtype[np.bool_]], what: str) -> None:
    if bad.any():
        raise BadFrame(what, "Correct this row and try again.", row=int(np.argmax(bad)) + 1)


def _check_unique(row_of: IntArray, column_of: IntArray, width: int) -> None:
    cells = row_of * width + column_of
    order = np.argsort(cells, kind="stable")
    repeated = np.flatnonzero(np.diff(cells[order]) == 0)
    if len(repeated):
        row = int(order[repeated[0] + 1]) + 1
        raise BadFrame("This campaign and day appeared before.", "Give each campaign one row a day.", row=row)


def _matrix(shape: tuple[int, int], row_of: IntArray, column_of: IntArray, values: FloatArray) -> FloatArray:
    matrix = np.zeros(shape)
    matrix[row_of, column_of] = np.nan_to_num(values, nan=0.0)
    return matrix


def _tells(values: FloatArray, column_of: IntArray, width: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    told = np.zeros(width, bool)
    np.logical_or.at(told, column_of, np.isfinite(values))
    return told
