"""A loopback server that answers with given bodies only, and `adloom connector read` against it, in this process."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from click.testing import CliRunner

from app.cli.connectors.command import connector


@dataclass(frozen=True)
class Answer:
    """What is answered to calls whose method and path fit, `times` of them; `path` is a pattern that a path must end with."""

    path: str
    body: Any = None
    method: str = ".*"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1_000_000

    @property
    def content(self) -> bytes:
        """The body as sent; text and bytes stay as they are."""
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Outcome:
    """What the command printed, and the paths that were called."""

    rows: list[dict[str, Any]]
    exit_code: int
    error: dict[str, Any]
    paths: list[str]


_MISSING = Answer(path="", body={"message": "not recorded"}, status=404)
_ENDS = {"content-length", "content-encoding", "transfer-encoding", "date", "connection"}


@contextmanager
def replayed(answers: Sequence[Answer]) -> Iterator[tuple[str, list[str]]]:
    """The address of the server, and the paths that were called there. What has no answer is 404."""
    paths: list[str] = []
    left = [one.times for one in answers]

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            path = self.path.partition("?")[0]
            paths.append(path)
            fits = (
                number
                for number, one in enumerate(answers)
                if left[number] and re.fullmatch(one.method, self.command) and re.search(f"{one.path}$", path)
            )
            number = next(fits, None)
            found = _MISSING if number is None else answers[number]
            if number is not None:
                left[number] -= 1
            self.send_response(found.status)
            told = {name.lower(): value for name, value in found.headers.items()}
            for name, value in ({"content-type": "application/json"} | told).items():
                if name not in _ENDS:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(found.content)))
            self.end_headers()
            self.wfile.write(found.content)

        do_GET = do_POST = _answer  # noqa: N815 - the names that the server looks for

        def log_message(self, *_args: object) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", paths
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def read(key: str, account: str, since: str, until: str, answers: Sequence[Answer], *words: str) -> Outcome:
    """What `adloom connector read` makes of these answers."""
    with replayed(answers) as (address, paths):
        days = ["--since", since, "--until", until]
        options = ["--account", account, *days, "--base-url", address, "--timeout", "60", "--json", *words]
        done = CliRunner().invoke(connector, ["read", key, *options])
    if done.exit_code not in {0, 3}:
        raise AssertionError(done.output) from done.exception
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return Outcome(rows, done.exit_code, json.loads(done.stderr) if done.exit_code == 3 else {}, paths)
