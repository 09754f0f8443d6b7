"""The ledger of predictions, and the models that learn from campaigns."""
