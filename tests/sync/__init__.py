"""Syncing accounts."""
