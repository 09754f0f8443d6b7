"""The secret key, and the keys of outside services: whether they are set and strong, never what they are."""

from app.cli.doctor.findings import Finding
from kit.settings import Settings

_MIN_LENGTH = 32
_MIN_DIFFERENT = 10
_HOW_TO_MAKE = "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"


def look_at_keys(settings: Settings) -> list[Finding]:
    """The key that everything is signed with, then payments and language model."""
    return [_secret_key(settings), _payments(settings), _language_model(settings)]


def _secret_key(settings: Settings) -> Finding:
    key = settings.adloom_secret_key.get_secret_value()
    if not key and settings.adloom_env == "production":
        return Finding("Secret key", "problem", "ADLOOM_SECRET_KEY is not set.", _HOW_TO_MAKE)
    if not key:
        return Finding("Secret key", "ok", "Not set; `make demo` and `adloom up` make their own and keep it.")
    if len(key) < _MIN_LENGTH or len(set(key)) < _MIN_DIFFERENT:
        return Finding(
            "Secret key",
            "problem",
            f"ADLOOM_SECRET_KEY is weak; it needs {_MIN_LENGTH} random characters.",
            _HOW_TO_MAKE,
        )
    return Finding("Secret key", "ok", "Set, and long enough.")


def _payments(settings: Settings) -> Finding:
    if not settings.stripe_secret_key.get_secret_value():
        return Finding("Payments", "ok", "Stripe is not connected; `adloom plan set` changes plans.")
    if not settings.stripe_webhook_secret.get_secret_value():
        return Finding(
            "Payments",
            "problem",
            "Stripe has a key but no webhook secret, so paid plans would never arrive.",
            "Set STRIPE_WEBHOOK_SECRET from Stripe's page of webhooks.",
        )
    return Finding("Payments", "ok", "Stripe's key and webhook secret are set.")


def _language_model(settings: Settings) -> Finding:
    if settings.openai_api_key.get_secret_value():
        return Finding("Language model", "ok", f"A key is set for {settings.openai_base_url or 'the usual address'}.")
    return Finding("Language model", "ok", "Not connected; texts come from fixed wording.")
