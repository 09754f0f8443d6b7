"""What a fit of the mix model hands out: frozen results that survive a round trip through JSON."""

from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from ml.errors import BadFrame
from ml.frames import DayArray, FloatArray
from ml.saturation import hill

Grade: TypeAlias = Literal["reliable", "uncertain", "cannot_tell"]
Light: TypeAlias = Literal["green", "amber", "red"]
FORMAT = 1
SIGNIFICANT_DIGITS = 6


@dataclass(frozen=True, eq=False)
class ResponseCurve:
    """Revenue per day that a channel brings in the long run at a constant spend per day; 95 % interval. Arrays of one length."""

    spend_per_day: FloatArray
    revenue_per_day: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, eq=False)
class ChannelResult:
    """One channel's part. Intervals are 95 %. `roi_mean`, `contribution` and `share` rest on the mean of the middle half of the
    posterior (`intervals.middle_mean`), `roi_median` is its median. `share` is its contribution over all revenue, `mroi` the return on the next
    unit spent, `saturation` the share of its ceiling reached at today's spend, `current_per_day` the last 90 days' average.
    `evidence` is 1 − (posterior variance ÷ prior variance) of log ROI: 0 where the data said nothing."""

    channel: str
    spend: float
    contribution: float
    contribution_low: float
    contribution_high: float
    share: float
    roi_mean: float
    roi_median: float
    roi_low: float
    roi_high: float
    mroi_mean: float
    mroi_low: float
    mroi_high: float
    grade: Grade
    grade_reason: str
    evidence: float
    mean_lag_days: float
    saturation: float
    current_per_day: float
    highest_per_day: float
    curve: ResponseCurve


@dataclass(frozen=True)
class FitQuality:
    """R² on the periods fitted, mean absolute percentage error on the last periods held out, R-hat of the chains (1 in a preview)."""

    r2: float
    holdout_mape: float | None
    rhat: float


@dataclass(frozen=True)
class Check:
    """One question about a fit, answered as a light and a sentence. `explanation` says what was looked at, for someone who
    asks; `figure` is the number behind it, where there is one; `channel` where it concerns one only."""

    name: str
    light: Light
    sentence: str
    explanation: str
    figure: float | None = None
    channel: str | None = None


@dataclass(frozen=True, eq=False)
class PosteriorDraws:
    """A compact posterior, S draws of C channels, each (S, C): enough to value any constant allocation again.

    A channel at x per day brings top · hill(x, half, slope) per day; `top` in currency per day, `half` in spend per day.
    """

    roi: FloatArray
    top: FloatArray
    half: FloatArray
    slope: FloatArray
    mean_lag_days: FloatArray

    def response(self, spend_per_day: FloatArray) -> FloatArray:
        """Revenue per day, (S, C, …), at spend per day (C,) or (C, m)."""
        level = np.asarray(spend_per_day, float)
        extra = (np.s_[:], np.s_[:]) + (None,) * (level.ndim - 1)
        return self.top[extra] * hill(level[None], self.half[extra], self.slope[extra])


@dataclass(frozen=True, eq=False)
class MixFit:
    """The whole answer. Series are per period of `cadence_days`, n long: `contribution_series` (n, C), `fitted` with its 95 %
    band (where a period's revenue was to be expected), `baseline_series`; `baseline` is their sum in currency. `checks` are
    the diagnostics that cost nothing (the rest: `diagnose_fit`); `preview` marks a first look without a full posterior."""

    currency: str
    cadence_days: int
    dates: DayArray
    revenue: FloatArray
    channels: tuple[ChannelResult, ...]
    baseline: float
    baseline_series: FloatArray
    contribution_series: FloatArray
    fitted: FloatArray
    fitted_low: FloatArray
    fitted_high: FloatArray
    fit: FitQuality
    warnings: tuple[str, ...]
    draws: PosteriorDraws
    seed: int
    cpu_s: float
    checks: tuple[Check, ...] = ()
    preview: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(channel.channel for channel in self.channels)

    @property
    def days(self) -> int:
        return len(self.dates) * self.cadence_days

    def channel(self, name: str) -> ChannelResult:
        """The result of one channel by its name; raises `KeyError`."""
        return self.channels[self.index(name)]

    def index(self, name: str) -> int:
        """The position of a channel by its name; raises `KeyError`."""
        if name not in self.names:
            raise KeyError(name)
        return self.names.index(name)

    def current_per_day(self) -> FloatArray:
        """Today's spend per day by channel, (C,): the average of the last 90 days."""
        return np.array([channel.current_per_day for channel in self.channels])

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        """JSON-safe form; numbers keep six significant digits (about 100 KB for 300 draws of 8 channels)."""
        return {"format": FORMAT, **_plain(self)}

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> "MixFit":  # a JSON document
        """The fit that `to_dict` wrote. Raises `BadFrame` for a document of another format."""
        if document.get("format") != FORMAT:
            raise BadFrame("This stored fit has an older format.", "Run the attribution again.")
        channels = [
            ChannelResult(**{**channel, "curve": ResponseCurve(**_arrays(channel["curve"]))})
            for channel in document["channels"]
        ]
        if any(channel.grade not in get_args(Grade) for channel in channels):
            raise BadFrame("This stored fit has an unknown grade.", "Run the attribution again.")
        series = ("revenue", "baseline_series", "contribution_series", "fitted", "fitted_low", "fitted_high")
        return cls(
            currency=document["currency"],
            cadence_days=document["cadence_days"],
            baseline=document["baseline"],
            seed=document["seed"],
            cpu_s=document["cpu_s"],
            **_arrays({name: document[name] for name in series}),
            dates=np.asarray(document["dates"], "datetime64[D]"),
            channels=tuple(channels),
            fit=FitQuality(**document["fit"]),
            warnings=tuple(document["warnings"]),
            draws=PosteriorDraws(**_arrays(document["draws"])),
            checks=tuple(Check(**check) for check in document.get("checks", ())),
            preview=document.get("preview", False),
        )


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "M":
            return value.astype(str).tolist()
        return rounded(value).tolist()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    return value


def rounded(values: FloatArray) -> FloatArray:
    """`values` to six significant digits."""
    with np.errstate(divide="ignore"):
        magnitude = np.where(values == 0, 0.0, np.floor(np.log10(np.abs(values))))
    factor = 10.0 ** (SIGNIFICANT_DIGITS - 1 - magnitude)
    return np.round(values * factor) / factor


def _arrays(document: dict[str, Any]) -> dict[str, Any]:  # a JSON document
    return {name: np.asarray(values, float) for name, values in document.items()}
