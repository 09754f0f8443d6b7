"""People and how they prove who they are: sign-up, verification, sign-in, sessions for the web, tokens for the API.

Tables: control.users, web_sessions, refresh_tokens, email_tokens, throttles. Web: /sign-up /sign-in /sign-out /verify-email
/password-reset /invitations /account; API: /api/v1/auth/*. Jobs: mails of these, and clearing away what expired. Lies above
`tenants.workspaces`, which it uses for the first workspace and for invitations.
Path of a sign-up: pages.sign_up → service.register → workspaces.creation.create_workspace (claims a spare schema) →
enqueue(SendVerification) → tasks.send_verification.
"""
