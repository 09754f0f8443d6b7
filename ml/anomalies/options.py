"""What the caller decides: how often an ordinary metric may ring, and which days are judged."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from ml.errors import BadOption

DAYS_PER_MONTH = 365.25 / 12
TESTS_PER_DAY = 2.5  # five overlapping shapes per day count as this many; benchmarks/ml_anomalies.py measures the rate


@dataclass(frozen=True)
class DetectionOptions:
    """How often an ordinary metric may ring per month at most, the smallest change worth an alarm, and the days that are judged.

    `judge_last_days` None judges the whole history. Days after `final_until` are provisional: neither judged nor used.
    `false_discovery_share` drops alarms until no more than that share of all is to be expected false.
    """

    alarms_per_month: float = 0.5
    least_change: float = 0.15
    judge_last_days: int | None = None
    final_until: date | None = None
    false_discovery_share: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.alarms_per_month <= 10:
            raise BadOption("The alarms per month must lie above 0 and not above 10.", "Try 0.5: one in two months.")
        if not 0 <= self.least_change < 10:
            raise BadOption("The least change must lie between 0 and 10.", "Enter 0.15 for 15 %.")
        if self.judge_last_days is not None and self.judge_last_days < 1:
            raise BadOption("At least one day must be judged.", "Enter 1 or more days.")
        if self.false_discovery_share is not None and not 0 < self.false_discovery_share < 1:
            raise BadOption("The share of false alarms must lie between 0 and 1.", "Enter 0.1 for a tenth.")

    @property
    def log_chance(self) -> float:
        """Log probability per test at which an alarm rings."""
        return float(np.log(self.alarms_per_month / DAYS_PER_MONTH / TESTS_PER_DAY))
