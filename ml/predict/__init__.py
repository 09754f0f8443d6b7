"""Predictions, each with its calibration and a refusal: lifetime value, churn, next best offer, campaigns, and their drift."""
