"""A mail server that follows a script, for what a well-behaved one never does: no TLS, broken goodbyes, odd replies."""

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

POLITE = {
    "greeting": "220 scripted.example",
    "EHLO": "250-scripted.example\r\n250-AUTH PLAIN\r\n250 STARTTLS",
    "STARTTLS": "220 Go on",
    "AUTH": "235 2.7.0 Welcome",
    "MAIL": "250 OK",
    "RCPT": "250 OK",
    "DATA": "354 Go on",
    ".": "250 Kept",
    "QUIT": "221 Bye",
}
HANG_UP = ""


@dataclass
class ScriptedServer:
    """Serves a single connection; `heard` are the lines that it was told, `heard_in_clear` those without TLS."""

    replies: Mapping[str, str]
    context: ssl.SSLContext | None
    is_tls_from_start: bool
    port: int = 0
    heard: list[str] = field(default_factory=list)
    heard_in_clear: list[str] = field(default_factory=list)

    def serve(self, listener: socket.socket) -> None:
        """Answer until the script or the client hangs up."""
        with suppress(OSError), ExitStack() as stack:
            connection = stack.enter_context(listener.accept()[0])
            connection.settimeout(20)
            if self.is_tls_from_start:
                connection = stack.enter_context(self._protected(connection))
            connection.sendall(self.replies["greeting"].encode() + b"\r\n")
            while (verb := self._next_verb(connection)) and (reply := self.replies.get(verb, "502 No")) != HANG_UP:
                connection.sendall(reply.encode() + b"\r\n")
                if verb == "STARTTLS" and reply.startswith("220"):
                    connection = stack.enter_context(self._protected(connection))

    def _next_verb(self, connection: socket.socket) -> str:
        """The next command; the text of a mail is read up to its final dot, which counts as a command of its own."""
        line = self._read_line(connection)
        if self.heard and self.heard[-1].upper() == "DATA":
            while line not in ("", "."):
                self.heard.append(line)
                line = self._read_line(connection)
        self.heard.append(line)
        if not isinstance(connection, ssl.SSLSocket):
            self.heard_in_clear.append(line)
        return line.split(" ")[0].upper()

    @staticmethod
    def _read_line(connection: socket.socket) -> str:
        line = b""
        while not line.endswith(b"\r\n") and (received := connection.recv(1)):
            line += received
        return line.decode().rstrip("\r\n") or ("" if not line else " ")

    def _protected(self, connection: socket.socket) -> socket.socket:
        assert self.context is not None
        return self.context.wrap_socket(connection, server_side=True)


@contextmanager
def scripted_server(
    replies: Mapping[str, str] | None = None, *, context: ssl.SSLContext | None = None, is_tls_from_start: bool = False
) -> Iterator[ScriptedServer]:
    """A server with these replies in place of the polite ones."""
    server = ScriptedServer(POLITE | dict(replies or {}), context, is_tls_from_start)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        thread = threading.Thread(target=server.serve, args=(listener,))
        thread.start()
        yield server
        thread.join(timeout=20)


def self_signed(directory: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1 that whoever knows the file may trust, and the server's side of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "scripted.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = directory / "certificate.pem", directory / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file, key_file)
    return certificate_file, context
