"""What slices announce. The one that announces does not know who listens: `app/flows.py` is the table that says what happens next.

A happening is a frozen dataclass in the slice's `events.py`; listeners are called in the transaction in which it happens.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

Happening = TypeVar("Happening")
_listeners: dict[type, list[Callable[[Session, Any], None]]] = defaultdict(list)


def listen(kind: type[Happening], listener: Callable[[Session, Happening], None]) -> None:
    """From now on `listener` is called when it happens. Saying it twice changes nothing."""
    if listener not in _listeners[kind]:
        _listeners[kind].append(listener)


def announce(session: Session, happening: object) -> None:
    """Tell everybody who listens."""
    for listener in _listeners[type(happening)]:
        listener(session, happening)
