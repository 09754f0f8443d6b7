"""What the forecast is compared with: the seasonal naive one, Prophet's defaults, AutoETS and AutoTheta."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ml.forecast.prophet_quiet import silence_prophet
from ml.frames import FloatArray, MarketingFrame

RIVALS_PYTHON = os.environ.get("ADLOOM_RIVALS_PYTHON", "")
# Geometric mean MASE over the ten series with statsforecast 2.1.1, where it is not installed; measured by this benchmark.
RECORDED = {"AutoETS": 1.294, "AutoTheta": 1.302}
Cut = tuple[str, MarketingFrame, int, int]  # series, frame, origin, horizon


def seasonal_naive(frame: MarketingFrame, origin: int, horizon: int) -> FloatArray:
    lag = 7 if frame.cadence_days == 1 else 1
    return np.resize(frame.revenue[origin - lag : origin], horizon)


def prophet_defaults(frame: MarketingFrame, origin: int, horizon: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Prophet as its documentation starts: daily spend columns as regressors, nothing else set, its own 80 % bands."""
    silence_prophet()
    import pandas as pd
    from prophet import Prophet

    np.random.seed(0)  # Prophet draws its bands from the global state
    stop = origin + horizon
    table = pd.DataFrame({"ds": pd.DatetimeIndex(frame.dates[:stop].astype("datetime64[s]"))})
    model = Prophet()
    for index in range(len(frame.channels)):
        table[f"x{index}"] = frame.spend[:stop, index]
        model.add_regressor(f"x{index}")
    model.fit(table.iloc[:origin].assign(y=frame.revenue[:origin]))
    ahead = model.predict(table.iloc[origin:])
    mean, low, high = (ahead[name].to_numpy(float) for name in ("yhat", "yhat_lower", "yhat_upper"))
    return mean, low, high


def statsforecast_means(cuts: Sequence[Cut]) -> dict[str, list[FloatArray]]:
    """AutoETS's and AutoTheta's means of every cut, with weekly season where daily; empty where they are not installed."""
    if not RIVALS_PYTHON:
        return {}
    asked = {
        "series": [frame.revenue[:origin].tolist() for _, frame, origin, _ in cuts],
        "horizons": [horizon for *_, horizon in cuts],
        "seasons": [7 if frame.cadence_days == 1 else 52 for _, frame, _, _ in cuts],
    }
    script = Path(__file__).with_name("statsforecast_process.py")
    done = subprocess.run(
        [RIVALS_PYTHON, str(script)], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    answer = json.loads(done.stdout)
    return {name: [np.array(mean) for mean in found["forecasts"]] for name, found in answer.items()}
