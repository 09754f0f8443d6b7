"""The ledger of predictions: written down before, scored after, shown beside every new one; and the models that learn each week.

Tables: predictions, prediction_scores, models, customer_predictions. Web: /w/{workspace}/predictions (track record), …/customers (what
customers will bring, who stops buying), and parts of other pages; API: /api/v1/recommendations/track-record, recommendations/predict/
conversions | roas | ltv, predictions/customers.
Jobs: predictions.plan (puts each workspace's schedules), predictions.score (daily), predictions.train_campaigns and predictions.train_customers (weekly).
Events: none of its own; it hears `app.mix.events.RunFinished` (`app/flows.py`) and writes down what the run said (`from_runs`).
Path of a number: service.record → (its days pass and become final) → scoring.score_due → service.track_record → pages, API.
Path of a model: tasks → training.train_campaigns (ml.predict.campaigns) → registry → models → asking.predict → service.record.
Path of customers: tasks → customer_training (orders from `app.customers`; ml.predict.lifetime, ml.predict.churn) → registry, customer_answers
(a number per customer), service.record (all of them together) → customer_pages, customer_api.
"""
