"""Customer lifetime value: who still buys, how often, for how much, and how far such predictions were off.

`purchases_from_columns` (purchases.py) → `predict_lifetime` (predict.py) → `LifetimeReport` (result.py). Inside: summary →
bgnbd and gamma_gamma (both by maximise.py) → snapshot → futures, boosting → holdout. simulate.py makes cohorts with known truth.
"""

from ml.predict.lifetime.bgnbd import BgNbd, expected_purchases, fit_bgnbd, p_alive, p_no_purchase
from ml.predict.lifetime.boosting import CustomerFeatures
from ml.predict.lifetime.gamma_gamma import GammaGamma, expected_spend, fit_gamma_gamma
from ml.predict.lifetime.predict import predict_lifetime
from ml.predict.lifetime.purchases import Purchases, purchases_from_columns
from ml.predict.lifetime.result import Holdout, LifetimeReport
from ml.predict.lifetime.summary import RfmSummary, rfm_from_columns, summarise_customers

__all__ = [
    "BgNbd",
    "CustomerFeatures",
    "GammaGamma",
    "Holdout",
    "LifetimeReport",
    "Purchases",
    "RfmSummary",
    "expected_purchases",
    "expected_spend",
    "fit_bgnbd",
    "fit_gamma_gamma",
    "p_alive",
    "p_no_purchase",
    "predict_lifetime",
    "purchases_from_columns",
    "rfm_from_columns",
    "summarise_customers",
]
