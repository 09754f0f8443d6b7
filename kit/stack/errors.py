"""What can go wrong while parts are started and stopped."""

from kit.errors import AdloomError


class StackError(AdloomError):
    code = "stack"
    title = "The embedded stack cannot run"


class PlatformNotSupported(StackError):
    """The embedded servers exist for Linux and macOS only."""


class AlreadyRunning(StackError):
    """Another process holds this data directory."""


class NothingToJoin(StackError):
    """A command needs a database, and there is none to use."""


class PortTaken(StackError):
    """Another program listens where the web server should."""


class DataDirectoryUnusable(StackError):
    """The data directory cannot be used by this version, or by this user."""


class PartDidNotStart(StackError):
    """A part ended, or gave no answer, before it was ready."""
