"""Jobs of this slice. They carry the workspace's currency and time zone, which a tenant's schema does not know."""

from kit.jobs import Job, Queue, job


@job("predictions.plan", queue=Queue.IO, title="Planning when predictions are scored and models trained")
class PlanPredictions(Job, frozen=True, kw_only=True):
    """Put each workspace's own schedules on its own clock. Running twice changes nothing."""


@job("predictions.score", queue=Queue.IO, title="Comparing predictions with what happened", max_attempts=3)
class ScorePredictions(Job, frozen=True, kw_only=True):
    """Score what has become final. Running twice scores nothing twice."""

    currency: str
    timezone: str


@job("predictions.train_campaigns", queue=Queue.MODEL, title="Learning from your campaigns", max_attempts=2)
class TrainCampaigns(Job, frozen=True, kw_only=True):
    """Check the running model, train a new one, and predict with the better. Running twice on one day predicts the same days once."""

    currency: str
    timezone: str


@job("predictions.train_customers", queue=Queue.MODEL, title="Learning from your customers", max_attempts=2)
class TrainCustomers(Job, frozen=True, kw_only=True):
    """Learn what customers will bring and who stops buying, and say it of each. Running twice overwrites what was said with the same."""

    currency: str
    timezone: str


@job("offers.train", queue=Queue.MODEL, title="Learning who takes which offer", max_attempts=2)
class TrainOffers(Job, frozen=True, kw_only=True):
    """Learn from offers that were shown, and choose each customer's next one. Running twice overwrites the choice with the same.

    It stands here, and what does it in `app.offers`, so that one schedule plans all training.
    """

    currency: str
    timezone: str
