"""What a campaign will bring over its next 7 or 30 days: conversions and ROAS, with ranges that are checked on days kept back.

`campaign_history` (history.py) takes rows; `train_campaigns` (train.py) learns rates drawn towards peers (shrinkage.py), what moves
them (features.py, trees.py), which method is best (methods.py) and how far off it is (bands.py), and answers with a `CampaignModel`
(model.py), which is plain JSON; `predict_campaign` (predict.py) asks it, `model_drift` (watch.py) tells whether it still fits.
"""

from ml.predict.campaigns.history import CampaignHistory, CampaignLabels, campaign_history
from ml.predict.campaigns.model import Calibration, CampaignModel
from ml.predict.campaigns.predict import CampaignPrediction, Estimate, predict_campaign, predict_campaigns
from ml.predict.campaigns.train import train_campaigns
from ml.predict.campaigns.watch import model_drift

__all__ = [
    "Calibration",
    "CampaignHistory",
    "CampaignLabels",
    "CampaignModel",
    "CampaignPrediction",
    "Estimate",
    "campaign_history",
    "model_drift",
    "predict_campaign",
    "predict_campaigns",
    "train_campaigns",
]
