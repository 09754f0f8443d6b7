"""Plans, what they include, and what has been used of it. Tables: control.subscriptions, control.usage_counters.

`plans.py` is the catalogue as data; `entitlements.py` the one vocabulary that routes, services and templates ask in.
"""
