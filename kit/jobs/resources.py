"""What a handler may use of the outside: files, mail, templates, settings. Opened once per worker process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

# For the type checker alone: whoever only enqueues loads neither storage nor mail.
if TYPE_CHECKING:
    from jinja2 import Environment

    from kit.notify import Mailer
    from kit.settings import Settings
    from kit.storage import Storage


@dataclass(frozen=True)
class Resources:
    """The process's outside parts."""

    settings: Settings
    storage: Storage
    mailer: Mailer
    templates: Environment
