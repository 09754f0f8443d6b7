"""Secrets at rest open only with their key, in their place, unchanged."""

import base64
from dataclasses import replace

import pytest
from pydantic import SecretStr

from kit.settings import Settings
from kit.vault import DoesNotOpen, Sealed, UnknownKey, Vault, open_vault

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
HERE = "ws_1/connection/7"


def test_what_was_sealed_opens_again_and_does_not_show() -> None:
    record = Vault({"old": OLD}).seal(b"refresh-token-canary", context=HERE)
    assert b"canary" not in record.sealed
    assert Vault({"old": OLD}).open(record, context=HERE) == b"refresh-token-canary"


def test_two_seals_of_the_same_secret_differ() -> None:
    vault = Vault({"old": OLD})
    assert vault.seal(b"x", context=HERE).sealed != vault.seal(b"x", context=HERE).sealed


def test_a_record_copied_to_another_place_does_not_open() -> None:
    record = Vault({"old": OLD}).seal(b"x", context=HERE)
    with pytest.raises(DoesNotOpen):
        Vault({"old": OLD}).open(record, context="ws_2/connection/7")


@pytest.mark.parametrize("place", [0, 5, 20, -1])
def test_a_changed_record_does_not_open(place: int) -> None:
    record = Vault({"old": OLD}).seal(b"secret", context=HERE)
    changed = bytearray(record.sealed)
    changed[place] ^= 1
    with pytest.raises(DoesNotOpen):
        Vault({"old": OLD}).open(replace(record, sealed=bytes(changed)), context=HERE)


def test_rotation_rewraps_so_that_the_old_key_can_go() -> None:
    record = Vault({"old": OLD}).seal(b"secret", context=HERE)
    rewrapped = Vault({"new": NEW, "old": OLD}).rewrapped(record, context=HERE)
    assert rewrapped.key_id == "new"
    assert Vault({"new": NEW}).open(rewrapped, context=HERE) == b"secret"


def test_a_key_that_is_not_there_is_named_with_what_to_do() -> None:
    with pytest.raises(UnknownKey, match="lost"):
        Vault({"new": NEW}).open(Sealed("lost", b"\x01" + bytes(100)), context=HERE)


def test_settings_list_keys_newest_first(settings: Settings) -> None:
    listed = f"b:{base64.b64encode(NEW).decode()}, a:{base64.b64encode(OLD).decode()}"
    vault = open_vault(settings.model_copy(update={"adloom_vault_keys": SecretStr(listed)}))
    assert vault.key_id == "b"
    assert vault.open(Vault({"a": OLD}).seal(b"x", context=HERE), context=HERE) == b"x"


def test_without_keys_one_is_derived_from_the_secret_key(settings: Settings) -> None:
    record = open_vault(settings).seal(b"x", context=HERE)
    other = settings.model_copy(update={"adloom_secret_key": SecretStr("another-secret-key-of-32-characters!")})
    assert open_vault(settings).open(record, context=HERE) == b"x"
    with pytest.raises(DoesNotOpen):
        open_vault(other).open(record, context=HERE)


@pytest.mark.parametrize("listed", ["a:short", "no-key", ":" + base64.b64encode(OLD).decode(), "a:%%%"])
def test_keys_that_cannot_be_read_stop_the_start(settings: Settings, listed: str) -> None:
    with pytest.raises(ValueError, match="ADLOOM_VAULT_KEYS"):
        open_vault(settings.model_copy(update={"adloom_vault_keys": SecretStr(listed)}))
