"""PyMC-Marketing's mix model, well configured, run as a script by the interpreter that `ADLOOM_PYMC_PYTHON` names.

Reads JSON from standard input, {"cases": [{"dates", "spend", "revenue", "controls"}, ...]} with weekly columns, and writes one
answer per case: draws of each channel's return and the CPU seconds. It knows nothing of the project, whose environment never
holds a rival. Two yearly Fourier terms, a trend, events as controls, geometric lag of eight weeks, logistic saturation,
two chains of 1,000 + 1,000.
"""

import json
import sys
import time
import warnings
from typing import Any

CHAINS, TUNE, DRAWS, KEPT = 2, 1000, 1000, 1000


def main() -> None:
    warnings.simplefilter("ignore")
    asked = json.load(sys.stdin)
    json.dump([answered(case) for case in asked["cases"]], sys.stdout)


def answered(case: dict[str, Any]) -> dict[str, Any]:  # JSON in and out
    import pandas as pd  # only here: rivals' environments hold their own
    from pymc_marketing.mmm import (  # type: ignore[import-not-found]  # only in the rival's environment
        GeometricAdstock,
        LogisticSaturation,
    )
    from pymc_marketing.mmm.multidimensional import MMM  # type: ignore[import-not-found]  # as above

    names = list(case["spend"])
    table = pd.DataFrame({"date": pd.to_datetime(case["dates"]), **case["spend"], **case["controls"]})
    table["trend"] = [index / len(table) for index in range(len(table))]
    model = MMM(
        date_column="date",
        channel_columns=names,
        control_columns=[*case["controls"], "trend"],
        adstock=GeometricAdstock(l_max=8),
        saturation=LogisticSaturation(),
        yearly_seasonality=2,
    )
    revenue = pd.Series(case["revenue"], name="y")
    model.build_model(table, revenue)
    model.add_original_scale_contribution_variable(var=["channel_contribution"])
    began_s = time.process_time()
    model.fit(
        table,
        revenue,
        chains=CHAINS,
        tune=TUNE,
        draws=DRAWS,
        cores=1,
        nuts_sampler="nutpie",
        progressbar=False,
        random_seed=1,
    )
    spent_s = time.process_time() - began_s
    found = model.fit_result["channel_contribution_original_scale"].sum("date").stack(sample=("chain", "draw"))
    spent = pd.Series({name: float(table[name].sum()) for name in names})
    step = CHAINS * DRAWS // KEPT
    draws = {name: (found.sel(channel=name).to_numpy()[::step] / spent[name]).tolist() for name in names if spent[name]}
    return {"roi": draws, "cpu_s": spent_s}


if __name__ == "__main__":
    main()
