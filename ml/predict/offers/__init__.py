"""Next best offer: what each offer is worth for each customer, how sure that is, and none where nothing is gained.

`offer_history` (history.py) → `next_best_offers` (choose.py) → `OfferAdvice`; acceptance.py learns who accepts what.
"""

from ml.predict.offers.choose import OfferAdvice, next_best_offers
from ml.predict.offers.history import Offer, OfferHistory, offer_history

__all__ = ["Offer", "OfferAdvice", "OfferHistory", "next_best_offers", "offer_history"]
