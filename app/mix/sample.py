"""The sample that a plan without the decision pages sees: the demo shop's results, computed once and kept in the storage.

Pages only read it. `enqueue_sample` asks for it where it is missing; the handler in tasks.py calls `build_sample`.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy.orm import Session

from app.mix.jobs import BuildSample
from app.mix.running import attribution_result, budget_result, forecast_result
from app.mix.schemas import SEED, BudgetRequest, ForecastRequest
from kit.jobs import enqueue
from kit.storage import FileMissing, Storage
from ml.forecast import Forecast
from ml.mix.fit import fit_mix
from ml.mix.results import MixFit
from ml.synth import demo_shop

KEY = "samples/mix-v1.json"
ENDS_ON = date(2026, 10, 31)
FORECAST = ForecastRequest(horizon_days=30)
BUDGET = BudgetRequest(name="Sample plan", max_change=0.3)

_read: WeakKeyDictionary[Storage, "Sample"] = WeakKeyDictionary()


@dataclass(frozen=True)
class Sample:
    """One result of each kind, of one made-up shop."""

    fit: MixFit
    forecast: Forecast
    plan: dict[str, Any]

    @property
    def slots(self) -> dict[str, int]:
        """The shop's channels in the order of their colours."""
        return {name: slot for slot, name in enumerate(self.fit.names)}


def enqueue_sample(control: Session, storage: Storage) -> bool:
    """Ask for the sample where there is none yet; True where that was needed."""
    if storage.exists(KEY):
        return False
    enqueue(control, BuildSample(), dedupe_key="mix.sample")
    return True


def build_sample(storage: Storage, *, progress: Callable[[float, str], None], days: int = 730) -> None:
    """Compute the sample and store it. Doing it twice stores the same."""
    frame = demo_shop(seed=1, end_on=ENDS_ON, days=days).frame()
    fit = fit_mix(frame, seed=SEED, progress=lambda share, sentence: progress(share * 0.4, sentence))
    ahead = forecast_result(frame, FORECAST, lambda share, sentence: progress(0.4 + share * 0.55, sentence))
    document = {
        "fit": attribution_result(fit)["fit"],
        "forecast": ahead["forecast"],
        "plan": budget_result(fit, BUDGET),
    }
    storage.put(KEY, io.BytesIO(msgspec.json.encode(document)))


def read_sample(storage: Storage) -> Sample | None:
    """The sample, from memory after the first time; None where it has not been computed yet."""
    if storage not in _read:
        try:
            with storage.open(KEY) as stored:
                document = msgspec.json.decode(stored.read())
        except FileMissing:
            return None
        _read[storage] = Sample(
            MixFit.from_dict(document["fit"]), Forecast.from_dict(document["forecast"]), document["plan"]
        )
    return _read[storage]
