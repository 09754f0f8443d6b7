"""Every setting of the product, read once from the environment (and `.env`). With none set, the embedded default runs.

`docs/reference/settings.md` documents each; a contract test keeps it complete.
"""

import hashlib
import hmac
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Frozen; passed explicitly to what needs it. Field names are the environment variables in lower case."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True, env_ignore_empty=True
    )

    adloom_env: Literal["development", "test", "production"] = Field(
        "development", description="`production` refuses to start with unsafe settings."
    )
    adloom_data_dir: Path = Field(
        Path(".adloom"), description="Where the embedded stack keeps its data, files and secrets."
    )
    adloom_host: str = Field("127.0.0.1", description="Address that the web server listens on.")
    adloom_port: int = Field(
        8000, description="Port of the web server; the next free one is taken in the demo when it is busy."
    )
    adloom_base_url: str = Field(
        "", description="Address that people see, used in mail; empty: derived from host and port."
    )
    adloom_secret_key: SecretStr = Field(
        SecretStr(""), description="Signs sessions and tokens; at least 32 characters. The demo makes its own."
    )
    adloom_worker_threads: int = Field(8, ge=1, le=64, description="Threads of a general worker process.")
    adloom_log_format: Literal["text", "json"] = Field("text", description="`json` for machines.")
    adloom_log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much is logged.")
    adloom_spare_schemas: int = Field(
        3, ge=0, le=50, description="Workspaces that are built ahead, so that sign-up takes milliseconds."
    )
    adloom_sandbox_url: str = Field(
        "", description="Base address of the sandbox's pages in the demo; empty: no link is shown."
    )

    database_url: SecretStr = Field(
        SecretStr(""), description="PostgreSQL 15 or newer, as an owner that may create roles. Empty: the embedded one."
    )
    database_app_url: SecretStr = Field(
        SecretStr(""),
        description="Address for the application's own login role, e.g. through a pooler. Empty: derived.",
    )
    database_pool_size: int = Field(10, ge=1, le=200, description="Connections per process.")
    redis_url: SecretStr = Field(SecretStr(""), description="Redis or Valkey 6.2 or newer. Empty: the embedded one.")

    s3_bucket: str = Field("", description="Bucket for uploads and exports. Empty: a local directory.")
    s3_endpoint_url: str = Field("", description="Address of a server that speaks S3; empty: AWS.")
    s3_region: str = Field("us-east-1", description="Region of the bucket.")
    s3_access_key_id: str = Field("", description="Access key; empty: the machine's own credentials.")
    s3_secret_access_key: SecretStr = Field(SecretStr(""), description="Secret of the access key.")

    smtp_host: str = Field("", description="Mail server. Empty: mail is written to the data directory.")
    smtp_port: int = Field(587, description="Port of the mail server.")
    smtp_username: str = Field("", description="User at the mail server.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at the mail server.")
    smtp_tls: Literal["none", "starttls", "tls"] = Field("starttls", description="How the connection is protected.")
    mail_from: str = Field("Adloom <hello@adloom.example>", description="Sender of the product's mail.")

    connectors_base_url: str = Field(
        "",
        description="Where connectors call instead of the platforms, `{host}` standing for the platform's host. Empty: the platforms themselves; the demo names its sandbox.",
    )
    connector_apps: SecretStr = Field(
        SecretStr(""),
        description='Your apps at the platforms, as JSON: {"meta_ads": {"client_id": "…", "client_secret": "…"}, …}.',
    )
    adloom_vault_keys: SecretStr = Field(
        SecretStr(""),
        description="Keys that stored sign-ins are sealed with, as id:base64 of 32 bytes, newest first, separated by commas. Empty: derived from the secret key.",
    )

    stripe_secret_key: SecretStr = Field(
        SecretStr(""), description="Stripe API key. Empty: plans are set with `adloom plan set`."
    )
    stripe_webhook_secret: SecretStr = Field(SecretStr(""), description="Signing secret of the Stripe webhook.")
    openai_api_key: SecretStr = Field(
        SecretStr(""), description="Key of an OpenAI-compatible model. Empty: deterministic narration."
    )
    openai_base_url: str = Field("", description="Address of an OpenAI-compatible endpoint.")

    @field_validator("database_url", "database_app_url")
    @classmethod
    def _psycopg_driver(cls, value: SecretStr) -> SecretStr:
        """`postgres://` and `postgresql://` both mean psycopg 3."""
        url = value.get_secret_value()
        for prefix in ("postgres://", "postgresql://"):
            if url.startswith(prefix):
                return SecretStr("postgresql+psycopg://" + url.removeprefix(prefix))
        return value

    @property
    def base_url(self) -> str:
        """Where people reach the product, without a trailing slash."""
        return (self.adloom_base_url or f"http://{self.adloom_host}:{self.adloom_port}").rstrip("/")

    @property
    def is_secure(self) -> bool:
        """True where people come over TLS, so that cookies may insist on it."""
        return self.base_url.startswith("https://")

    def derived_key(self, purpose: str) -> bytes:
        """32 bytes for one purpose, derived from the secret key (HKDF-like: HMAC-SHA256 over the purpose)."""
        return hmac.digest(self.adloom_secret_key.get_secret_value().encode(), purpose.encode(), hashlib.sha256)


@cache
def load_settings() -> Settings:
    """The process's settings; edges (asgi, worker, cli) call this once and pass the result on."""
    return Settings()
