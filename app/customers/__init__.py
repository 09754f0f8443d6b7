"""Customers and what they did: orders, refunds, touches, offers; told by a file or through the API.

Tables: customers, customer_events, customer_uploads. Web: /w/{workspace}/customers, …/customers/{id}, …/customers/uploads; API:
/api/v1/customers…, /api/v1/events. Jobs: imports.run_customers.
Path of an event: `app.imports.customer_api` | `customer_pages` (what comes in comes in through imports, which know channels' spellings)
→ telling.checked (the same rules for files and programs) → taking.take_events (set-wise, each thing once, the customers' running
numbers in the same transaction) → listing (pages, API), queries (what predictions and touch paths learn from).
"""
