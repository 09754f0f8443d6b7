"""Log lines: readable by people or machines, and without secrets in either form."""

import json
import logging
import sys

import pytest

from kit.logging import JsonLines, PlainLines, without_secrets


def _record(message: str, **extra: object) -> logging.LogRecord:
    record = logging.LogRecord("app.sync", logging.INFO, __file__, 1, message, (), None)
    vars(record).update(extra)
    return record


@pytest.mark.parametrize(
    "text",
    [
        "cannot reach postgresql://adloom:hunter2-secret@db:5432/adloom",
        "cannot reach redis://:hunter2-secret@cache/0",
        "Authorization: Bearer hunter2-secret-of-someone",
        "used sk_live_hunter2secret",
        "password=hunter2-secret&next=/",
        '{"api_key": "hunter2-secret"}',
        "token: hunter2-secret",
    ],
)
def test_secrets_are_taken_out(text: str) -> None:
    assert "hunter2" not in without_secrets(text)


def test_what_is_no_secret_stays() -> None:
    text = "Fetched 12 campaigns from https://example.org/path?page=2 in 0.3 s"
    assert without_secrets(text) == text


def test_a_json_line_carries_what_the_call_brought() -> None:
    entry = json.loads(JsonLines().format(_record("Fetched", campaigns=12, url="redis://:hunter2@cache/0")))
    assert (entry["level"], entry["logger"], entry["message"], entry["campaigns"]) == (
        "INFO",
        "app.sync",
        "Fetched",
        12,
    )
    assert "hunter2" not in entry["url"]


@pytest.mark.parametrize("lines", [JsonLines(), PlainLines()])
def test_a_trace_is_kept_without_its_secrets(lines: logging.Formatter) -> None:
    record = _record("Failed")
    try:
        raise ValueError("password=hunter2")
    except ValueError:
        record.exc_info = sys.exc_info()
    text = lines.format(record)
    assert "ValueError" in text
    assert "hunter2" not in text
