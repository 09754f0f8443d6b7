"""The embedded stack: real PostgreSQL and Valkey from wheels, and the supervisor that runs every part of Adloom on one machine.

`services.start_services` is PostgreSQL and Valkey alone; `supervisor.Supervisor` is the whole. Nothing here knows the product.
"""
