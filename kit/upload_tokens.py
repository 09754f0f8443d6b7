"""Tokens for uploads to our own address: key, largest size and expiry, signed, so that no table needs to remember them."""

import base64
import hashlib
import hmac
import json

from kit.clock import utc_now
from kit.errors import NotAllowed

_SIGNATURE_BYTES = 32


class UploadTokens:
    """Makes and reads tokens with one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, key: str, *, max_bytes: int, expires_in_s: int) -> str:
        """A token that allows one key to be written until it expires."""
        expires = int(utc_now().timestamp()) + expires_in_s
        payload = json.dumps([key, max_bytes, expires], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._signature(payload) + payload).rstrip(b"=").decode()

    def read(self, token: str) -> tuple[str, int]:
        """(key, largest size in bytes); refuses what we have not signed, and what has expired."""
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            raw = b""
        signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(payload)):
            raise NotAllowed("This upload address is not valid.", "Start the upload again.")
        key, max_bytes, expires = json.loads(payload)
        if utc_now().timestamp() > expires:
            raise NotAllowed("This upload address has expired.", "Start the upload again.")
        return key, max_bytes

    def _signature(self, payload: bytes) -> bytes:
        return hmac.digest(self._secret, payload, hashlib.sha256)
