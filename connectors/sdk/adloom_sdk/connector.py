"""The contract: what a connector is, and what it is given to work with."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar

from adloom_sdk.errors import Cancelled
from adloom_sdk.http import Client
from adloom_sdk.limiter import Throttle
from adloom_sdk.manifest import Manifest
from adloom_sdk.messages import Action, CheckResult, EntityRef, EntityState, Message, ReadRequest
from adloom_sdk.records import Account
from adloom_sdk.replies import Reply


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Context:
    """What the host gives to every call: the client (signed in, limited, redacted), the connection's settings, clock, log, cancel."""

    http: Client
    config: Mapping[str, str] = field(default_factory=dict)
    clock: Callable[[], datetime] = _now
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("adloom.connector"))
    is_cancelled: Callable[[], bool] = lambda: False

    def stop_if_cancelled(self) -> None:
        """Raise Cancelled where the host wants to stop; call it once per page, and while waiting for a report."""
        if self.is_cancelled():
            raise Cancelled("Stopped on request.")


class Connector(ABC):
    """One platform. Stateless: everything that a call needs comes with it, so calls may run beside each other."""

    manifest: ClassVar[Manifest]

    def check(self, ctx: Context) -> CheckResult:
        """Whether the sign-in works. Raises the error that says what is wrong; by default, by listing one account."""
        next(iter(self.accounts(ctx)), None)
        return CheckResult()

    @abstractmethod
    def accounts(self, ctx: Context) -> Iterator[Account]:
        """Every account that the sign-in reaches, those that cannot be read with their `problem`."""

    @abstractmethod
    def read(self, ctx: Context, request: ReadRequest) -> Iterator[Message]:
        """Answer one request with batches, and a checkpoint wherever it could go on from there."""

    def state(self, ctx: Context, ref: EntityRef) -> EntityState:
        """What the platform tells of the entity now. Needed where a write capability is declared."""
        raise NotImplementedError(f"{self.manifest.key} declares a write capability without `state`")

    def write(self, ctx: Context, action: Action, *, dry_run: bool = False) -> str:
        """Send one change and return the platform's request id ('' where it gives none). Never tries twice by itself."""
        raise NotImplementedError(f"{self.manifest.key} declares a write capability without `write`")

    @classmethod
    def error_of(cls, reply: Reply) -> Exception | None:
        """The error that a reply stands for, None where it is none. Called for every reply; the default goes by HTTP status."""
        return reply.error_by_status()

    @classmethod
    def throttle_of(cls, reply: Reply) -> Throttle | None:  # noqa: ARG003 - for those who override it
        """What a reply's headers say about the budget left; None where they say nothing."""
        return None
