"""One schema and one NOLOGIN role per workspace; every transaction becomes its tenant, and PostgreSQL refuses the rest.

`planes` opens sessions, `roles` makes the database's roles, `provision` builds and hands out schemas, `migrate` runs both
histories over all of them. Tables: control.schemas. See docs/explanation/tenancy.md.
"""
