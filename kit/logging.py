"""Log lines for people (`text`) or machines (`json`), with secrets taken out of both. `configure_logging` once per process."""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

from kit.settings import Settings

_TAKEN_OUT = "[secret]"
# Passwords in addresses, bearer and API tokens, and `password=…`-like pairs.
_SECRETS = (
    (re.compile(r"(?P<keep>[a-z][a-z0-9+.-]*://[^:/?#\s@]*):[^@/\s]+@", re.IGNORECASE), rf"\g<keep>:{_TAKEN_OUT}@"),
    (re.compile(r"(?P<keep>\bbearer\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\g<keep>{_TAKEN_OUT}"),
    (re.compile(r"\b(?:sk|rk|whsec|al_live|al_test)_[A-Za-z0-9_]{8,}"), _TAKEN_OUT),
    (
        re.compile(
            r"(?P<keep>\b(?:password|passwd|secret|token|api[_-]?key|authorization)\b[\"']?\s*[=:]\s*[\"']?)"
            r"(?!\[secret\])[^\s\"',;&}]+",
            re.IGNORECASE,
        ),
        rf"\g<keep>{_TAKEN_OUT}",
    ),
)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
# Libraries that tell every request at INFO.
_QUIET = ("httpx", "httpcore", "botocore", "boto3", "urllib3", "uvicorn.access", "cmdstanpy", "prophet")


def configure_logging(settings: Settings) -> None:
    """Send everything to standard error in the chosen form; safe to call again."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.adloom_log_format == "json" else PlainLines())
    logging.basicConfig(level=settings.adloom_log_level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)


def without_secrets(text: str) -> str:
    """The text with everything taken out that looks like a password, token or key."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class PlainLines(logging.Formatter):
    """`2026-03-01 12:00:00 INFO app.sync: Fetched 12 campaigns`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", datefmt="%Y-%m-%d %H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """One line, and the trace where there is one."""
        return without_secrets(super().format(record))


class JsonLines(logging.Formatter):
    """One object per line: `at`, `level`, `logger`, `message`, `trace`, and whatever `extra` brought."""

    def format(self, record: logging.LogRecord) -> str:
        """An object whose values are plain JSON."""
        entry: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        entry |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        return json.dumps({key: _clean(value) for key, value in entry.items()}, ensure_ascii=False)


def _clean(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    return without_secrets(str(value))
