"""Faults by rule: which calls go wrong, how often, and how."""

import random
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from adloom_sdk.testing.fakes import Answer

_HTML = b"<!DOCTYPE html><html><head><title>Error 404 (Not Found)</title></head><body><p>404.</p></body></html>"


class Fault(msgspec.Struct, kw_only=True):
    """One rule. `kind` is a refusal ("throttled", "server_error", "expired", "revoked", "scope", "app_not_approved",
    "account_disabled", "sunset", "not_found", "bad_request"), or what happens to the reply ("lost_response": done, but never
    answered; "cut_body", "html", "extra_field", "unknown_status", "slow"), or "expire_token" (the token of the call ends now).

    It hits calls whose path contains `path` (and whose method is `method`), from the `skip`-th on, `times` times at most,
    each with `probability`.
    """

    kind: Any
    path: str = ""
    method: str = ""
    skip: int = 0
    times: int = 1_000_000
    probability: float = 1.0
    delay_s: float = 0.0
    done: int = 0


class Faults:
    """The armed rules; the first that fits a call is used."""

    def __init__(self, *, seed: int) -> None:
        self._rules: list[Fault] = []
        self._dice = random.Random(seed)  # noqa: S311 - faults must come the same way again
        self._guard = threading.Lock()

    def all(self) -> list[Fault]:
        """Every rule with its count."""
        return list(self._rules)

    def add(self, fault: Fault) -> Fault:
        """Arm a rule."""
        self._rules.append(fault)
        return fault

    def clear(self) -> None:
        """Everything works again."""
        self._rules.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The rule that this call falls under."""
        with self._guard:
            for rule in self._rules:
                if rule.path not in path or (rule.method and rule.method != method) or rule.done >= rule.times:
                    continue
                if rule.skip > 0:
                    rule.skip -= 1
                    continue
                if self._dice.random() < rule.probability:
                    rule.done += 1
                    return rule
        return None


def mangled(answer: "Answer", fault: Fault) -> "Answer":
    """The answer after the fault."""
    if fault.kind == "lost_response":
        return replace(answer, is_lost=True)
    if fault.kind == "cut_body":
        content, headers = answer.wire()
        return replace(answer, content=content[: len(content) // 2], headers=headers, is_cut=True)
    if fault.kind == "html":
        return replace(answer, content=_HTML, headers={"content-type": "text/html; charset=UTF-8"})
    return replace(answer, body=_changed(answer.body, fault.kind))


def _changed(value: Any, kind: str) -> Any:
    """Every object gets a field that nobody knows, or every status a word that nobody knows."""
    if isinstance(value, list):
        return [_changed(item, kind) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {key: _changed(item, kind) for key, item in value.items()}
    if kind == "extra_field":
        return changed | {"zz_brand_new": {"nested": [1, "two", None]}}
    return {
        key: "ZZ_BRAND_NEW" if key.lower().endswith("status") and isinstance(item, str) else item
        for key, item in changed.items()
    }
