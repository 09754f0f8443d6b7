"""Churn: the probability that a customer buys nothing in the next so many days, and how well that was calibrated.

`predict_churn` (predict.py) is the entry point; it learns (learn.py) BG/NBD and boosted trees, blends them (blend.py) and tests the
result on the latest window (calibration.py).
"""

from ml.predict.churn.calibration import Calibration, CalibrationBin, calibration_of
from ml.predict.churn.predict import ChurnReport, predict_churn

__all__ = ["Calibration", "CalibrationBin", "ChurnReport", "calibration_of", "predict_churn"]
