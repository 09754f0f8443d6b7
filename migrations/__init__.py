"""Two alembic histories, `control/` for the shared schema and `tenant/` for each workspace's own, and two MetaData behind them.

They are run by `tenants.isolation.migrate`, never by `create_all`: what is migrated from zero is what runs.
"""
