"""Secrets are watched over the whole suite: whatever the fakes hand out carries a mark, and the mark may appear nowhere else.

Logs, reports, replies of the product, commands to Redis, errors of connectors and addresses of calls are looked at as they
happen (`canary_places`), rows and log files when the session ends (`canary_stored`). A leak fails the test, or the run.
"""

import base64
import re
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from adloom_sdk.testing.canary import CANARY

_IN_USE = re.compile(CANARY + r"-[\w-]+")
# A report names the place of a leak; more than a few tell nothing new.
_MOST_TOLD = 20


def forms_of(secret: str) -> tuple[str, ...]:
    """How a text looks as it is, and within base64 at each of the three places where it can begin."""
    return (secret, *(_within_base64(secret, skipped) for skipped in range(3)))


def _within_base64(secret: str, skipped: int) -> str:
    whole = base64.b64encode(b"\0" * skipped + secret.encode()).decode()
    return whole[-(-skipped * 8 // 6) : (skipped + len(secret)) * 8 // 6]


TEXTS = forms_of(CANARY)
BYTES = tuple(form.encode() for form in TEXTS)


def holds_a_canary(found: str | bytes) -> bool:
    """Whether the mark is in it."""
    if isinstance(found, str):
        return any(form in found for form in TEXTS)
    return any(form in found for form in BYTES)


class Watch:
    """What one test process has looked through and found; safe between threads."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.in_use: set[str] = set()
        self.is_blind = False
        self._leaks: list[str] = []
        self._guard = threading.Lock()

    def look(self, kind: str, place: str, found: str | bytes) -> None:
        """Count a text of this kind; where the mark is in it, the place is kept, never the text."""
        with self._guard:
            self.counts[kind] += 1
        if holds_a_canary(found):
            self.tell(f"A secret stands in {place}.")

    def tell(self, leak: str, *, kind: str = "secrets out") -> None:
        """Keep a leak for the next report."""
        if self.is_blind:
            return
        with self._guard:
            self.counts[kind] += 1
            self._leaks.append(leak)

    def take(self) -> list[str]:
        """The leaks since the last time."""
        with self._guard:
            taken, self._leaks = self._leaks, []
        return taken

    def note_in_use(self, carried: str) -> None:
        """The secrets that an authorised call carries, which is where they belong."""
        if CANARY in carried:
            with self._guard:
                self.in_use.update(_IN_USE.findall(carried))

    def summary(self) -> dict[str, int]:
        """Counts as plain data, for the process that steers."""
        return {**self.counts, "canaries": len(self.in_use)}


class CanaryPlugin:
    """The hooks of pytest; one per process."""

    def __init__(self, config: pytest.Config, watch: Watch) -> None:
        self.config, self.watch = config, watch
        self.total: Counter[str] = Counter()
        self.leaks: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> Any:
        """Look at what the test printed and how it failed; a test during which something leaked fails."""
        report: pytest.TestReport = yield
        printed = "".join(text for title, text in report.sections if "log" not in title)
        self.watch.look("reports", f"the output or the failure of {item.nodeid}", printed + report.longreprtext)
        if call.when == "teardown" and (leaks := self.watch.take()):
            report.outcome = "failed"
            report.longrepr = "\n".join(leaks[:_MOST_TOLD])
        self.watch.counts["tests"] += call.when == "call"
        return report

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A worker hands its counts over; the process that steers looks through what is stored."""
        from tests.canary_stored import look_through_files, look_through_rows

        if paths := getattr(self.config, "_tmp_path_factory", None):
            look_through_files(self.watch, Path(paths.getbasetemp()))
        output = getattr(self.config, "workeroutput", None)
        if output is not None:
            output["canary"] = {"counts": self.watch.summary(), "leaks": self.watch.take()}
            return
        look_through_rows(self.watch)
        self._add({"counts": self.watch.summary(), "leaks": self.watch.take()})
        if self.leaks:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker counted."""
        self._add(getattr(node, "workeroutput", {}).get("canary", {"counts": {}, "leaks": []}))

    def _add(self, counted: dict[str, Any]) -> None:
        self.total.update(counted["counts"])
        self.leaks += counted["leaks"]

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """What was looked through, in two lines."""
        total = self.total
        for leak in self.leaks[:_MOST_TOLD]:
            terminalreporter.write_line(leak, red=True)
        terminalreporter.write_line(
            f"secrets: {total['tests']:,} tests, {total['log lines']:,} log lines, {total['replies']:,} replies,"
            f" {total['errors']:,} errors, {total['commands']:,} commands to Redis, {total['rows']:,} rows in"
            f" {total['tables']:,} tables, {total['files']:,} log files searched for {total['canaries']:,} canaries:"
            f" {total['secrets out']:,} found"
        )
        terminalreporter.write_line(
            f"hosts: {total['calls']:,} calls of connectors and {total['connections']:,} connections of tests:"
            f" {total['calls out']:,} left the hosts that are allowed"
        )
