"""What a forecast hands out: frozen results that survive a round trip through JSON, and the document of `adloom forecast`."""

from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

import numpy as np

from ml.errors import BadFrame
from ml.frames import DayArray, FloatArray

FORMAT = 1
SIGNIFICANT_DIGITS = 7


@dataclass(frozen=True)
class PeriodTotal:
    """Revenue of so many days from a first day on, with its bands, read off simulated paths."""

    start_on: date
    days: int
    total: float
    low80: float
    high80: float
    low95: float
    high95: float


@dataclass(frozen=True, eq=False)
class History:
    """What was, per period: `actual` (nan where no row was imported) and what the model makes of it, `fitted`."""

    dates: DayArray
    actual: FloatArray
    fitted: FloatArray


@dataclass(frozen=True, eq=False)
class Components:
    """Parts of fitted and mean in currency per period, over history and horizon; they add up to them.

    `trend` is the revenue of an average weekday and season without ads. A part c of the root counts for
    c · (fitted − trend) ÷ (√fitted − √trend): its share along the straight line from one root to the other.
    """

    dates: DayArray
    trend: FloatArray
    weekly: FloatArray
    yearly: FloatArray
    events: FloatArray
    spend: FloatArray


@dataclass(frozen=True)
class CalendarDay:
    """An event or holiday within the days ahead. `lift` is what events add to its period, as a share of the period's revenue
    without them; None where nothing of its kind was seen before, so that the forecast leaves it out."""

    on: date
    name: str
    lift: float | None


@dataclass(frozen=True)
class OriginScore:
    """One forecast from a past day: its mean absolute percentage error per period and in total."""

    origin_on: date
    days: int
    mape: float | None
    total_error: float | None


@dataclass(frozen=True)
class CandidateScore:
    """A candidate's mean rolling-origin error, Σ|actual − mean| ÷ Σ actual; None where it could not be fitted."""

    model: str
    error: float | None


@dataclass(frozen=True, eq=False)
class PastForecast:
    """The last weeks as they came, `actual` (nan where no row was imported), beside `mean`, what was forecast before them."""

    dates: DayArray
    actual: FloatArray
    mean: FloatArray


@dataclass(frozen=True)
class Backtest:
    """How forecasts of this kind would have done: the used model's error per origin and on average, and how often the
    80 % band held when it was learnt from the other origins. None where the history is too thin to say. `latest` is the
    forecast from the last origin, for drawing beside the line; None in forecasts that were stored without it."""

    origins: tuple[OriginScore, ...]
    mape: float | None
    coverage80: float | None
    candidates: tuple[CandidateScore, ...]
    latest: PastForecast | None = None


@dataclass(frozen=True, eq=False)
class AssumedSpend:
    """Spend per period and channel that the forecast assumes, (h, C), and whether any of it was planned."""

    channels: tuple[str, ...]
    spend: FloatArray
    is_planned: bool


@dataclass(frozen=True, eq=False)
class Forecast:
    """Revenue ahead. Arrays (h,) in currency per period; `model` is the one used.

    The total's bands come from simulated paths, as those of `weekly`, `monthly` and `horizons` do; they are not sums of
    daily bands. `horizons` are the totals of the first 7, 30, 60 and 90 days and of all; `calendar` the events ahead, by date.
    A forecast that was stored without one of them has none.
    """

    model: str
    currency: str
    cadence_days: int
    dates: DayArray
    mean: FloatArray
    low80: FloatArray
    high80: FloatArray
    low95: FloatArray
    high95: FloatArray
    total: float
    total_low80: float
    total_high80: float
    total_low95: float
    total_high95: float
    weekly: tuple[PeriodTotal, ...]
    monthly: tuple[PeriodTotal, ...]
    components: Components
    history: History
    backtest: Backtest
    assumed_spend: AssumedSpend
    warnings: tuple[str, ...]
    seed: int
    cpu_s: float
    horizons: tuple[PeriodTotal, ...] = ()
    calendar: tuple[CalendarDay, ...] = ()

    @property
    def backtest_mape(self) -> float | None:
        """Mean absolute percentage error per period of the past forecasts, as a share."""
        return self.backtest.mape

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, numbers and strings, seven significant digits; `from_dict` takes it back."""
        return {"format": FORMAT, **_encoded(self)}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "Forecast":
        """The forecast that `to_dict` wrote. Raises `BadFrame` for a document of another format."""
        if stored.get("format") != FORMAT:
            raise BadFrame("This forecast was stored in another format.", "Run the forecast again.")
        return cls(
            **{
                **{name: stored[name] for name in ("model", "currency", "cadence_days", "seed", "cpu_s")},
                **{name: stored[name] for name in _TOTALS},
                **{name: _numbers(stored[name]) for name in _BANDS},
                "dates": _days(stored["dates"]),
                "weekly": tuple(_period_total(row) for row in stored["weekly"]),
                "monthly": tuple(_period_total(row) for row in stored["monthly"]),
                "horizons": tuple(_period_total(row) for row in stored.get("horizons", ())),
                "calendar": tuple(_calendar_day(row) for row in stored.get("calendar", ())),
                "components": Components(**_series(stored["components"])),
                "history": History(**_series(stored["history"])),
                "backtest": _backtest(stored["backtest"]),
                "assumed_spend": _assumed_spend(stored["assumed_spend"]),
                "warnings": tuple(stored["warnings"]),
            }
        )


_BANDS = ("mean", "low80", "high80", "low95", "high95")
_TOTALS = ("total", "total_low80", "total_high80", "total_low95", "total_high95")


def forecast_document(forecast: Forecast) -> dict[str, Any]:
    """The JSON of `adloom forecast`; amounts to the cent, and a row per week under "daily" where the file is weekly."""
    bands = [np.round(getattr(forecast, name), 2).tolist() for name in _BANDS]
    return {
        "model": forecast.model,
        "daily": [
            {"date": str(on), **dict(zip(_BANDS, row, strict=True))}
            for on, *row in zip(forecast.dates, *bands, strict=True)
        ],
        "total": round(forecast.total, 2),
        "total_low80": round(forecast.total_low80, 2),
        "total_high80": round(forecast.total_high80, 2),
        "backtest_mape": None if forecast.backtest.mape is None else round(forecast.backtest.mape, 4),
        "warnings": list(forecast.warnings),
        "cpu_s": round(forecast.cpu_s, 3),
    }


def _encoded(value: Any) -> Any:  # Any: walks the results above, whose types are declared there
    if isinstance(value, np.ndarray):
        return [str(day) for day in value] if value.dtype.kind == "M" else _encoded(value.tolist())
    if isinstance(value, list | tuple):
        return [_encoded(part) for part in value]
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if np.isfinite(value) else None
    if is_dataclass(value):
        return {field.name: _encoded(getattr(value, field.name)) for field in fields(value)}
    return value.isoformat() if isinstance(value, date) else value


def _numbers(stored: list[float | None]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in stored], float)


def _days(stored: list[str]) -> DayArray:
    return np.array(stored, "datetime64[D]")


def _series(stored: dict[str, Any]) -> dict[str, Any]:
    return {name: _days(values) if name == "dates" else _numbers(values) for name, values in stored.items()}


def _period_total(stored: dict[str, Any]) -> PeriodTotal:
    return PeriodTotal(**{**stored, "start_on": date.fromisoformat(stored["start_on"])})


def _calendar_day(stored: dict[str, Any]) -> CalendarDay:
    return CalendarDay(**{**stored, "on": date.fromisoformat(stored["on"])})


def _backtest(stored: dict[str, Any]) -> Backtest:
    return Backtest(
        origins=tuple(
            OriginScore(**{**row, "origin_on": date.fromisoformat(row["origin_on"])}) for row in stored["origins"]
        ),
        mape=stored["mape"],
        coverage80=stored["coverage80"],
        candidates=tuple(CandidateScore(**row) for row in stored["candidates"]),
        latest=PastForecast(**_series(stored["latest"])) if stored.get("latest") else None,
    )


def _assumed_spend(stored: dict[str, Any]) -> AssumedSpend:
    channels = tuple(stored["channels"])
    spend = (
        np.array(stored["spend"], float).reshape(-1, len(channels)) if channels else np.zeros((len(stored["spend"]), 0))
    )
    return AssumedSpend(channels, spend, stored["is_planned"])
