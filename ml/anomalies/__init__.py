"""Detection of anomalies in daily metrics: what does not fit its own weekday, level, season and noise, and why.

`find_anomalies` (judge.py) is the entry point, `explain_change` (causes.py) splits a change of revenue into spend, CPM, CTR,
CVR and order value. Method: structure.py (ordinary days), scan.py (what does not fit), tails.py (how rare that is),
evidence.py (whether it speaks for a change).
"""

from ml.anomalies.causes import CausePart, Explanation, Funnel, explain_change
from ml.anomalies.judge import find_anomalies
from ml.anomalies.options import DetectionOptions
from ml.anomalies.result import Anomaly, AnomalyReport, MetricReading
from ml.anomalies.series import Metric

__all__ = [
    "Anomaly",
    "AnomalyReport",
    "CausePart",
    "DetectionOptions",
    "Explanation",
    "Funnel",
    "Metric",
    "MetricReading",
    "explain_change",
    "find_anomalies",
]
