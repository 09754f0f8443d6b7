"""Who did what and when in a workspace: one append-only table, written in the transaction of the act itself.

Table: audit_log. Every service that changes something a colleague may ask about calls `service.record`.
"""
