"""Secrets at rest: envelope encryption with AES-256-GCM. Each record has a data key of its own, wrapped by a master key with an id.

A sealed record belongs to its place: the context (workspace and record) is authenticated with it, so a row copied elsewhere does
not open. A new master key goes first in `ADLOOM_VAULT_KEYS`; old ones stay behind it until `adloom vault rotate` has re-wrapped.
"""

import base64
import binascii
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kit.errors import Unavailable
from kit.settings import Settings

_NONCE_BYTES = 12
_KEY_BYTES = 32
_TAG_BYTES = 16
_WRAPPED_BYTES = _NONCE_BYTES + _KEY_BYTES + _TAG_BYTES
_FORMAT = b"\x01"


class UnknownKey(Unavailable):
    """A record names a master key that this installation does not have."""


class DoesNotOpen(Unavailable):
    """A record was changed, moved, or sealed with another key of the same id."""


@dataclass(frozen=True)
class Sealed:
    """What is stored: the master key's id beside the sealed bytes."""

    key_id: str
    sealed: bytes


class Vault:
    """Seals and opens; the first key seals, all open."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        if not keys:
            raise ValueError("A vault needs a key")
        self._keys = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self.key_id = next(iter(keys))

    def __repr__(self) -> str:
        return f"Vault({', '.join(self._keys)})"

    def seal(self, plain: bytes, *, context: str) -> Sealed:
        """Encrypt under a fresh data key."""
        data_key = AESGCM.generate_key(bit_length=256)
        body = _encrypted(AESGCM(data_key), plain, context)
        return Sealed(self.key_id, _FORMAT + _encrypted(self._keys[self.key_id], data_key, context) + body)

    def open(self, record: Sealed, *, context: str) -> bytes:
        """Decrypt. Raises UnknownKey or DoesNotOpen."""
        data_key = self._data_key(record, context)
        return _decrypted(AESGCM(data_key), record.sealed[1 + _WRAPPED_BYTES :], context)

    def rewrapped(self, record: Sealed, *, context: str) -> Sealed:
        """The same record with its data key wrapped by the newest master key; the body stays as it is."""
        data_key = self._data_key(record, context)
        wrapped = _encrypted(self._keys[self.key_id], data_key, context)
        return Sealed(self.key_id, _FORMAT + wrapped + record.sealed[1 + _WRAPPED_BYTES :])

    def _data_key(self, record: Sealed, context: str) -> bytes:
        master = self._keys.get(record.key_id)
        if master is None:
            raise UnknownKey(
                f"A stored sign-in was sealed with the key “{record.key_id}”, which this installation does not have.",
                "Put the key back into ADLOOM_VAULT_KEYS, behind the newest one.",
            )
        if record.sealed[:1] != _FORMAT:
            raise DoesNotOpen("A stored sign-in cannot be read.", "Sign in at the platform again.")
        return _decrypted(master, record.sealed[1 : 1 + _WRAPPED_BYTES], context)


def open_vault(settings: Settings) -> Vault:
    """The vault on these settings. The key derived from the installation's secret key comes last, so that who moves to keys of
    their own can still open what was sealed before.
    """
    listed = settings.adloom_vault_keys.get_secret_value()
    keys = dict(_key(item) for item in listed.split(",")) if listed else {}
    return Vault({**keys, "default": keys.get("default", settings.derived_key("vault"))})


def _key(item: str) -> tuple[str, bytes]:
    key_id, _, encoded = item.strip().partition(":")
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        key = b""
    if not key_id or len(key) != _KEY_BYTES:
        raise ValueError(
            "ADLOOM_VAULT_KEYS lists keys as id:base64 of 32 bytes, separated by commas, the newest first."
        )
    return key_id, key


def _encrypted(key: AESGCM, plain: bytes, context: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + key.encrypt(nonce, plain, context.encode())


def _decrypted(key: AESGCM, sealed: bytes, context: str) -> bytes:
    try:
        return key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode())
    except InvalidTag:
        raise DoesNotOpen("A stored sign-in cannot be read.", "Sign in at the platform again.") from None
