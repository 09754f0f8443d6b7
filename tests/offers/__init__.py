"""Offers: keeping them, and learning who should see which."""
