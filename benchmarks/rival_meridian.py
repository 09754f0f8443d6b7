"""Meridian's mix model with automatic knots, run as a script by the interpreter that `ADLOOM_MERIDIAN_PYTHON` names.

Same input and output as `rival_pymc`. National model, events as controls, automatic knot selection, two chains of
500 + 250 + 500, everything else as it comes.
"""

import json
import sys
import time
import warnings
from typing import Any

CHAINS, ADAPT, BURN, KEEP = 2, 500, 250, 500


def main() -> None:
    warnings.simplefilter("ignore")
    asked = json.load(sys.stdin)
    json.dump([answered(case) for case in asked["cases"]], sys.stdout)


def answered(case: dict[str, Any]) -> dict[str, Any]:  # JSON in and out
    import numpy as np
    import pandas as pd  # only here: rivals' environments hold their own
    from meridian.analysis import analyzer  # type: ignore[import-not-found]  # only in the rival's environment
    from meridian.data import data_frame_input_data_builder  # type: ignore[import-not-found]  # as above
    from meridian.model import model, spec  # type: ignore[import-not-found]  # as above

    names = [name for name, column in case["spend"].items() if sum(column) > 0]
    table = pd.DataFrame({"time": case["dates"], **{name: case["spend"][name] for name in names}, **case["controls"]})
    table["kpi"] = case["revenue"]
    table["revenue_per_kpi"] = 1.0
    builder = data_frame_input_data_builder.DataFrameInputDataBuilder(kpi_type="revenue")
    builder = builder.with_kpi(table).with_media(table, media_cols=names, media_spend_cols=names, media_channels=names)
    if case["controls"]:
        builder = builder.with_controls(table, control_cols=list(case["controls"]))
    began_s = time.process_time()
    fitted = model.Meridian(input_data=builder.build(), model_spec=spec.ModelSpec(enable_aks=True))
    fitted.sample_posterior(n_chains=CHAINS, n_adapt=ADAPT, n_burnin=BURN, n_keep=KEEP, seed=1)
    spent_s = time.process_time() - began_s
    roi = np.asarray(analyzer.Analyzer(fitted).roi()).reshape(-1, len(names))
    return {"roi": {name: roi[:, row].tolist() for row, name in enumerate(names)}, "cpu_s": spent_s}


if __name__ == "__main__":
    main()
