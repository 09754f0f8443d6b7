"""Offers that a business can make, how often each is taken, and who should see which.

Tables: offers. Web: /w/{workspace}/offers, …/offers/{id}; API: /api/v1/offers, /api/v1/offers/{id}.
Jobs: offers.train (weekly, and whenever an offer changes). Path of a choice: tasks → training.train_offers (occasions.py reads what was
shown and taken, `ml.predict.offers` learns) → `app.predictions` keeps the version and each customer's next offer → pages, API.
"""
