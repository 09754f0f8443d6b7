"""Bringing connected accounts' data in. From button to table:

1. `service.sync_accounts` (a button, the first connection) or `start_due` (the clock) enqueues `sync.account`.   2. `running`
takes the account's turn; `planning` decides the windows, `work` their order: lists, recent days, history newest first.   3. `reading`
asks the connector, several windows beside each other.   4. `loading` copies parts of 20,000 into staging and merges what changed.
5. `cursors` keep the place in the same transaction, so a kill costs at most one part.   6. The roll-up of the changed days follows.

Tables: sync_runs, sync_cursors, sync_states, sync_staging, reconciliations. Web: /w/{workspace}/sync (runs, reconciliation).
Jobs: sync.account, sync.backfill, sync.reconcile, sync.due, sync.workspace_due, sync.all_rates, sync.rates. See docs/explanation/sync.md.
"""
