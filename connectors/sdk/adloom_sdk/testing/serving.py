"""A fake platform behind a loopback socket, for browsers, other processes and whoever writes a connector."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from adloom_sdk.testing.fakes import FakePlatform, Request


@contextmanager
def served(platform: FakePlatform, *, port: int = 0) -> Iterator[str]:
    """The base address of the fake while the block runs."""

    class Handler(_Handler):
        fake = platform

    server = _Server(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away in the middle of a call is nothing to report."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    fake: FakePlatform
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the journal has it."""

    def do_GET(self) -> None:
        self._respond()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the base class asks for these names

    def _respond(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.fake.handle(
            Request(self.command, parts.path, parts.query, headers, body, headers.get("host", ""))
        )
        if answer.is_lost:
            self.close_connection = True
            return
        content, out = answer.wire()
        self.send_response(answer.status)
        for name, value in out.items():
            self.send_header(name, value)
        # A cut body promises more than it sends.
        self.send_header("content-length", str(len(content) * 2 + 1 if answer.is_cut else len(content)))
        self.end_headers()
        self.wfile.write(content)
        if answer.is_cut:
            self.close_connection = True
