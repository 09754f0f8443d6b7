"""AutoETS and AutoTheta of statsforecast, run as a script by the interpreter that `ADLOOM_RIVALS_PYTHON` names.

Reads JSON from standard input, {"series": [...], "horizons": [...], "seasons": [...]}, and writes per model the forecasts
and the CPU seconds they took. It knows nothing of the project, whose environment never holds a rival.
"""

import json
import sys
import time
import warnings

import numpy as np


def main() -> None:
    from statsforecast.models import AutoETS, AutoTheta  # type: ignore[import-not-found]  # only in the rivals' environment

    warnings.simplefilter("ignore")
    asked = json.load(sys.stdin)
    answer = {}
    for name, model in (("AutoETS", AutoETS), ("AutoTheta", AutoTheta)):
        began_s = time.process_time()
        forecasts = [
            model(season_length=season).forecast(y=np.array(series, float), h=horizon)["mean"].tolist()
            for series, horizon, season in zip(asked["series"], asked["horizons"], asked["seasons"], strict=True)
        ]
        answer[name] = {"forecasts": forecasts, "cpu_s": time.process_time() - began_s}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
