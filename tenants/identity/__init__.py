"""People and how they prove who they are: sign-up, verification, sign-in, sessions for the web, tokens for the API.

Tables: control.users, web_sessions, refresh_tokens, email_tokens, throttles. Web: /sign-up /sign-in /sign-out /verify-email
/password-reset; API: /api/v1/auth/*. Path of a sign-up: pages.sign_up → service.register → workspaces.create_first_workspace
(claims a spare schema) → enqueue(SendVerification) → tasks send the mail.
"""
