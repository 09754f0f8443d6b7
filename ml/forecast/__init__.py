"""Revenue forecast: Prophet with spend regressors, a structural model and the mix model side by side, and bands that are
checked on the past.

`forecast_revenue` (run.py) is the entry point. It checks the history (history.py), reads the calendar
(calendar_columns.py) and the spend ahead (spend.py), tries the candidates (structural.py, mix_candidate.py,
prophet_candidate.py) from past days (backtest.py, choose.py), learns the bands (bands.py) and answers with a `Forecast`
(result.py).
"""

from ml.forecast.options import ForecastOptions
from ml.forecast.result import (
    AssumedSpend,
    Backtest,
    CalendarDay,
    CandidateScore,
    Components,
    Forecast,
    History,
    OriginScore,
    PastForecast,
    PeriodTotal,
    forecast_document,
)
from ml.forecast.run import forecast_plans, forecast_revenue

__all__ = [
    "AssumedSpend",
    "Backtest",
    "CalendarDay",
    "CandidateScore",
    "Components",
    "Forecast",
    "ForecastOptions",
    "History",
    "OriginScore",
    "PastForecast",
    "PeriodTotal",
    "forecast_document",
    "forecast_plans",
    "forecast_revenue",
]
