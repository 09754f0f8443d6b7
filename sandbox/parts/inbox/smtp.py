"""The SMTP side of the inbox, on the event loop of the web server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from sandbox.faults import FaultKind
from sandbox.part import World
from sandbox.parts.inbox.letters import Letter, Letters, letter_from_wire

MAX_MESSAGE_BYTES = 5_000_000
REJECT = FaultKind("smtp_reject", "The mail server refuses the recipient for good (550).")
DEFER = FaultKind("smtp_defer", "The mail server says “try again later” (451).")
DELAY = FaultKind("smtp_delay", "The mail server takes its time before it accepts a message.", waits=True)
LOST_REPLY = FaultKind(
    "smtp_lost_reply", "The mail server keeps the message, but the connection breaks before it says so."
)
FAULT_KINDS = (REJECT, DEFER, DELAY, LOST_REPLY)


@asynccontextmanager
async def receiving(letters: Letters, world: World) -> AsyncIterator[None]:
    """Take mail on the world's SMTP socket."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _protocol(_Receiver(letters, world), loop), sock=world.smtp_socket)
    try:
        yield
    finally:
        server.close()
        await server.wait_closed()


def _protocol(receiver: "_Receiver", loop: asyncio.AbstractEventLoop) -> SMTP:
    return SMTP(
        receiver,
        data_size_limit=MAX_MESSAGE_BYTES,
        enable_SMTPUTF8=True,
        hostname="sandbox.adloom.example",
        ident="Adloom sandbox",
        auth_require_tls=False,
        authenticator=lambda *_: AuthResult(success=True),
        loop=loop,
    )


class _Receiver:
    """Answers the SMTP commands that matter here; the method names are aiosmtpd's hooks."""

    def __init__(self, letters: Letters, world: World) -> None:
        self._letters = letters
        self._world = world

    async def handle_RCPT(  # noqa: N802  # the name of aiosmtpd's hook
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[Any]
    ) -> str:
        """Take or refuse one recipient."""
        if self._world.faults.take(REJECT):
            return f"550 5.1.1 <{address}> refused, as the sandbox was told"
        if self._world.faults.take(DEFER):
            return "451 4.7.1 Please try again later, as the sandbox was told"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # a hook too
        """Keep the message."""
        if delay := self._world.faults.take(DELAY):
            # A sender that hangs up in the meantime cancels this, so its message is not kept.
            await asyncio.sleep(delay.delay_s)
        letter = self._letters.add(lambda number: self._letter(number, envelope))
        if self._world.faults.take(LOST_REPLY) and server.transport:
            server.transport.abort()  # type: ignore[attr-defined]  # aiosmtpd types it as BaseTransport
        return f"250 2.0.0 Kept as message {letter.id}"

    def _letter(self, number: int, envelope: Envelope) -> Letter:
        return letter_from_wire(
            number,
            received_at=self._world.now(),
            mail_from=envelope.mail_from or "",
            recipients=list(envelope.rcpt_tos),
            raw=envelope.original_content or b"",
        )
