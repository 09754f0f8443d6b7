"""Connections to platforms: which connectors there are, signing in, credentials under lock, accounts, and how each one fares.

Tables: connections, connection_secrets, connection_secret_settings, sign_in_attempts, ad_accounts. Web: /w/{workspace}/connections, /connections/callback;
API: /api/v1/connectors, /api/v1/connections. Jobs: connections.finish_sign_in, connections.check, connections.remove, connections.purge_attempts.
Events: AccountsChosen, ConnectionResumed, ConnectionRemoving, ConnectionRemoved (who listens: `app/flows.py`). What is read is `app/sync`'s affair.

From button to accounts: pages → connecting.consent_address → sign_in.begin → the platform → pages.callback → connecting.come_back
→ job FinishSignIn → tasks → opening.open_connector → service.keep_accounts → pages.save_accounts → events.AccountsChosen.
"""
