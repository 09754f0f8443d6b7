"""What is refused as a password, and that comparing tells nothing."""

import pytest

from tenants.identity.errors import WeakPassword
from tenants.identity.passwords import check_password, hash_password, password_matches

ADA = ("ada.lovelace@engines.example", "Ada Lovelace")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("k3#vQ!", "6 characters"),
        ("x" * 257, "more than 256"),
        ("password12", "very common"),
        ("abcdefghij", "easy to guess"),
        ("aaaaaaaaaaaaaa", "easy to guess"),
        ("lovelace-9-kettles", "your name or e-mail"),
        ("my engines.example 77", "your name or e-mail"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, reason: str) -> None:
    with pytest.raises(WeakPassword, match=reason) as refused:
        check_password(password, about=ADA)
    assert refused.value.errors[0].field == "password"
    assert refused.value.hint


@pytest.mark.parametrize("password", ["correct horse battery staple", "vier grüne Lampen tropfen", "mQ7$kd02-zplv!"])
def test_a_password_that_is_hard_to_guess_is_taken(password: str) -> None:
    check_password(password, about=ADA)


def test_the_stored_hash_is_argon2id_and_fits_only_its_password() -> None:
    stored = hash_password("seven quiet lamps drift")
    assert stored.startswith("$argon2id$")
    assert password_matches("seven quiet lamps drift", stored)
    assert not password_matches("seven quiet lamps drifT", stored)


def test_nobody_matches_any_password() -> None:
    assert not password_matches("nobody has this password", None)


def test_a_damaged_hash_is_no_match() -> None:
    assert not password_matches("anything at all", "$argon2id$broken")
