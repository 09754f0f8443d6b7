"""`python -m sandbox --port 8025 --smtp-port 1025 --data-dir .adloom/sandbox`: start the sandbox on loopback."""

import argparse
import fcntl
import logging
import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

from sandbox.changes import Changes
from sandbox.faults import Faults
from sandbox.part import World
from sandbox.server import serve

LOOPBACK = "127.0.0.1"


def main() -> None:
    """Read the options, take the ports and the directory, serve."""
    options = _options()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd warns of its own use of a name it deprecated
    os.umask(0o077)  # sign-in links are kept here: for the owner's eyes only
    options.data_dir.mkdir(parents=True, exist_ok=True)
    _take_directory(options.data_dir)
    changes = Changes()
    world = World(
        data_dir=options.data_dir,
        smtp_socket=_listen(options.smtp_port, "--smtp-port"),
        changes=changes,
        faults=Faults(changes),
        now=lambda: datetime.now(UTC),
        seen_at=options.seen_at,
    )
    serve(world, _listen(options.port, "--port"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="The outside world on your own machine.")
    parser.add_argument("--port", type=int, default=8025, help="port of the pages; 0 takes a free one (default 8025)")
    parser.add_argument("--smtp-port", type=int, default=1025, help="port of the mail server; 0 too (default 1025)")
    parser.add_argument("--data-dir", type=Path, default=Path(".adloom/sandbox"), help="where what comes in is kept")
    seen_help = "instant from which the platforms' numbers are seen for good, such as 2026-05-01T12:00:00+00:00"
    parser.add_argument("--seen-at", type=datetime.fromisoformat, default=None, help=seen_help)
    return parser.parse_args()


def _take_directory(directory: Path) -> None:
    """Two sandboxes would overwrite each other's files; the lock goes with the process, however it ends."""
    lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"Another sandbox uses {directory}. Stop it, or choose another directory with --data-dir.")


def _listen(port: int, option: str) -> socket.socket:
    # asyncio switches off Nagle's algorithm only where the protocol is named; with it, each mail takes 40 ms longer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen()
    except OSError as error:
        sys.exit(f"Port {port} cannot be used ({error.strerror}). Choose another with {option}; 0 takes a free one.")
    return listener


if __name__ == "__main__":
    main()
