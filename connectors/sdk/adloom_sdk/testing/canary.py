"""The mark that every secret of a fake carries, so that a test can look for leaked ones anywhere by one text."""

import secrets

CANARY = "sandbox-canary"


def made_up_secret(size: int = 24) -> str:
    """A token, code or key that nobody can guess, and that everybody recognises."""
    return f"{CANARY}-{secrets.token_urlsafe(size)}"
