"""Lets a command on the terminal use the stack that already runs beside it, with no settings at all."""

import os

from kit.settings import Settings, load_settings
from kit.stack.errors import NothingToJoin
from kit.stack.files import DataDirectory
from kit.stack.state import look


def join_running_stack() -> None:
    """Take over the running stack's settings where none are set; refuse where there is neither."""
    settings = Settings()
    if settings.database_url.get_secret_value():
        return
    directory = DataDirectory(settings.adloom_data_dir)
    if not look(directory).is_running:
        raise NothingToJoin(
            f"No database is set, and nothing runs from {directory.root}.",
            "Start Adloom first (`make demo` or `adloom up`), or set DATABASE_URL.",
        )
    for name, value in directory.read_environment().items():
        os.environ.setdefault(name, value)
    load_settings.cache_clear()
