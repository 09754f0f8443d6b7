"""The real sandbox as a process of its own, on free ports, for every test that talks to the outside world."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from kit.settings import Settings

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class RunningSandbox:
    """A sandbox that answers."""

    process: "subprocess.Popen[str]"
    http: httpx.Client
    smtp_port: int

    @property
    def mail_settings(self) -> Settings:
        """Settings whose mail goes to this sandbox."""
        return Settings(smtp_host="127.0.0.1", smtp_port=self.smtp_port, smtp_tls="none", _env_file=None)

    def settings_with(self, **changes: Any) -> Settings:
        """The same with some fields changed."""
        return self.mail_settings.model_copy(update=changes)

    def latest(self, *, to: str) -> dict[str, Any]:
        """The newest message to this address; waits for it."""
        reply = self.http.get("/api/inbox/latest", params={"to": to, "wait_s": 10})
        reply.raise_for_status()
        message: dict[str, Any] = reply.json()
        return message

    def arm(self, kind: str, *, times: int = 1, delay_s: float = 2.0) -> None:
        """Make the next deliveries fail."""
        self.http.post("/api/faults", json={"kind": kind, "times": times, "delay_s": delay_s}).raise_for_status()

    def reset(self) -> None:
        """Forget everything and disarm."""
        for path in ("/api/inbox", "/api/webhooks", "/api/faults"):
            self.http.delete(path).raise_for_status()


@contextmanager
def running_sandbox(data_dir: Path) -> Iterator[RunningSandbox]:
    """Start the sandbox on this directory; it is gone afterwards."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--smtp-port", "0", "--data-dir", str(data_dir)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            address, smtp_port = _announced(process.stdout.readline())
            with httpx.Client(base_url=address, timeout=20) as http:
                yield RunningSandbox(process, http, smtp_port)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _announced(line: str) -> tuple[str, int]:
    match = re.search(r"(http://127\.0\.0\.1:\d+) \(mail to 127\.0\.0\.1:(\d+)\)", line)
    assert match, f"The sandbox did not start: {line!r}"
    return match[1], int(match[2])
