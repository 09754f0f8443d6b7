"""Passwords: refused while they are easy to guess, hashed with argon2id, compared in the same time for unknown people."""

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn_rs_py import zxcvbn

from kit.errors import FieldError
from tenants.identity.errors import WeakPassword

SHORTEST, LONGEST = 10, 256
_WEAKEST_SCORE = 3
# 32 MiB and two passes cost about 50 ms here; four at a time bound what a flood of sign-ins can take.
_HASHER = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)
_SLOTS = threading.BoundedSemaphore(4)


def check_password(password: str, *, about: tuple[str, ...] = ()) -> None:
    """Refuse a password that is short or easy to guess; `about` are the person's own words (name, address)."""
    if len(password) < SHORTEST:
        raise _weak(f"The password has {len(password)} characters; at least {SHORTEST} are needed.")
    if len(password) > LONGEST:
        raise _weak(f"The password has more than {LONGEST} characters.")
    lowered = password.lower()
    words = [word for text in about for word in text.lower().replace("@", " ").split() if len(word) > 3]
    if any(word in lowered for word in words):
        raise _weak("The password contains your name or e-mail address.")
    estimate = zxcvbn(password[:100], words)
    if int(estimate.score) < _WEAKEST_SCORE:
        warning = estimate.feedback.warning if estimate.feedback else None
        raise _weak(f"The password is easy to guess. {warning or 'It would be guessed quickly.'}")


def hash_password(password: str) -> str:
    """The argon2id hash that is stored."""
    with _SLOTS:
        return _HASHER.hash(password)


def password_matches(password: str, stored: str | None) -> bool:
    """True where the password is right; without a stored hash the same work is done in vain."""
    with _SLOTS:
        try:
            _HASHER.verify(stored or _nobodys_hash(), password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash("nobody has this password")


def _weak(reason: str) -> WeakPassword:
    hint = "Use four or five unrelated words, or let your password manager make one."
    return WeakPassword(reason, hint, [FieldError(reason, field="password")])
