"""Situations of an import."""

from kit.errors import Conflict, InvalidInput


class ImportNotWaiting(Conflict):
    """The import is not at the step that was asked for."""

    code = "import-not-waiting"


class AllRowsRejected(InvalidInput):
    """Not one row could be accepted."""

    code = "all-rows-rejected"


class CurrencyDiffers(InvalidInput):
    """The file's currency is not the workspace's, and adding them up would be wrong."""

    code = "currency-differs"
