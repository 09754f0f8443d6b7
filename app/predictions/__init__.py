"""The ledger of predictions: written down before, scored after, shown beside every new one; and the models that learn each week.

Tables: predictions, prediction_scores, models. Web: /w/{workspace}/predictions (track record), and parts of other pages under it;
API: /api/v1/recommendations/track-record, recommendations/predict/conversions, recommendations/predict/roas.
Jobs: predictions.plan (puts each workspace's schedules), predictions.score (daily), predictions.train_campaigns (weekly).
Events: none of its own; it hears `app.mix.events.RunFinished` (`app/flows.py`) and writes down what the run said (`from_runs`).
Path of a number: service.record → (its days pass and become final) → scoring.score_due → service.track_record → pages, API.
Path of a model: tasks → training.train_campaigns (ml.predict.campaigns) → models → asking.predict → service.record.
"""
